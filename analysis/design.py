"""The sampling design: weights, strata, first-stage clusters, population counts.

    design = Design(frame, weight="weight", strata="stratum", clusters="psu", fpc="N")

What a design refuses, it refuses by name: unknown columns, missing or negative weights,
strata of a single PSU, population counts below the sample's or unequal within a stratum.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.errors import Problem, nearest, raise_all, refuse

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Sampling = Literal["probability", "quota", "voluntary"]


class Design:
    """A sample of n respondents in H strata and m PSUs.

    frame : (n rows) the respondents
    weights : (n,) as given, their sum estimates the population (or n)
    stratum : (n,) code 0..H-1 ; psu : (n,) code 0..m-1, unique over strata
    psu_stratum : (m,) the stratum of each PSU ; psu_counts : (H,) PSUs of each stratum
    population_counts : (H,) N_h of the finite population correction, or None
    sampling : how people came in; "quota" and "voluntary" get intervals as if random
    """

    def __init__(
        self,
        frame: pl.DataFrame,
        weight: str,
        *,
        strata: str = "",
        clusters: str = "",
        fpc: str = "",
        sampling: Sampling = "probability",
    ) -> None:
        """Read the design columns of ``frame``; raises :class:`BaroError` with every fault."""
        for column in (c for c in (weight, strata, clusters, fpc) if c):
            if column not in frame.columns:
                raise refuse(
                    f"design: {column}",
                    "there is no such column",
                    nearest(column, frame.columns),
                    "name a column of the frame",
                )
        if frame.height == 0:
            raise refuse("design", "no respondent", "at least two", "check the rows of the wave")
        self.frame, self.sampling = frame, sampling
        self.weights = _weights(frame[weight])
        self.stratum, self.stratum_names = _codes(frame, strata)
        self.psu = np.arange(frame.height, dtype=np.int64)
        if clusters:  # the same number in two strata is two PSUs
            cluster, names = _codes(frame, clusters)
            _, self.psu = np.unique(self.stratum * len(names) + cluster, return_inverse=True)
        self.psu_stratum = _first_of(self.psu, self.stratum)
        self.psu_counts = np.bincount(self.psu_stratum, minlength=len(self.stratum_names))
        raise_all(self._lonely())
        self.population_counts = self._population_counts(fpc) if fpc else None

    @property
    def df(self) -> int:
        """Degrees of freedom: PSUs minus strata of the whole design (R survey's ``degf``)."""
        return int(len(self.psu_stratum) - len(self.psu_counts))

    @property
    def element(self) -> bool:
        """Whether every respondent is their own PSU."""
        return len(self.psu_stratum) == len(self.psu)

    def _lonely(self) -> list[Problem]:
        return [
            Problem(
                f"design: stratum {self.stratum_names[h]}",
                "a single PSU: no variance can be estimated",
                "two PSUs or more",
                "merge the stratum with a neighbour",
            )
            for h in np.flatnonzero(self.psu_counts < 2)
        ]

    def _population_counts(self, column: str) -> Floats:
        given = self.frame[column].cast(pl.Float64, strict=False).to_numpy()
        per_stratum = [np.unique(given[self.stratum == h]) for h in range(len(self.psu_counts))]
        problems = []
        for h, values in enumerate(per_stratum):
            where = f"design: {column}, stratum {self.stratum_names[h]}"
            if len(values) != 1 or not np.isfinite(values[0]):
                shown = ", ".join(f"{v:g}" for v in values[:4])
                problems.append(
                    Problem(
                        where,
                        f"N_h is {shown if np.isfinite(values).all() else 'missing or no number'}",
                        "one N_h",
                        "give every respondent of the stratum the same count",
                    )
                )
            elif values[0] < self.psu_counts[h]:
                problems.append(
                    Problem(
                        where,
                        f"N_h = {values[0]:g} is below n_h = {self.psu_counts[h]}",
                        "N_h >= n_h",
                        "correct the population count",
                    )
                )
        raise_all(problems)
        return np.array([v[0] for v in per_stratum], dtype=np.float64)


def _weights(column: pl.Series) -> Floats:
    weights = column.cast(pl.Float64, strict=False).to_numpy().astype(np.float64)
    for fault, mask in (("missing or no number", ~np.isfinite(weights)), ("negative", weights < 0)):
        if mask.any():
            raise refuse(
                f"design: weight {column.name}, row {int(np.flatnonzero(mask)[0]) + 1}",
                f"{int(mask.sum())} weights are {fault}",
                "numbers, 0 or more",
                "correct the weights",
            )
    if weights.sum() <= 0:
        raise refuse(
            f"design: weight {column.name}",
            "all weights are 0",
            "positive weights",
            "correct the weights, or name another column",
        )
    return weights


def _codes(frame: pl.DataFrame, column: str) -> tuple[Integers, list[str]]:
    """Codes 0.. of a column's values, in order of appearance, and their names."""
    if not column:
        return np.zeros(frame.height, dtype=np.int64), ["(whole sample)"]
    key = frame[column].cast(pl.String)
    if key.null_count():
        first = key.is_null().arg_true()[0] + 1
        raise refuse(
            f"design: {column}, row {first}",
            f"{key.null_count()} rows have no value",
            "a stratum and PSU for everybody",
            "complete the column",
        )
    names = key.unique(maintain_order=True)
    codes = key.replace_strict(names, pl.Series(range(len(names))), return_dtype=pl.Int64)
    return codes.to_numpy(), names.to_list()


def _first_of(groups: Integers, values: Integers) -> Integers:
    """For each group code, the value of its first row."""
    _, first = np.unique(groups, return_index=True)
    return values[first]
