"""The verdict engine: properties that hold whatever the figures, and the documented examples."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.claims.rules import Evidence, Trial, outcome, strength, verdict
from analysis.claims.stated import stated

SAID = st.sampled_from(
    ["25 %", "9 %", "15 %", "50 %", "un quart", "un sur trois", "plus de 60 %", "moins d’un tiers",
     "environ 40 %", "près de 30 %", "de 10 à 20 %", "la majorité", "0,5 %", "99 %"]
)  # fmt: skip
SHARES = st.floats(0.001, 0.999)
ERRORS = st.floats(1e-6, 0.2)


def logit_evidence(p: float, se: float, df: float = 3000) -> Evidence:
    """A proportion as the table of estimates has it: its 95 % interval is on the logit."""
    bare = Evidence(p, p, p, se, df, "logit")
    low, high = bare.interval(0.95)
    return replace(bare, low=low, high=high)


@given(SAID, SHARES, ERRORS)
def test_a_claim_equal_to_the_estimate_is_never_contradicted(
    text: str, u: float, se: float
) -> None:
    said = stated(text)
    low, high = max(said.low, 0.0), min(said.high, 1.0)
    p = low + u * (high - low)
    assume(said.holds(p) and 0 < p < 1)
    assert outcome(said, logit_evidence(p, se)) != "contradicted"


@given(SHARES, ERRORS)
def test_the_estimate_rounded_is_never_contradicted(p: float, se: float) -> None:
    written = f"{100 * p:.3f} %".replace(".", ",")
    assert outcome(stated(written), logit_evidence(p, se)) != "contradicted"


ORDER = {"contradicted": 0, "compatible": 1, "confirmed": 1}


@given(SAID, SHARES, ERRORS, st.floats(1.0, 10.0))
def test_widening_the_interval_never_contradicts(
    text: str, p: float, se: float, times: float
) -> None:
    said = stated(text)
    narrow, wide = logit_evidence(p, se), logit_evidence(p, se * times)
    before, after = outcome(said, narrow), outcome(said, wide)
    assert ORDER[after] >= ORDER[before]
    if before == "compatible":
        assert after == "compatible"


@given(SAID, SHARES, ERRORS, st.integers(1, 20))
def test_more_looks_never_make_a_confirmation(text: str, p: float, se: float, looks: int) -> None:
    said, found = stated(text), logit_evidence(p, se)
    if outcome(said, found, looks) == "confirmed":
        assert outcome(said, found, 1) == "confirmed"
    assert (outcome(said, found, looks) == "contradicted") == (
        outcome(said, found, 1) == "contradicted"
    )


@given(SHARES, ERRORS, st.floats(0.5, 0.99))
def test_intervals_hold_the_estimate_and_grow(p: float, se: float, level: float) -> None:
    found = logit_evidence(p, se)
    low, high = found.interval(level)
    wider = found.interval(min(0.999, level + 0.005))
    assert wider[0] <= low <= p <= high <= wider[1]
    assert low >= 0
    assert high <= 1


@pytest.mark.parametrize(
    ("df", "level", "ends"),
    [
        # R: plogis(qlogis(.25) + c(-1, 1) * qt(1 - (1 - level) / 2, df) * .01 / (.25 * .75))
        (float("inf"), 0.95, (0.2309164417, 0.2701067822)),
        (40.0, 0.90, (0.2335420526, 0.2672134070)),
    ],
)
def test_the_interval_of_a_proportion_is_that_of_its_logit(
    df: float, level: float, ends: tuple[float, float]
) -> None:
    found = Evidence(0.25, 0.25, 0.25, 0.01, df, "logit").interval(level)
    assert found == pytest.approx(ends, abs=1e-8)


# 25.46 % of adults, se 0.74 points: the example of docs/methods/claims.md.
EXAMPLES = [
    ("25 %", 0.2546, 0.0074, "confirmed"),
    ("26 %", 0.2546, 0.0074, "compatible"),  # within the interval, but it rounds to 25
    ("28 %", 0.2546, 0.0074, "contradicted"),
    ("un quart", 0.2546, 0.0074, "confirmed"),
    ("25 %", 0.2546, 0.03, "compatible"),  # too few respondents to show it
    ("plus de 60 %", 0.62, 0.01, "confirmed"),
    ("plus de 60 %", 0.605, 0.01, "compatible"),  # above, but not shown to be
    ("plus de 60 %", 0.55, 0.01, "contradicted"),
    ("moins d’un tiers", 0.30, 0.01, "confirmed"),
    ("de 10 à 20 %", 0.15, 0.01, "confirmed"),
    ("un sur trois", 0.29, 0.004, "contradicted"),
    ("un sur trois", 0.31, 0.004, "confirmed"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "p", "se", "expected"), EXAMPLES)
def test_documented_examples(text: str, p: float, se: float, expected: str) -> None:
    assert outcome(stated(text), logit_evidence(p, se)) == expected


def test_nothing_is_confirmed_without_a_standard_error() -> None:
    said = stated("25 %")
    assert outcome(said, Evidence(0.25, 0.0, 1.0, None)) == "compatible"


def trial(outcome: str | None, *, same: bool = True, earlier: bool = False) -> Trial:
    return Trial(outcome, same, earlier)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("trials", "expected"),
    [
        ([trial("confirmed")], ("confirmed", 0)),
        ([trial("confirmed", same=False)], ("confirmed_other_population", 0)),
        (
            [trial("contradicted"), trial("confirmed", same=False)],
            ("confirmed_other_population", 1),
        ),
        ([trial("confirmed", same=False), trial("confirmed")], ("confirmed", 1)),
        ([trial("contradicted"), trial("confirmed", earlier=True)], ("outdated", 1)),
        ([trial("compatible"), trial("confirmed", earlier=True)], ("compatible", 0)),
        ([trial("contradicted"), trial("compatible")], ("contradicted", 0)),
        ([trial("contradicted"), trial("compatible", earlier=True)], ("contradicted", 0)),
        ([trial(None), trial("compatible")], ("not_checkable", 0)),
        ([trial(None), trial("confirmed")], ("confirmed", 1)),
        ([], ("not_checkable", 0)),
    ],
)  # fmt: skip
def test_which_trial_decides(trials: list[Trial], expected: tuple[str, int]) -> None:
    assert verdict(trials) == expected


def test_strength_goes_down_with_each_doubt_and_not_below_weak() -> None:
    assert [strength(["x"] * k) for k in range(4)] == ["forte", "moyenne", "faible", "faible"]
