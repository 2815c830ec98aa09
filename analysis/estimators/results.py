"""The one shape of a test: its null hypothesis as a sentence, and the numbers that go with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields

import polars as pl

_TYPES = {"str": pl.String, "int": pl.Int64, "float | None": pl.Float64}


@dataclass(frozen=True, slots=True, kw_only=True)
class HypothesisTest:
    """One test of one null hypothesis; ``str()`` prints it as one sentence.

    null : the null hypothesis, in words
    name : symbol of the statistic ("t", "F", "chi2") ; statistic : its value
    df : its degrees of freedom, those of the numerator for F ; df_denominator : F only
    p_value : two-sided for t
    estimate, se, ci_low, ci_high : what was estimated (``estimated`` says what, in the unit of
    the variable), its standard error and its interval at ``level``
    n : respondents in the base ; method : how, repeated in words
    reason : why the test is impossible, "" when it was made; the numbers are then None, never NaN
    """

    null: str
    name: str
    statistic: float | None = None
    df: float | None = None
    df_denominator: float | None = None
    p_value: float | None = None
    estimated: str = ""
    estimate: float | None = None
    se: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    level: float | None = None
    n: int
    method: str
    reason: str = ""

    def __str__(self) -> str:
        if self.p_value is None or self.statistic is None:
            return f"The null hypothesis that {self.null} was not tested: {self.reason}."
        found = f"{self.name}({_freedoms(self)}) = {self.statistic:.4g}, {p_text(self.p_value)}"
        return (
            f"Under the null hypothesis that {self.null}, {found}{_estimate_text(self)} "
            f"(n = {self.n}; {self.method})."
        )

    def as_dict(self) -> dict[str, object]:
        """The fields by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class HypothesisTests:
    """Several tests, in the order they were asked for; prints a sentence a test."""

    tests: tuple[HypothesisTest, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.tests))

    def __iter__(self) -> Iterator[HypothesisTest]:
        return iter(self.tests)

    def __len__(self) -> int:
        return len(self.tests)

    def __getitem__(self, place: int) -> HypothesisTest:
        return self.tests[place]

    @property
    def frame(self) -> pl.DataFrame:
        """A row a test, a column a field of :class:`HypothesisTest`; null for what is not known."""
        types = {f.name: _TYPES[str(f.type)] for f in fields(HypothesisTest)}
        return pl.DataFrame([t.as_dict() for t in self.tests], schema=types)


def p_text(p: float) -> str:
    """``p = 0.012``, or ``p < 0.0001``."""
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.2g}"


def _freedoms(test: HypothesisTest) -> str:
    return ", ".join(f"{d:.4g}" for d in (test.df, test.df_denominator) if d is not None)


def _estimate_text(test: HypothesisTest) -> str:
    if test.estimate is None:
        return ""
    text = f"; {test.estimated} {test.estimate:.4g}"
    if test.ci_low is None or test.ci_high is None or test.level is None:
        return text
    return f"{text}, {100 * test.level:g} % interval {test.ci_low:.4g} to {test.ci_high:.4g}"
