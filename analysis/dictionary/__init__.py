"""The codebook for readers and for programs: pages, DDI-Codebook, Table Schema, CSV.

Right of the wall: made from the definition and from the published codebook
(:mod:`analysis.codebook`), never from a respondent.
"""

from analysis.dictionary.files import names, write_metadata
from analysis.dictionary.pages import write_pages

__all__ = ["names", "write_metadata", "write_pages"]
