"""Raw files that nobody delivered: drawn at random from a definition, or made from declared counts.

What is known of real answers is in the second kind alone, and only what its file declares.
"""

from analysis.demonstration.draw import draw_wave, encoded, write_demonstration

__all__ = ["draw_wave", "encoded", "write_demonstration"]
