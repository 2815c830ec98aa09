"""Why no weights meet the margins: which of them contradict each other, or which bound is tight.

Linear programmes over the profiles, solved by HiGHS: the smallest gaps that any ratios of 0 or
more leave (contradictions), then the nearest bounds within which ratios exist.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from analysis.design import Floats
from analysis.design.arrays import Flags
from analysis.errors import BaroError, Problem
from analysis.weighting.distances import Distance
from analysis.weighting.margin import Margin
from analysis.weighting.profiles import Profiles
from analysis.weighting.solver import Solution

_LARGEST = 200_000  # profiles beyond which the programmes would take minutes
_GAP = 1e-7
_SMALL = 1e-6  # a ratio that everybody could have whom the margins leave any weight


def explain(
    made: Profiles, mass: Floats, chosen: Distance, margins: list[Margin], found: Solution, who: str
) -> BaroError:
    """The refusal, with what was found out."""
    where = f"calibrate: {who}" if who else "calibrate"
    exact = made.ridge == 0
    if len(mass) <= _LARGEST and exact.any():
        table = made.table[:, exact] * mass[:, None]
        problems = _empty(made, margins, table, exact, where) if who else []
        problems = problems or _contradictions(made, margins, table, exact, where, who)
        if not problems and chosen.bounded:
            problems = [_bounds(table, made.targets[exact], chosen, where)]
        elif not problems and chosen.kind == "exponential":
            problems = _nobody(made, margins, table, exact, where)
        if problems:
            return BaroError(problems)
    worst = int(np.argmax(np.abs(found.gaps)))
    apart = f"{_label(made, margins, worst)} is still {found.gaps[worst]:.2g} (relative)"
    return BaroError(Problem(where, f"no convergence after {found.iterations} iterations; {apart} "
                             "from its target", "margins that weights can meet",
                             'fewer or softer margins (soft={"…": 10}), or method="raking"')
    )  # fmt: skip


def _programme(cost: Floats, equal: list[Any], targets: Floats, **more: Any) -> Floats | None:
    """What minimizes cost @ v under equal @ v = targets, each row scaled to its target; or None."""
    scale = 1 / np.maximum(np.abs(targets), 1e-300)
    rows = sparse.diags_array(scale) @ sparse.csr_array(sparse.hstack(equal))
    from scipy.optimize import linprog  # slow to import, seldom needed

    search: Any = linprog
    done = search(cost, A_eq=rows, b_eq=targets * scale, method="highs", **more)
    return np.asarray(done.x, dtype=np.float64) if done.status == 0 else None


def _label(made: Profiles, margins: list[Margin], column: int) -> str:
    margin = margins[made.margin[column]]
    if margin.numeric or not margin.columns:
        return f"margin {margin.name}"
    return f"margin {margin.name}, {' x '.join(margin.categories[made.category[column]])}"


def _empty(
    made: Profiles, margins: list[Margin], table: Floats, exact: Flags, where: str
) -> list[Problem]:
    """Categories in which a replicate has nobody."""
    gone = (made.targets[exact] > 0) & ~table.any(axis=0)
    return [
        Problem(f"{where}: {_label(made, margins, int(j))}", "nobody of it has a weight here",
                "respondents in every replicate", "merge the category with another, on both sides")
        for j in np.flatnonzero(exact)[gone]
    ]  # fmt: skip


def _nobody(
    made: Profiles, margins: list[Margin], table: Floats, exact: Flags, where: str
) -> list[Problem]:
    """Respondents to whom the margins leave no weight: positive ratios come close, no more."""
    c, targets = len(table), made.targets[exact]
    equal = [sparse.csr_array(table.T), sparse.csr_array((len(targets), c))]
    below = sparse.hstack([-sparse.eye_array(c), sparse.eye_array(c)])  # s <= ratio
    found = _programme(
        np.r_[np.zeros(c), -np.ones(c)], equal, targets, A_ub=below, b_ub=np.zeros(c),
        bounds=[(0.0, None)] * c + [(0.0, _SMALL)] * c,
    )  # fmt: skip
    if found is None:
        return []
    none = (found[c:] < _SMALL / 1000) & table.any(axis=1)
    columns = np.flatnonzero(exact)
    return [
        Problem(f"{where}: " + "; ".join(_label(made, margins, int(j)) for j in
                                         columns[table[k] != 0]),
                "the margins leave no population to these respondents", "margins that leave some",
                'correct the population, or soft={"…": 10}')
        for k in np.flatnonzero(none)
    ]  # fmt: skip


def _contradictions(
    made: Profiles, margins: list[Margin], table: Floats, exact: Flags, where: str, who: str
) -> list[Problem]:
    """The targets that no ratios of 0 or more reach, by the smallest relative gaps."""
    targets = made.targets[exact]
    size = np.maximum(np.abs(targets), 1e-6 * np.abs(table).sum(axis=0) + 1e-300)
    c, p = table.shape
    gap = sparse.diags_array(size)
    cost = np.r_[np.zeros(c), np.ones(2 * p)]
    found = _programme(cost, [sparse.csr_array(table.T), gap, -gap], targets)
    if found is None:
        return []
    gaps = found[c : c + p] - found[c + p :]
    columns = np.flatnonzero(exact)
    remedy = "merge the category with another, on both sides"
    if not who:
        remedy = 'correct the population, merge categories on both sides, or soft={"…": 10}'
    return [
        Problem(f"{where}: {_label(made, margins, int(columns[j]))}",
                f"with the other margins met, the respondents can reach "
                f"{1 - gaps[j]:.4g} times its population at the nearest",
                "margins that agree with each other", remedy)
        for j in np.flatnonzero(np.abs(gaps) > _GAP)
    ]  # fmt: skip


def _bounds(table: Floats, targets: Floats, chosen: Distance, where: str) -> Problem:
    """The smallest upper bound that goes with the lower one, and the other way round."""
    upper = _nearest(table, targets, chosen.low, "upper")
    lower = _nearest(table, targets, chosen.high, "lower")
    shown = []
    if upper is None and lower is None:
        shown = _both(table, targets, chosen)
    if upper is not None:
        shown.append(f"bounds=({chosen.low:g}, {_above(upper)})")
    if lower is not None:
        shown.append(f"bounds=({_below(lower)}, {chosen.high:g})")
    first = shown[0] if shown else "bounds=None"
    return Problem(f"{where}: bounds", f"no ratios within ({chosen.low:g}, {chosen.high:g}) "
                   "meet the margins", "wider bounds; the nearest: " + ", or ".join(shown),
                   f"{first}, a little wider for comfort")  # fmt: skip


def _nearest(table: Floats, targets: Floats, kept: float, moved: str) -> float | None:
    """The moved bound (the last variable): smallest upper, or largest lower, beside ``kept``."""
    c, sign = len(table), 1.0 if moved == "upper" else -1.0
    within = sparse.hstack([sign * sparse.eye_array(c), _column(np.full(c, -sign))])
    ratio = (max(kept, 0.0), None) if moved == "upper" else (0.0, kept if kept < np.inf else None)
    found = _programme(
        np.r_[np.zeros(c), sign], _and_one(table), targets, A_ub=sparse.csr_array(within),
        b_ub=np.zeros(c), bounds=[ratio] * c + [(0.0, None)],
    )  # fmt: skip
    return None if found is None else float(found[-1])


def _both(table: Floats, targets: Floats, chosen: Distance) -> list[str]:
    """The bounds moved away from 1 in proportion, where moving one is not enough."""
    c, down, up = len(table), 1 - chosen.low, chosen.high - 1
    within = sparse.vstack([
        sparse.hstack([-sparse.eye_array(c), _column(np.full(c, -down))]),
        sparse.hstack([sparse.eye_array(c), _column(np.full(c, -up))]),
    ])  # fmt: skip
    found = _programme(
        np.r_[np.zeros(c), 1.0], _and_one(table), targets, A_ub=sparse.csr_array(within),
        b_ub=np.r_[-np.ones(c), np.ones(c)], bounds=[(0.0, None)] * (c + 1),
    )  # fmt: skip
    if found is None:
        return []
    low, high = 1 - found[-1] * down, 1 + found[-1] * up
    return [f"bounds=({_below(max(low, 0.0))}, {_above(high)})"]


def _and_one(table: Floats) -> list[Any]:
    """The margins' rows, and a variable that they do not hold."""
    return [sparse.csr_array(table.T), sparse.csr_array((table.shape[1], 1))]


def _column(values: Floats) -> Any:
    return sparse.csr_array(values[:, None])


def _above(value: float) -> str:
    return f"{np.ceil(value * 1000) / 1000:g}"


def _below(value: float) -> str:
    return f"{np.floor(value * 1000) / 1000:g}"
