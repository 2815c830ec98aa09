"""The data of the page on which a reader picks indicator, domain and wave (explorer.html).

Made from the published table alone, as scripts that register themselves: a page opened from its
file may load a script, but may not fetch. Every word and number is made here; the page's script
places them, and makes none. Other languages have files of words; numbers stand in the French ones.
"""

from analysis.explorer.files import write_explorer, write_explorer_index, write_explorer_words

__all__ = ["write_explorer", "write_explorer_index", "write_explorer_words"]
