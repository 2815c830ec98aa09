"""The conventions of an estimate, each named by the caller and repeated in ``method``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from analysis.errors import nearest, refuse

Interval = Literal["logit", "wilson", "korn_graubard", "xlogit", "asin", "wald"]
Freedom = Literal["design", "domain"]
Reference = Literal["wr", "wor"]


@dataclass(frozen=True, slots=True)
class Options:
    """How intervals and design effects are made.

    df : degrees of freedom of the whole design (R's ``degf``) or of the domain's own PSUs
    ci : interval of a proportion (means and totals: Wald) ; level : its coverage
    deff : simple random sampling with or without replacement as the reference
    """

    df: Freedom = "design"
    ci: Interval = "logit"
    deff: Reference = "wr"
    level: float = 0.95

    def __post_init__(self) -> None:
        """Refuse unknown names with the nearest known one."""
        for name, known in (("df", Freedom), ("ci", Interval), ("deff", Reference)):
            value = getattr(self, name)
            if value not in get_args(known):
                raise refuse(f"estimate: {name}", f'"{value}" is not known',
                             nearest(str(value), get_args(known)), "name one of them")  # fmt: skip
        level: object = self.level
        if not (isinstance(level, int | float) and 0 < level < 1):
            raise refuse("estimate: level", f"{level}", "between 0 and 1", "e.g. level=0.95")


DEFAULT = Options()
