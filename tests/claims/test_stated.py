"""Stated figures: how each way of saying one is read. Expected bands are worked out by hand."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.claims.judge import band
from analysis.claims.numerals import numeral, word_value
from analysis.claims.stated import Stated, StatedError, stated
from analysis.claims.units import unit
from analysis.claims.words import span

NB, NNB = "\u00a0", "\u202f"

# As said, and the ends of the values that make it true: docs/methods/claims.md has the same table.
BANDS = [
    ("25 %", 0.245, 0.255),
    ("25%", 0.245, 0.255),
    (f"25{NB}%", 0.245, 0.255),
    ("25,5 %", 0.2545, 0.2555),
    ("50 %", 0.495, 0.505),
    ("100 %", 0.995, 1.005),
    ("vingt-cinq pour cent", 0.245, 0.255),
    ("12 ‰", 0.0115, 0.0125),
    ("12 pour 1 000", 0.0115, 0.0125),
    ("3 pour 100 000", 0.000025, 0.000035),
    ("un quart", 0.225, 0.275),
    ("un tiers", 0.3, 0.3667),
    ("la moitié", 0.45, 0.55),
    ("deux tiers", 0.6333, 0.7),
    ("trois quarts", 0.725, 0.775),
    ("un cinquième", 0.18, 0.22),
    ("un sur trois", 0.3, 0.3667),
    ("Un foyer sur trois", 0.3, 0.3667),
    ("une personne sur 4", 0.225, 0.275),
    ("une personne seule sur deux", 0.45, 0.55),
    ("9 Français sur 10", 0.89, 0.91),
    ("neuf adultes sur dix", 0.89, 0.91),
    ("450 sur 1 000", 0.4495, 0.4505),
    ("plus de 60 %", 0.6, inf),
    ("plus de 60%", 0.6, inf),
    ("plus d’un tiers", 1 / 3, inf),
    ("plus d’une personne sur quatre", 0.25, inf),
    ("au moins 60 %", 0.6, inf),
    ("moins d'un tiers", -inf, 1 / 3),
    ("pas plus de 5 %", -inf, 0.05),
    ("la majorité", 0.5, inf),
    ("une minorité", -inf, 0.5),
    ("environ 25 %", 0.225, 0.275),
    ("près de 16 millions", 14.4e6, 16.5e6),
    ("près d’un tiers", 0.3, 1 / 3),
    ("13 millions", 12.5e6, 13.5e6),
    ("2,2 millions d’utilisateurs", 2.15e6, 2.25e6),
    ("16 M", 15.5e6, 16.5e6),
    ("deux millions", 1.5e6, 2.5e6),
    ("10 000 bénévoles", 9500, 10500),
    (f"10{NNB}000 bénévoles", 9500, 10500),
    ("413 France Services", 412.5, 413.5),
    ("170 km", 165e3, 175e3),
    ("62 M€", 61.5e6, 62.5e6),
    ("3 milliards d’euros", 2.5e9, 3.5e9),
    ("1,5 Md€", 1.45e9, 1.55e9),
    ("40 à 150 euros", 39.5, 155),
    ("entre 40 et 150 euros", 39.5, 155),
    ("de 40 % à 80 %", 0.395, 0.805),
    ("10-15 %", 0.095, 0.155),
    ("5,5 à 6 millions de personnes", 5.45e6, 6.5e6),
    ("-56 %", -0.565, -0.555),
    ("−56 %", -0.565, -0.555),
    ("diminue de 56 %", -0.565, -0.555),
    ("+8 points", 0.075, 0.085),
    ("+8 points en deux ans", 0.075, 0.085),
    ("hausse de plus de 8 points", 0.08, inf),
    ("baisse de plus de 8 points", -inf, -0.08),
    ("deux fois plus", 1.8, 2.2),
    ("2,5 fois plus", 2.45, 2.55),
    ("trois fois moins", 0.3, 0.3667),
    ("le double", 1.8, 2.2),
    ("des milliers d’employés", 2000, 1e6),
    ("plusieurs centaines de projets", 200, 1000),
    ("une centaine de projets", 90, 110),
    ("première région", 1, 1),
    ("3e", 3, 3),
    ("dernière", -1, -1),
]  # fmt: skip


@pytest.mark.parametrize(("text", "low", "high"), BANDS, ids=[b[0] for b in BANDS])
def test_each_way_of_saying_a_figure_has_its_band(text: str, low: float, high: float) -> None:
    found = stated(text)
    assert found.low == pytest.approx(low, rel=2e-4)
    assert found.high == pytest.approx(high, rel=2e-4)
    assert found.text == text


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        ("25 %", (0.245, 0.25, 0.2546), (0.2449, 0.255, 0.26)),  # 25.5 is printed 26
        ("plus de 60 %", (0.6001, 0.9), (0.6, 0.59)),
        ("au moins 60 %", (0.6, 0.9), (0.5999,)),
        ("moins d’un tiers", (0.1, 0.333), (1 / 3, 0.4)),
        ("la majorité", (0.51,), (0.5,)),
        ("baisse de plus de 8 points", (-0.081,), (-0.08, 0.08)),
        ("-56 %", (-0.5645, -0.555), (-0.5549, -0.566, 0.56)),
    ],
)
def test_ends_belong_to_the_words_or_not(
    text: str, true: tuple[float, ...], false: tuple[float, ...]
) -> None:
    s = stated(text)
    assert [x for x in true if not s.holds(x)] == []
    assert [x for x in false if s.holds(x)] == []


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("le 30 novembre 2023", ("2023-11-30", "2023-11-30")),
        ("2023-11-30", ("2023-11-30", "2023-11-30")),
        ("1er février 2024", ("2024-02-01", "2024-02-01")),
        ("février 2024", ("2024-02-01", "2024-02-29")),
        ("décembre 2023", ("2023-12-01", "2023-12-31")),
        ("en 2022", ("2022-01-01", "2022-12-31")),
    ],
)
def test_dates_are_spans_of_days(text: str, days: tuple[str, str]) -> None:
    from datetime import date

    found = stated(text)
    assert found.relation == "date"
    spanned = [date.fromordinal(int(x)).isoformat() for x in (found.low, found.high)]
    assert tuple(spanned) == days


@pytest.mark.parametrize(
    ("text", "seconds", "name"),
    [("20 min.", 1200, "min"), ("onze ans", 11 * 365.25 * 86400, "ans"),
     ("90 heures", 324000, "heures")],
)  # fmt: skip
def test_durations_are_in_seconds(text: str, seconds: float, name: str) -> None:
    found = stated(text)
    assert found.value == pytest.approx(seconds)
    assert found.unit.name == name
    assert found.unit.dims == (("s", 1),)


def test_speeds_and_yearly_sums_have_their_dimensions() -> None:
    assert stated("500 km/h").value == pytest.approx(500_000 / 3600)
    assert stated("500 km/h").unit.dims == (("m", 1), ("s", -1))
    assert stated("3 milliards d'euros par an").unit.dims == (("s", -1), ("€", 1))
    assert unit("euros l'unité").dims == (("€", 1),)
    assert unit("Français").dims == ()


@pytest.mark.parametrize(
    "text",
    ["", "9" * 190, "1000000000000 milliards",
     "beaucoup", "zéro fois moins", "%", "quelques personnes", "31 février 2024",
     "2023-13-01", "x" * 500, "__import__('os')", "=1+1", "<b>25</b> %"],
)  # fmt: skip
def test_what_is_no_figure_is_refused(text: str) -> None:
    with pytest.raises(StatedError):
        stated(text)


def test_a_named_unit_is_used_where_the_figure_has_none() -> None:
    assert stated("25", "%") == stated("25 %").__class__(
        **{f: getattr(stated("25 %"), f) for f in Stated.__slots__} | {"text": "25"}
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [("zéro", 0), ("onze", 11), ("vingt et un", 21), ("soixante-dix-sept", 77),
     ("quatre-vingts", 80), ("quatre-vingt-dix-neuf", 99), ("cent vingt", 120),
     ("trois cents", 300), ("deux cent un", 201), ("nonante", 90)],
)  # fmt: skip
def test_numbers_in_words(text: str, value: int) -> None:
    assert word_value(text) == value
    found = numeral(f"{text} personnes")
    assert found is not None
    assert found.value == value


@given(st.integers(0, 100), st.integers(0, 9))
def test_a_share_written_with_a_decimal_rounds_back_to_itself(whole: int, tenth: int) -> None:
    share = stated(f"{whole},{tenth} %")
    value = whole / 100 + tenth / 1000
    assert share.holds(value)
    assert share.holds(value + 0.00049)
    assert not share.holds(value + 0.00051)
    assert not share.holds(value - 0.00051)


WORDS = [
    "plus", "moins", "de", "d'", "du", "un", "une", "deux", "trois", "zéro", "dix", "cent",
    "mille", "million", "millions", "milliards", "%", "‰", "points", "€", "M€", "k€", "0", "00",
    "1", "2,5", "10", "000", "25", "100", "1.000", "sur", "entre", "et", "à", "fois", "le", "la",
    "les", "moitié", "quart", "tiers", "majorité", "environ", "près", "presque", "au", "hausse",
    "baisse", "+", "-", "−", "première", "dernière", "2e", "en", "2022", "novembre", "30", "par",
    "an", "km/h", "km", "min", "ans", "Français", "personnes", "pour", "l'", "'",
]  # fmt: skip


@settings(max_examples=500)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join)))
def test_any_text_is_read_and_shown_or_refused(text: str) -> None:
    try:
        found = stated(text)
    except StatedError:
        return
    assert found.low <= found.high
    assert found.near_low <= found.low + 1e-9 * abs(found.value)
    assert found.near_high >= found.high - 1e-9 * abs(found.value)
    assert band(found)
    assert span(found.low, found.high, found.unit)
