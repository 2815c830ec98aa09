"""The data of the page on which a reader picks indicator, domain and wave (explorer.html).

Made from the published table alone, as scripts that register themselves: a page opened from its
file may load a script, but may not fetch. Every word and number is made here; the page's script
places them, and makes none.
"""

from analysis.explorer.files import write_explorer

__all__ = ["write_explorer"]
