"""Direct standardization: the means groups would have with one composition.

theta_g = sum_a pi_a ybar_ga over the classes a of a reference population, ybar_ga the mean of
class a in group g. The linearized variable of somebody in class a of group g is
pi_a (y - ybar_ga) / N_ga; with a pooled reference pi_a is itself estimated, which adds
(ybar_ga - theta_g) / N for everybody. Fleiss, Levin and Paik (2003), Statistical Methods for
Rates and Proportions, ch. 19; Deville (1999), Survey Methodology 25(2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from analysis.design import Floats, Integers, SampleDesign
from analysis.errors import Problem, nearest, quoted, raise_all, refuse
from analysis.estimators.cells import Groups, Names, groups, listed, numbers
from analysis.estimators.frames import result
from analysis.estimators.functional import Estimated, estimate
from analysis.estimators.inference import Flags, freedom, psus_inside
from analysis.estimators.intervals import wald
from analysis.estimators.modelmatrix import category_name
from analysis.estimators.options import Options

Given = Mapping[Any, float] | pl.DataFrame
Population = Given | Literal["pooled"]
POPULATION = "population"  # the column of a reference given as a frame


@dataclass(frozen=True, slots=True)
class _Standardized:
    """K measures in L groups over A classes: (K L,) means, the groups of a measure together.

    y, known : (n, K) ; group, cls : (n,) codes, -1 outside ; shares : (A,), None when pooled
    """

    y: Floats
    known: Floats
    group: Integers
    cls: Integers
    size: tuple[int, int]
    shares: Floats | None

    def point(self, weights: Floats) -> Floats:
        """(K L,) standardized means."""
        means, shares = self._means(weights)[0], self._shares(weights)
        return np.asarray((means @ shares).ravel(), dtype=np.float64)

    def scores(self, weights: Floats, point: Floats) -> Floats:
        """(n, K L) linearized variables."""
        means, bases = self._means(weights)
        shares, pool = self._shares(weights), self.cls >= 0
        measures, size = len(means), self.size[0]
        made = np.zeros((len(weights), measures * size))
        for k in range(measures):
            inside = np.flatnonzero((self.known[:, k] > 0) & (self.group >= 0) & pool)
            g, a = self.group[inside], self.cls[inside]
            apart = self.y[inside, k] - means[k, g, a]
            made[inside, k * size + g] = shares[a] * apart / bases[k, g, a]
            if self.shares is None:
                columns = slice(k * size, (k + 1) * size)
                moved = means[k][:, self.cls[pool]].T - point[columns]
                made[pool, columns] += moved / weights[pool].sum()
        return made

    def counts(self) -> Integers:
        """(K, L, A) respondents with a known value and some weight."""
        return np.stack([self._cells(known) for known in self.known.T]).astype(np.int64)

    def _means(self, weights: Floats) -> tuple[Floats, Floats]:
        """(K, L, A) means of cells, and the sums of weights they rest on."""
        y = np.stack([self._cells(weights * v) for v in (self.y * self.known).T])
        base = np.stack([self._cells(weights * v) for v in self.known.T])
        with np.errstate(divide="ignore", invalid="ignore"):
            means = y / base
        if self.shares is not None:  # of no weight, and possibly empty
            means[:, :, self.shares == 0] = 0.0
        return means, base

    def _shares(self, weights: Floats) -> Floats:
        if self.shares is not None:
            return self.shares
        pool = self.cls >= 0
        sums = np.bincount(self.cls[pool], weights[pool], minlength=self.size[1])
        return np.asarray(sums / sums.sum(), dtype=np.float64)

    def _cells(self, values: Floats) -> Floats:
        inside = (self.group >= 0) & (self.cls >= 0)
        code = self.group[inside] * self.size[1] + self.cls[inside]
        sums = np.bincount(code, values[inside], minlength=self.size[0] * self.size[1])
        return np.asarray(sums.reshape(self.size), dtype=np.float64)


def standardize(
    design: SampleDesign, variables: Names, by: Names | None, over: Names, reference: Population,
    where: pl.Expr | None, difference_from: object, options: Options,
) -> pl.DataFrame:  # fmt: skip
    """Standardized means of groups, or their differences from one; see the module."""
    if isinstance(reference, str) and reference != "pooled":
        raise refuse("standardize: reference", quoted(reference), '"pooled", {class: population} '
                     "or a frame", "give one of them")  # fmt: skip
    names = listed(variables)
    domains, classes = groups(design, by, where), groups(design, _over(over), where)
    y, known = numbers(design, names)
    used = design.weights > 0
    shares = None if isinstance(reference, str) else _shares(reference, classes)
    group, cls = (np.where(used, c, -1) for c in (domains.code, classes.code))
    if shares is not None:  # a class of no weight in the reference is in no base
        cls = np.where((cls >= 0) & (shares[cls] == 0), -1, cls)
    functional = _Standardized(
        y, known, group, cls, (max(domains.labels.height, 1), classes.labels.height), shares
    )
    _complete(functional, names, domains, classes)
    found = estimate(functional, design)
    if not np.isfinite(found.covariance).all():
        raise refuse("standardize", "a replicate weight leaves a class of a group empty",
                     "somebody in each, with every replicate weight",
                     "merge classes, or give strata and clusters instead")  # fmt: skip
    return _frame(design, names, domains, functional, found, difference_from, options)


def _over(over: Names) -> list[str]:
    if not listed(over):
        raise refuse("standardize: over", "no column", "the classes that differ in composition",
                     'type for instance over=["age", "sex"]')  # fmt: skip
    return listed(over)


def _shares(reference: Given, classes: Groups) -> Floats:
    """(A,) shares of the classes, adding to 1; refuses classes of one side only, by name."""
    given = _given(reference, classes.by)
    found = [tuple(map(category_name, row)) for row in classes.labels.iter_rows()]
    problems = [
        Problem(f"standardize: reference, class {'/'.join(c)}", "the population is missing",
                nearest("/".join(c), ["/".join(k) for k in given]), "add it to the reference")
        for c in found if c not in given
    ]  # fmt: skip
    problems += [
        Problem(f"standardize: reference, class {'/'.join(c)}",
                f"the population is {value:g}" if not value > 0 else "nobody is in it",
                "numbers of 0 or more, and somebody in every class above 0",
                "merge it with another class, in the data and in the reference")
        for c, value in given.items()
        if not (0 <= value < np.inf) or (value > 0 and c not in found)
    ]  # fmt: skip
    raise_all(problems)
    made = np.array([given[c] for c in found])
    if not made.sum() > 0:
        raise refuse("standardize: reference", "all populations are 0", "some above 0",
                     "correct the reference")  # fmt: skip
    return np.asarray(made / made.sum(), dtype=np.float64)


def _given(reference: Given, by: tuple[str, ...]) -> dict[tuple[str, ...], float]:
    """Names of the class -> population."""
    if isinstance(reference, pl.DataFrame):
        for name in (*by, POPULATION):
            if name not in reference.columns:
                raise refuse(f"standardize: reference, column {name}", "there is no such column",
                             nearest(name, reference.columns),
                             f"give {', '.join(by)} and {POPULATION}")  # fmt: skip
        rows = [(row[:-1], row[-1]) for row in reference.select(*by, POPULATION).iter_rows()]
    else:
        rows = [(k if isinstance(k, tuple) else (k,), v) for k, v in reference.items()]
    made: dict[tuple[str, ...], float] = {}
    for values, value in rows:
        key = tuple(map(category_name, values))
        if len(key) != len(by) or key in made:
            what = "it stands twice" if key in made else f"{len(key)} values in the key"
            raise refuse(f"standardize: reference, class {'/'.join(key)}", what,
                         f"once, as ({', '.join(by)})", "correct the reference")  # fmt: skip
        made[key] = np.nan if value is None else float(value)
    return made


def _complete(
    functional: _Standardized, names: list[str], domains: Groups, classes: Groups
) -> None:
    """Refuse classes without anybody in a group, all at once."""
    counts = functional.counts()
    needed = functional.shares is None or functional.shares > 0
    labels = domains.labels.rows() or [("everybody",)]
    problems = [
        Problem(f"standardize: {names[k]}, {'/'.join(map(category_name, labels[g]))}",
                f"nobody with a known value in class {'/'.join(map(category_name, cells))}",
                "somebody in each class of each group", "merge classes, or leave the group out "
                "with where=")
        for k, g, a in np.argwhere((counts == 0) & needed)
        for cells in [classes.labels.row(int(a))]
    ]  # fmt: skip
    raise_all(problems)


def _frame(
    design: SampleDesign, names: list[str], domains: Groups, functional: _Standardized,
    found: Estimated, difference_from: object, options: Options,
) -> pl.DataFrame:  # fmt: skip
    contrast, what = np.eye(functional.size[0]), "standardized mean"
    if difference_from is not None:
        contrast, domains = _differences(domains, difference_from)
        what = f"{what} difference from {category_name(difference_from)}"
    shape = (len(names), len(contrast))
    whole = np.kron(np.eye(len(names)), contrast)
    point = (whole @ found.point).reshape(shape).T
    variance = np.einsum("ij,jk,ik->i", whole, found.covariance, whole).reshape(shape).T
    n, weighted, df, several = _bases(design, functional, contrast != 0, options)
    se = np.where(several, np.sqrt(np.maximum(variance, 0.0)), np.nan)
    low, high = wald(point, se, df, options.level)
    pooled = "pooled" if functional.shares is None else "given"
    return result(
        names, [""] * len(names), domains,
        {"estimate": point, "se": se, "ci_low": low, "ci_high": high, "n": n, "df": df,
         "n_weighted": weighted, "deff": np.full(se.shape, np.nan)},
        f"{what}; {design.way}; wald; reference {pooled}",
    )  # fmt: skip


def _differences(domains: Groups, wanted: object) -> tuple[Floats, Groups]:
    """(L - 1, L) contrasts of the other groups with one, and the groups left."""
    reference, size = _place(domains, wanted), domains.labels.height
    kept = [g for g in range(size) if g != reference]
    contrast = np.eye(size)[kept]
    contrast[:, reference] = -1.0
    return contrast, Groups(domains.by, domains.labels[kept], domains.code)


def _bases(
    design: SampleDesign, functional: _Standardized, used: Flags, options: Options
) -> tuple[Floats, Floats, Floats, Flags]:
    """(J, K) respondents, weights, degrees of freedom, and whether it rests on PSUs enough.

    used : (J, L) groups each row rests on
    """
    shape = (len(used), functional.y.shape[1])
    n, weighted, df = np.empty(shape), np.empty(shape), np.empty(shape)
    several = np.empty(shape, dtype=np.bool_)
    for k in range(shape[1]):
        base = (functional.known[:, k] > 0) & (functional.cls >= 0) & (functional.group >= 0)
        for j, row in enumerate(used):
            groups_used = np.flatnonzero(row)
            inside = base & np.isin(functional.group, groups_used)
            n[j, k], weighted[j, k] = inside.sum(), design.weights[inside].sum()
            df[j, k] = freedom(design, inside, options.df)
            several[j, k] = all(
                psus_inside(design, base & (functional.group == g)) > 1 for g in groups_used
            )
    return n, weighted, df, several


def _place(domains: Groups, wanted: object) -> int:
    """The position of the group that others are compared with."""
    key = wanted if isinstance(wanted, tuple) else (wanted,)
    name = "/".join(map(category_name, key))
    known = ["/".join(map(category_name, row)) for row in domains.labels.iter_rows()]
    if name not in known:
        raise refuse(f"standardize: difference_from {name}", "it is not a group of by",
                     nearest(name, known), "name one of them")  # fmt: skip
    return known.index(name)
