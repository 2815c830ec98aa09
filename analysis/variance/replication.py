"""Replicate weights made from a design: jackknife, half-samples, bootstrap, differences.

Every kind moves whole PSUs: a factor for each PSU and replicate, (m, R), multiplies the weights of
the PSU's respondents. Terms, formulas and references: docs/methods/replication.md.
"""

from __future__ import annotations

from math import gcd

import numpy as np
import numpy.typing as npt

from analysis.design import Floats, Integers, Replicates, SampleDesign
from analysis.design.replicates import (
    check_fay,
    check_unused_fay,
    default_scale,
    known_kind,
    replicate_rank,
)
from analysis.errors import Problem, raise_all, refuse
from analysis.variance.hadamard import hadamard
from analysis.variance.ratio import Membership

LARGEST = 2e9  # bytes of replicate weights
SDR_USUAL = 160  # replicates of the successive differences of a large sample


def make_replicates(
    design: SampleDesign, kind: str, n: int | None, seed: int, fay: float, random_groups: bool
) -> Replicates:
    """Replicate weights of a design whose first stage is drawn with replacement, or nearly.

    kind : "jk1", "jkn", "brr", "fay", "bootstrap" (Rao, Wu and Yue), "sdr"
    n : replicates of the bootstrap, at least of the successive differences ; seed : of the draws
    random_groups : half-samples of two random groups of PSUs where a stratum has not two PSUs
    Raises :class:`BaroError` for what a kind cannot do with the design, naming the strata.
    """
    known_kind(kind)
    check_fay(fay)
    check_unused_fay(kind, fay)
    _check_design(design, kind, n)
    fay = fay if kind == "fay" else 0.0
    if kind == "jk1":
        factors, scale, rscales = _jk1(design)
    elif kind == "jkn":
        factors, scale, rscales = _jkn(design)
    else:
        if kind == "bootstrap":
            factors = _bootstrap(design, 500 if n is None else n, seed)
        elif kind == "sdr":
            factors = _successive(design, n)
        else:
            factors = _half_samples(design, fay, seed if random_groups else None)
        r = factors.shape[1]
        scale, rscales = default_scale(kind, r, fay), np.ones(r)
    weights = design.weights[:, None] * factors[design.psu]
    return Replicates(weights, scale, rscales, kind)


def domain_degrees(base: Floats, members: Membership, design: SampleDesign) -> Integers:
    """(L, K) rank of the replicate weights of those in the base of each cell, less one.

    base : (n, K), not 0 inside. As R ``degf`` of a subset of a replicate design.
    """
    assert design.replication is not None
    weights = design.replication.weights
    found = np.zeros((members.size, base.shape[1]), dtype=np.int64)
    bases, which = np.unique(base != 0, axis=1, return_inverse=True)
    for level in range(members.size):
        inside = members.row[members.level == level]
        ranks = [
            replicate_rank(weights[inside[bases[inside, b]]]) - 1 for b in range(bases.shape[1])
        ]
        found[level] = np.maximum(np.array(ranks)[which.ravel()], 0)
    return found


def _check_design(design: SampleDesign, kind: str, n: int | None) -> None:
    where = f"replicates: {kind}"
    if design.replication is not None:
        raise refuse(where, "the design has replicate weights already", "a design with stages",
                     "make them from the design without replicate_weights")  # fmt: skip
    stage = design.stages[0]
    if n is not None and (kind not in ("bootstrap", "sdr") or n < 2):
        raise refuse(where, f"n={n}", "n >= 2 for bootstrap and sdr, none for the other kinds",
                     "leave n out: the design decides" if n >= 2 else "n=500")  # fmt: skip
    if stage.population is not None and kind in ("brr", "fay", "sdr"):
        raise refuse(where, "the design has an fpc, which these weights cannot show",
                     "a first stage drawn with replacement, or nearly",
                     'leave fpc out, or choose "jkn" or "bootstrap"')  # fmt: skip
    if len(design.components) > 1:
        raise refuse(where, "an fpc and several stages: replicates of PSUs would leave out the "
                     "variance of the later stages", "one stage, or no fpc",
                     "leave fpc out, or keep the linearized variance")  # fmt: skip
    if design.components[0].share is not None:
        raise refuse(where, "a PPS design without replacement", "an fpc of counts, or none",
                     "leave fpc and pps out, or keep the linearized variance")  # fmt: skip
    if (stage.sampled < 2).all():
        raise refuse(where, "no stratum has two PSUs", "PSUs to leave out or to draw",
                     'lonely_psu="collapse"')  # fmt: skip
    lonely = (stage.sampled < 2) & (stage.fraction < 1)
    if lonely.any() and design.lonely_psu in ("adjust", "average"):
        raise_all(
            Problem(f"{where}: stratum {stage.names[h]}",
                    f'a single PSU, and lonely_psu="{design.lonely_psu}" has no replicates',
                    "two or more", 'lonely_psu="collapse" or "certainty"')
            for h in np.flatnonzero(lonely).tolist()
        )  # fmt: skip


def _check_size(design: SampleDesign, kind: str, n: int) -> None:
    size = 8.0 * n * len(design.weights)
    if size > LARGEST:
        raise refuse(f"replicates: {kind}",
                     f"{n} replicates of {len(design.weights)} respondents take "
                     f"{size / 1e9:.0f} GB", f"at most {LARGEST / 1e9:.0f} GB",
                     'replicates("bootstrap", n=200), or linearization')  # fmt: skip


def _psus(design: SampleDesign) -> list[npt.NDArray[np.intp]]:
    """PSUs of each stratum, in the order of the frame."""
    order = np.argsort(design.psu_stratum, kind="stable")
    return np.split(order, np.cumsum(design.psu_counts)[:-1])


def _jk1(design: SampleDesign) -> tuple[Floats, float, Floats]:
    m = len(design.psu_stratum)
    if len(design.psu_counts) > 1:
        raise refuse("replicates: jk1", f"{len(design.psu_counts)} strata", "one stratum",
                     'replicates("jkn")')  # fmt: skip
    _check_size(design, "jk1", m)
    factors = (1 - np.eye(m)) * m / (m - 1)
    return factors, (m - 1) / m * float(1 - design.stages[0].fraction[0]), np.ones(m)


def _jkn(design: SampleDesign) -> tuple[Floats, float, Floats]:
    """A replicate without each PSU in turn; strata of one PSU (certainty) are in all of them."""
    counts = design.psu_counts[design.psu_stratum].astype(np.float64)
    left_out = np.flatnonzero(counts > 1)
    _check_size(design, "jkn", len(left_out))
    same = design.psu_stratum[:, None] == design.psu_stratum[left_out][None, :]
    counts = counts[left_out]
    factors = np.where(same, counts / (counts - 1), 1.0)
    factors[left_out, np.arange(len(left_out))] = 0.0
    fraction = design.stages[0].fraction[design.psu_stratum[left_out]]
    return factors, 1.0, (counts - 1) / counts * (1 - fraction)


def _bootstrap(design: SampleDesign, n: int, seed: int) -> Floats:
    """m_h - 1 draws with replacement in each stratum; an fpc shrinks the factors towards 1."""
    _check_size(design, "bootstrap", n)
    random = np.random.default_rng(seed)
    factors = np.ones((len(design.psu_stratum), n))
    for psus, fraction in zip(_psus(design), design.stages[0].fraction, strict=True):
        m = len(psus)
        if m > 1:
            drawn = random.multinomial(m - 1, np.full(m, 1 / m), size=n).T
            shrink = np.sqrt(1 - fraction)
            factors[psus] = 1 - shrink + shrink * m / (m - 1) * drawn
    return factors


def _half_samples(design: SampleDesign, fay: float, seed: int | None) -> Floats:
    """Factors 1 + d c and 1 - d / c of the two halves, c = 1 when they are of one size.

    d = (1 - fay) times a column of a Hadamard matrix, one a stratum ; c = sqrt(m_2 / m_1)
    """
    strata = _psus(design)
    _check_halves(design, seed)
    random = np.random.default_rng(seed)
    several = [psus for psus in strata if len(psus) > 1]
    signs = hadamard(len(several) + 1).T
    _check_size(design, "half-samples", len(signs))
    factors = np.ones((len(design.psu_stratum), len(signs)))
    for psus, sign in zip(several, signs[1:], strict=False):
        mixed = psus if len(psus) == 2 else random.permutation(psus)
        one, two = mixed[: len(psus) // 2], mixed[len(psus) // 2 :]
        c = np.sqrt(len(two) / len(one))
        factors[one] += (1 - fay) * c * sign
        factors[two] -= (1 - fay) / c * sign
    if (factors < -1e-12).any():
        remedy = 'replicates("fay", fay=0.5, random_groups=True)'
        raise refuse("replicates: half-samples", "groups of unequal size give negative weights",
                     "weights of 0 or more", remedy)  # fmt: skip
    return np.maximum(factors, 0.0)


def _check_halves(design: SampleDesign, seed: int | None) -> None:
    stage = design.stages[0]
    if seed is None:
        raise_all(
            Problem(f"replicates: half-samples: stratum {stage.names[h]}",
                    f"{stage.sampled[h]} PSUs", "two in each stratum",
                    'random_groups=True, or "jkn" or "bootstrap"')
            for h in np.flatnonzero(stage.sampled > 2).tolist()
        )  # fmt: skip


def _successive(design: SampleDesign, n: int | None) -> Floats:
    """Factors 1 + 2^(-3/2) (a_i - a_j), a the rows of a Hadamard matrix, j the PSU after i.

    The last PSU of a stratum is followed by its first.
    """
    m = len(design.psu_stratum)
    rows = hadamard(min(m + 1, SDR_USUAL) if n is None else max(n, 4))
    _check_size(design, "sdr", len(rows))
    walk = _walk(m, len(rows))
    factors = np.ones((m, len(rows)))
    start = 0
    for psus in _psus(design):
        if len(psus) > 1:
            own = rows[walk[start : start + len(psus)]]
            factors[psus] += 2**-1.5 * (own - np.roll(own, -1, axis=0))
        start += len(psus)
    return factors


def _walk(m: int, order: int) -> Integers:
    """(m,) rows 1..order-1, in strides that change each time all have served.

    Two PSUs then rarely share a pair of rows: the row assignment of Sukasih and Jang (2003).
    """
    turn = order - 1
    strides = [s for s in range(1, max(turn, 2)) if gcd(s, turn) == 1]
    place = np.arange(m)
    stride = np.array(strides, dtype=np.int64)[(place // turn) % len(strides)]
    return np.asarray(1 + (place % turn) * stride % turn, dtype=np.int64)
