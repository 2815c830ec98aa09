"""Which figures are published: reliability, then confidentiality -> status and reason.

One row of the table of estimates after the other: :mod:`.reliability`. All of them together:
:mod:`.confidential`, which asks :mod:`.knowledge` what a reader could work out and :mod:`.suppress`
what to hide against it. Where a survey rounds its counts: :mod:`.coarse`, before either.
"""

from analysis.disclosure.confidential import (
    PATTERN,
    Hidden,
    conceal,
    conceal_rounded,
    conceal_sample,
    find_hidden,
    ruled,
)
from analysis.disclosure.reliability import FEWEST, doubtful, hidden, publishable, untold

__all__ = [
    "FEWEST",
    "PATTERN",
    "Hidden",
    "conceal",
    "conceal_rounded",
    "conceal_sample",
    "doubtful",
    "find_hidden",
    "hidden",
    "publishable",
    "ruled",
    "untold",
]
