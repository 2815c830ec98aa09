"""What the pages say: French numbers, "Lecture" lines, findings and method statements.

Every sentence is made from a row of the table of estimates and from the definition, so that
it stays true whatever the data are.
"""

from analysis.wording.findings import Gap, clearly_wider, differ, gap, share, stands_out
from analysis.wording.lines import (
    base_note,
    champ,
    group_label,
    lecture,
    plain_label,
    population_name,
    sampling_note,
    shown,
    shown_interval,
    source,
    subtitle,
    unit,
)
from analysis.wording.marks import ROUNDED_SHARES, letters, marked, marks_note
from analysis.wording.method import method_html
from analysis.wording.numbers import (
    NBSP,
    NNBSP,
    file_size,
    integer,
    interval,
    listed,
    number,
    percent,
    points,
    printed,
    typeset,
)
from analysis.wording.origins import DEMONSTRATION, called, made, origin_word, stamp
from analysis.wording.rows import Estimate, estimates

__all__ = [
    "DEMONSTRATION",
    "NBSP",
    "NNBSP",
    "ROUNDED_SHARES",
    "Estimate",
    "Gap",
    "base_note",
    "called",
    "champ",
    "clearly_wider",
    "differ",
    "estimates",
    "file_size",
    "gap",
    "group_label",
    "integer",
    "interval",
    "lecture",
    "letters",
    "listed",
    "made",
    "marked",
    "marks_note",
    "method_html",
    "number",
    "origin_word",
    "percent",
    "plain_label",
    "points",
    "population_name",
    "printed",
    "sampling_note",
    "share",
    "shown",
    "shown_interval",
    "source",
    "stamp",
    "stands_out",
    "subtitle",
    "typeset",
    "unit",
]
