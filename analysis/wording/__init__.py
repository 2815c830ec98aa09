"""What the pages say: French numbers, "Lecture" lines, findings and method statements.

Every sentence is made from a row of the table of estimates and from the definition, so that
it stays true whatever the data are.
"""

from analysis.wording.findings import Gap, clearly_wider, differ, gap, one_in, share, stands_out
from analysis.wording.lines import (
    base_note,
    champ,
    group_label,
    lecture,
    plain_label,
    population_name,
    remark,
    sampling_note,
    shown,
    shown_interval,
    source,
    subtitle,
    unit,
)
from analysis.wording.method import method_brief, method_html
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
from analysis.wording.origins import DEMONSTRATION, made, origin_word, stamp
from analysis.wording.rows import Estimate, estimates

__all__ = [
    "DEMONSTRATION",
    "NBSP",
    "NNBSP",
    "Estimate",
    "Gap",
    "base_note",
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
    "listed",
    "made",
    "method_brief",
    "method_html",
    "number",
    "one_in",
    "origin_word",
    "percent",
    "plain_label",
    "points",
    "population_name",
    "printed",
    "remark",
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
