"""The register of the project: its 53 claims, their quotes, and the hand-made checks of each."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import polars as pl
import pytest

from analysis.claims import Judged, Judgement, Sheet, judge, load_registers
from analysis.definition import Survey, load_survey

SURVEY = "barometre_numerique"


@pytest.fixture(scope="module")
def survey(project_root: Path) -> Survey:
    return load_survey(project_root / "surveys", SURVEY)


@pytest.fixture(scope="module")
def registers(project_root: Path, survey: Survey) -> list:
    files = sorted((project_root / "reports" / "claims").glob("*.yml"))
    return load_registers({f: f.name for f in files}, {SURVEY: survey})


@pytest.fixture(scope="module")
def judged(registers: list, survey: Survey, real_estimates: pl.DataFrame) -> dict[str, Judged]:
    found = judge(registers, {SURVEY: Sheet(survey, real_estimates)})
    return {c.id: c for c in found.claims}


def shared(name: str, project_root: Path) -> Path:
    """A file handed over beside the data; the test is skipped, aloud, where it is absent."""
    data = project_root / os.environ.get("BARO_DATA", "data")
    path = data.parent / "domain" / name
    if not path.is_file():
        pytest.skip(f"{name} is not beside the data: what is checked against it")
    return path


def hand_made(project_root: Path) -> dict[str, dict[str, str]]:
    path = shared("claims-assises-2024.csv", project_root)
    with path.open(encoding="utf-8") as f:
        return {row["id"]: row for row in csv.DictReader(f)}


def normal(text: str) -> str:
    """Without what typography may change: spaces, apostrophes, hyphens, emphasis."""
    spaced = re.sub(r"[\s\u00a0\u202f]+", " ", text.replace("’", "'").replace("\u2011", "-"))
    return re.sub(r"\s*%", "%", spaced.replace("**", ""))


def test_there_are_53_claims_and_those_of_the_avis_come_first(registers: list) -> None:
    claims = registers[0].spec.claims
    assert sorted(claims) == [f"C{k:02}" for k in range(1, 54)]
    source = [c.source == "avis_csnp" for c in claims.values()]
    assert source[:14] == [True] * 14
    assert not any(source[14:])


def test_every_quote_is_found_in_the_text(registers: list, project_root: Path) -> None:
    text = normal(shared("synthese-assises-2024.txt", project_root).read_text("utf-8"))
    assert [c.quote for c in registers[0].claims() if normal(c.quote) not in text] == []


def test_no_quote_is_longer_than_15_words(registers: list) -> None:
    assert max(len(c.quote.split()) for c in registers[0].claims()) <= 15


def test_every_claim_says_what_the_checked_list_says(registers: list, project_root: Path) -> None:
    """Value by value: the number typed by hand lies in what the register says."""
    rows = hand_made(project_root)
    stated = registers[0].stated
    for code, row in rows.items():
        numbers = re.findall(r"-?\d+(?:\.\d+)?", row["value"])
        if "date" in row["unit"] or not numbers or "hundred" in row["value"]:
            continue
        scale = next((s for word, s in (("Md€", 1e9), ("M€", 1e6), ("million", 1e6), ("%", 0.01))
                      if word in row["unit"]), None)  # fmt: skip
        found = [s for (name, _), s in stated.items() if name == code]
        if scale is None:  # in the unit that was said
            scale = found[0].unit.scale
        if len(numbers) == 1:
            value = float(numbers[0]) * scale
            assert any(s.holds(value) or s.value == pytest.approx(value) for s in found), code


def test_every_speaker_is_the_one_of_the_checked_list(registers: list, project_root: Path) -> None:
    spec = registers[0].spec
    for code, row in hand_made(project_root).items():
        name = spec.speakers[spec.claims[code].speaker].name
        known = row["speaker"]
        if not any(word in known for word in ("narrator", "Emmaüs Connect", "La Poste")):
            assert normal(name) in normal(known), code


# Checks of the hand-made list: a is re-estimated, b arithmetic, c quoted. Where c, another
# published figure may stand beside, which was found in other lists.
KINDS = {"a": {"estimate"}, "b": {"arithmetic"}, "c": {"quoted", "published"}}
LOOKED_AT = ("C02", "C06", "C17", "C20", "C21", "C32", "C38", "C39", "C40", "C42", "C45")


@pytest.mark.parametrize("code", LOOKED_AT)
def test_each_claim_is_checked_as_by_hand(
    code: str, judged: dict[str, Judged], project_root: Path
) -> None:
    row = hand_made(project_root)[code]
    assert judged[code].main.kind in KINDS[row["check"][0]]


@pytest.mark.parametrize("code", ["C02", "C17", "C20", "C21"])
def test_estimates_are_those_found_by_hand(
    code: str, judged: dict[str, Judged], project_root: Path
) -> None:
    """The per cents of check_detail, of the latest wave, to a tenth of a point."""
    detail = hand_made(project_root)[code]["check_detail"]
    main = judged[code].main
    assert main.value is not None
    value = round(100 * main.value, 1)
    assert f"{value} %" in detail or f"2022 = {value}" in detail, detail


@pytest.mark.parametrize(
    ("code", "numbers"),
    [("C06", ("−56,5",)), ("C39", ("133",)), ("C42", ("510",)), ("C45", ("20,4",))],
)
def test_sums_are_those_done_by_hand(
    code: str, numbers: tuple[str, ...], judged: dict[str, Judged]
) -> None:
    """-56.45 %, 70 + 63 = 133 %, 510 km/h and 20.4 min are in the hand-made list."""
    found = " ".join([*(f.sentence for f in judged[code].findings),
                      *(x.what for f in judged[code].findings for x in f.looks)])  # fmt: skip
    for number in numbers:
        assert number in found


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("C02", "confirmed_other_population"),  # adults, not the French
        ("C06", "arithmetic_right"),
        ("C17", "confirmed"),  # no fixed line
        ("C20", "confirmed_other_population"),
        ("C21", "compatible"),  # 21.5 %: one in four is not shown, and not excluded
        ("C32", "published_other_population"),  # 101 who answered
        ("C38", "published_close"),  # 51 % were published
        ("C39", "arithmetic_wrong"),  # 70 % and 50 % of one base exceed it
        ("C40", "arithmetic_wrong"),
        ("C42", "arithmetic_right"),
        ("C45", "arithmetic_right"),
    ],
)
def test_verdicts_are_what_the_hand_made_list_comes_to(
    code: str, verdict: str, judged: dict[str, Judged]
) -> None:
    assert judged[code].verdict == verdict


def test_contradictions_are_shown_on_both_sides(judged: dict[str, Judged], registers: list) -> None:
    assert judged["C01"].against == ("C16",)
    assert judged["C16"].against == ("C01",)
    assert [set(c.claims) for c in registers[0].spec.contradictions] == [
        {"C01", "C16"}, {"C08", "credits_conseillers_2024"},
    ]  # fmt: skip


def test_the_sentence_can_be_pasted(judged: dict[str, Judged]) -> None:
    sentence = judged["C02"].main.sentence
    nb, nnb = "\u00a0", "\u202f"
    assert sentence.startswith(f"25,5{nb}% des adultes (IC{nb}95{nb}%{nnb}: 24,0–26,9{nnb}; 2022) ")
    assert "CRÉDOC" in judged["C02"].main.source


def test_drawn_data_give_no_verdict(
    registers: list, survey: Survey, real_estimates: pl.DataFrame
) -> None:
    drawn = real_estimates.with_columns(origin=pl.lit("demonstration"))
    found: Judgement = judge(registers, {SURVEY: Sheet(survey, drawn)})
    estimated = [c for c in found.claims if c.main.kind == "estimate"]
    assert len(estimated) == 4
    for claim in estimated:
        assert claim.verdict == "no_verdict"
        assert claim.main.value is None
        assert not re.search(r"\d", claim.main.sentence)
