"""What a stratified sample will be worth, before the field.

The variance of the weighted proportion in a domain d that is a union of strata is known (Cochran
1977, theorem 5.3; Särndal et al. 1992, result 3.7.2):

    V = deff sum_h (N_h / N_d)^2 (1 - m_h / N_h) S_h^2 / m_h,    m_h = n_h r_h

docs/methods/sampling.md names every symbol.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import polars as pl

from analysis.definition.publication import Profile, Thresholds
from analysis.design import Floats, Integers
from analysis.disclosure import doubtful, hidden
from analysis.errors import refuse
from analysis.estimates import WHOLE
from analysis.estimators.intervals import LEVEL, logit, student
from analysis.sampling.allocation import proportion_sd
from analysis.sampling.strata import Domain, Stratum

STRATUM = "stratum"


@dataclass(frozen=True)
class Plan:
    """A sample before the field.

    strata : (H,) ; sizes : (H,) units drawn ; p, response : (H,) expected share and response rate
    deff : factor on the variance, of a pilot (beyond what strata and finite population explain)
    rule : of publication, the survey's ``reliability:``
    """

    strata: tuple[Stratum, ...]
    sizes: Integers
    p: Floats
    response: Floats
    deff: float = 1.0
    rule: Profile = "nchs_2017"

    def __post_init__(self) -> None:
        """Refuse a factor that is none."""
        if not 0 < self.deff < float("inf"):
            raise refuse("--deff", f"{self.deff:g}", "above 0", "--deff 1.2, as the pilot had it")

    @property
    def populations(self) -> Floats:
        """(H,) N_h."""
        return np.array([s.population for s in self.strata], dtype=np.float64)

    @property
    def respondents(self) -> Floats:
        """(H,) m_h, expected; a part of a person is possible."""
        return self.sizes * self.response

    @property
    def df(self) -> float:
        """Degrees of freedom of the whole sample: respondents - strata (as R ``degf``)."""
        return float(self.respondents.sum() - len(self.strata))


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of the estimate in one domain; shares, not percentages.

    population : N_d ; n : units drawn ; respondents : expected ; p : expected share
    se : standard error ; margin : half the width of the 95 % interval, t(df) se; None without df
    ci_low, ci_high : the logit interval that the pages would print
    cv : se / p ; n_eff : p (1 - p) / V, None where V is 0 ; df : the domain's own
    status : A; U where no variance can be estimated; Q where the rule would keep the figure back
    note : why
    """

    domain: str
    value: str
    population: int
    n: int
    respondents: float
    p: float
    se: float
    margin: float | None
    ci_low: float | None
    ci_high: float | None
    cv: float
    n_eff: float | None
    df: float
    status: str
    note: str

    def as_dict(self) -> dict[str, object]:
        """Every part by name."""
        return asdict(self)


def whole(strata: Sequence[Stratum]) -> Domain:
    """The domain that everybody is in."""
    return Domain(WHOLE, "", (True,) * len(strata))


def by_stratum(strata: Sequence[Stratum]) -> list[Domain]:
    """Each stratum as a domain of its own."""
    return [Domain(STRATUM, s.name, tuple(i == k for k in range(len(strata))))
            for i, s in enumerate(strata)]  # fmt: skip


def expected(plan: Plan, domains: Sequence[Domain]) -> list[Expected]:
    """What is expected in each domain."""
    return [_expected(plan, d) for d in domains]


def variance(plan: Plan, members: Sequence[bool]) -> float:
    """V of the proportion in a union of strata; 0 where all of it answers."""
    d = np.asarray(members)
    N = plan.populations[d]
    return plan.deff * stratified_variance(N, proportion_sd(N, plan.p[d]), plan.respondents[d])


def stratified_variance(populations: Floats, spread: Floats, sizes: Floats) -> float:
    """V of a stratified mean from N_h, S_h and the sizes of the sample, (H,) each.

    Cochran (1977), theorem 5.3.
    """
    N, m = populations, sizes
    parts = (N / N.sum()) ** 2 * np.maximum(1 - m / N, 0.0) * spread**2 / m
    return float(parts.sum())


def margin(plan: Plan, members: Sequence[bool]) -> float:
    """Half the width of the 95 % interval, t(df) se; infinite without degrees of freedom."""
    if plan.df <= 0:
        return float("inf")
    return float(student(np.array(plan.df), LEVEL) * variance(plan, members) ** 0.5)


def _expected(plan: Plan, domain: Domain) -> Expected:
    d = np.asarray(domain.members)
    N, m = plan.populations[d], plan.respondents[d]
    p = float((N * plan.p[d]).sum() / N.sum())
    v = variance(plan, domain.members)
    half = margin(plan, domain.members)
    known = np.isfinite(half)
    low, high = _interval(p, v**0.5, plan.df) if known else (None, None)
    n_eff = p * (1 - p) / v if v > 0 else None
    lonely = [s.name for s, inside, k, rate in
              zip(plan.strata, d, plan.respondents, plan.response, strict=True)
              if inside and k < 2 and not (rate == 1 and k == s.population)]  # fmt: skip
    spread = float((N**2 * np.maximum(1 - m / N, 0.0) / m).sum())
    cell = {"n": float(m.sum()), "n_eff": n_eff, "estimate": p, "ci_low": low, "ci_high": high,
            "n_kish": N.sum() ** 2 / spread if spread > 0 else None, "cv": v**0.5 / p}  # fmt: skip
    note = _note(plan.rule, lonely, cell)
    return Expected(
        domain.name, domain.value, int(N.sum()), int(plan.sizes[d].sum()), float(m.sum()), p,
        v**0.5, half if known else None, low, high, v**0.5 / p, n_eff, float(m.sum() - d.sum()),
        *note,
    )  # fmt: skip


def _interval(p: float, se: float, df: float) -> tuple[float, float]:
    if se == 0:
        return p, p
    low, high = logit(np.array(p), np.array(se), np.array(df))
    return float(low), float(high)


def _note(rule: Profile, lonely: list[str], cell: dict[str, float | None]) -> tuple[str, str]:
    """Status and why: the rule that the published figures go through, on what is expected."""
    frame = pl.DataFrame(cell, schema=dict.fromkeys(cell, pl.Float64), strict=False)
    told = frame.with_columns(method=pl.lit("proportion")).select(
        hidden=hidden(rule), doubtful=doubtful(rule)
    )
    if told["hidden"][0]:
        return "Q", _why(rule, cell)
    if lonely or cell["ci_low"] is None:
        more = f" and {len(lonely) - 1} more" if len(lonely) > 1 else ""
        return "U", f"fewer than 2 respondents expected in {lonely[0]}{more}" if lonely else "no df"
    return ("U", "beyond the thresholds of survey.yml") if told["doubtful"][0] else ("A", "")


def _why(rule: Profile, cell: dict[str, float | None]) -> str:
    if isinstance(rule, Thresholds):
        return "beyond the thresholds of survey.yml"
    if (cell["n"] or 0) < 30:
        return "fewer than 30 respondents"
    few = cell["n_eff"] is not None and cell["n_eff"] < 30
    return "effective n under 30" if few else "interval too wide"


def smallest_size(
    plan_of: Callable[[int], Plan], fewest: int, most: int, domain: Domain, target: float
) -> int:
    """The smallest size of the sample whose margin in the domain is the target or less.

    plan_of : the plan of a size, from ``fewest`` to ``most``; a larger size takes nothing away
    from any stratum (:func:`analysis.sampling.allocation.allocate`), so the margin never rises
    Raises :class:`analysis.errors.BaroError` where no size reaches it, saying the best there is.
    """
    if not 0 < target < 1:
        raise refuse("--target", f"{target:g}", "half the width of the 95 % interval, above 0 and "
                     "below 1", "--target 0.05: 5 points")  # fmt: skip
    best = margin(plan_of(most), domain.members)
    if best > target:
        raise refuse(
            f"--target {target:g}",
            f"no size reaches it in {domain.label}",
            f"{best:.4f} at best, with all {most} units drawn",
            f"--target {np.ceil(1e4 * best) / 1e4:g}, or raise the response rate",
        )
    low, high = fewest, most
    while low < high:
        middle = (low + high) // 2
        low, high = ((low, middle) if margin(plan_of(middle), domain.members) <= target
                     else (middle + 1, high))  # fmt: skip
    return low
