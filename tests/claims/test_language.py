"""Claims of other texts, in the language: each quantity, each verdict, and every refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from analysis.claims import load_registers
from analysis.claims.models import RegisterFile
from analysis.definition.schema import schema_of
from analysis.errors import BaroError
from tests.claims.maker import HEAD, claim, estimate, judged, write
from tests.sample import row, survey

NB, NNB = "\u00a0", "\u202f"
P = {"population": "majeurs"}


def ages(**shares: float) -> list[dict[str, Any]]:
    return [row("smartphone", "2022", v, domain="age", domain_value=k, se=0.006, n=2000)
            for k, v in shares.items()]  # fmt: skip


GROUPS = ages(jeune=0.90, vieux=0.30)
# name -> says, check, rows, verdict. Rows: p = 0.61, se 0.01, unless they say otherwise.
CASES: dict[str, tuple[str, dict[str, Any], list[dict[str, Any]], str]] = {
    "level": ("61 %", {}, [row("smartphone", estimate=0.61)], "confirmed"),
    "per thousand": ("610 pour 1 000", {}, [row("smartphone", estimate=0.61)], "confirmed"),
    "majority": ("la majorité", {}, [row("smartphone", estimate=0.61)], "confirmed"),
    "six in ten": ("six adultes sur dix", {}, [row("smartphone", estimate=0.61)], "confirmed"),
    "fewer than a third": ("moins d’un tiers", {}, [row("smartphone", estimate=0.61)],
                           "contradicted"),
    "nearly": ("près de 65 %", {}, [row("smartphone", estimate=0.61)], "compatible"),
    "complement": ("39 %", {"complement": "yes"}, [row("smartphone", estimate=0.61)], "confirmed"),
    "persons": ("31 millions", {"times": "adultes"}, [row("smartphone", estimate=0.61)],
                "confirmed"),  # 0.61 × 51 M = 31.1 M
    "too many persons": ("40 millions", {"times": "adultes"}, [row("smartphone", estimate=0.61)],
                         "contradicted"),
    "mean": ("32 heures par semaine", {"indicator": "heures"},
             [row("heures", estimate=31.94, se=0.5, method="mean")], "confirmed"),
    "mean by day": ("4,6 heures", {"indicator": "heures", "times": "semaine / 7"},
                    [row("heures", estimate=31.94, se=0.5, method="mean")], "confirmed"),
    "rise": ("+8 points", {"quantity": "change", "from": "2020", "wave": "2022"},
             [row("smartphone", "2020", 0.53, se=0.002), row("smartphone", "2022", 0.61, se=0.002)],
             "confirmed"),
    "fall": ("baisse de 8 points", {"quantity": "change", "from": "2020", "wave": "2022"},
             [row("smartphone", "2020", 0.53), row("smartphone", "2022", 0.61)], "contradicted"),
    "relative rise": ("hausse de 15 %", {"quantity": "relative_change", "from": "2020",
                                         "wave": "2022"},
                      [row("smartphone", "2020", 0.53, se=0.002),
                       row("smartphone", "2022", 0.61, se=0.002)], "confirmed"),
    "across a break": ("+21 points", {"quantity": "change", "from": "2019", "wave": "2022"},
                       [row("smartphone", "2019", 0.40), row("smartphone", "2022", 0.61)],
                       "not_checkable"),
    "difference": ("60 points", {"quantity": "difference", "domain": "age", "group": "jeune",
                                 "than": "vieux"}, GROUPS, "confirmed"),
    "three times": ("trois fois plus", {"quantity": "ratio", "domain": "age", "group": "jeune",
                                        "than": "vieux"}, GROUPS, "confirmed"),
    "twice": ("deux fois plus", {"quantity": "ratio", "domain": "age", "group": "jeune",
                                 "than": "vieux"}, GROUPS, "contradicted"),
    "a third of": ("trois fois moins", {"quantity": "ratio", "domain": "age", "group": "vieux",
                                        "than": "jeune"}, GROUPS, "confirmed"),
    "first": ("première", {"quantity": "rank", "domain": "age", "group": "jeune"}, GROUPS,
              "confirmed"),
    "not first": ("première", {"quantity": "rank", "domain": "age", "group": "vieux"}, GROUPS,
                  "contradicted"),
    "lowest": ("premier", {"quantity": "rank", "order": "lowest", "domain": "age",
                           "group": "vieux"}, GROUPS, "confirmed"),
    "last": ("dernière", {"quantity": "rank", "domain": "age", "group": "vieux"}, GROUPS,
             "confirmed"),
    "tied": ("première", {"quantity": "rank", "domain": "age", "group": "jeune"},
             ages(jeune=0.50, vieux=0.495), "compatible"),
    "a group": ("90 %", {"domain": "age", "group": "jeune"}, GROUPS, "confirmed"),
    "an answer": ("40 %", {"indicator": "avis", "category": "oui"},
                  [row("avis", estimate=0.4, category="oui")], "confirmed"),
    "suppressed": ("61 %", {}, [row("smartphone", estimate=None)], "not_checkable"),
    "no error known": ("61 %", {}, [row("smartphone", estimate=0.61) | {"se": None}], "compatible"),
    "outdated": ("53 %", {}, [row("smartphone", "2020", 0.53, se=0.004),
                              row("smartphone", "2022", 0.61)], "outdated"),
    "true before a break": ("40 %", {}, [row("smartphone", "2019", 0.40, se=0.004),
                                         row("smartphone", "2022", 0.61)], "contradicted"),
    "of the wave named": ("53 %", {"wave": "2020"},
                          [row("smartphone", "2020", 0.53), row("smartphone", "2022", 0.61)],
                          "confirmed"),
}  # fmt: skip
CONSTANTS = HEAD["constants"] | {
    "semaine": {"label": "Une semaine", "value": "1 semaine", "source": "insee"}
}


@pytest.mark.parametrize("name", CASES)
def test_claims_of_every_kind_are_judged(name: str, tmp_path: Path) -> None:
    says, check, rows, expected = CASES[name]
    given = {"A": claim(says, estimate(**check))}
    found = judged(tmp_path, given, *rows, constants=CONSTANTS)["A"]
    assert found.verdict == expected, found.main


def test_another_population_is_seen_from_the_definition(tmp_path: Path) -> None:
    rows = [row("smartphone", estimate=0.61), row("ordinateur", estimate=0.61)]
    claims = {
        "A": claim("61 %", estimate(), population="francais"),
        "B": claim("61 %", estimate(), population="majeurs"),
        "C": claim("61 %", estimate()),
        "D": claim("61 %", estimate(alternatives=[{"indicator": "ordinateur"}]),
                   population="francais"),
    }  # fmt: skip
    found = {k: c.verdict for k, c in judged(tmp_path, claims, *rows).items()}
    assert found == {"A": "confirmed_other_population", "B": "confirmed", "C": "confirmed",
                     "D": "confirmed"}  # fmt: skip


def test_a_population_that_the_survey_has_not_is_never_the_same(tmp_path: Path) -> None:
    none = {"ailleurs": {"label": "les autres", "surveys": {"essai": "none"}}}
    found = judged(tmp_path, {"A": claim("61 %", estimate(), population="ailleurs")},
                   row("smartphone", estimate=0.61), populations=none)  # fmt: skip
    assert found["A"].verdict == "confirmed_other_population"


def test_a_claim_about_a_wave_is_judged_on_that_wave(tmp_path: Path) -> None:
    rows = [row("smartphone", "2020", 0.53, se=0.004), row("smartphone", "2022", 0.61)]
    found = judged(tmp_path, {"A": claim("53 %", estimate(), period="2020")}, *rows)["A"]
    assert found.verdict == "confirmed"
    assert found.main.period == "2020"


def test_looks_are_counted_and_told(tmp_path: Path) -> None:
    rows = [row("smartphone", estimate=0.70), row("ordinateur", estimate=0.61)]
    given = {"A": claim("61 %", estimate(alternatives=[{"indicator": "ordinateur"}]), **P)}
    found = judged(tmp_path, given, *rows)["A"]
    assert found.verdict == "confirmed_other_population"
    assert [x.outcome for x in found.main.looks] == ["contredit"]
    assert any("2 essais" in d for d in found.main.doubts)


def test_a_third_look_needs_more_than_a_first(tmp_path: Path) -> None:
    """Equivalence that holds at 5 % and not at 5 % / 3."""
    rows = [row("smartphone", estimate=0.10, se=0.008), row("ordinateur", estimate=0.10, se=0.008),
            row("heures", estimate=30.0, method="mean")]  # fmt: skip
    one = {"A": claim("10 %", estimate("ordinateur"))}
    assert judged(tmp_path, one, *rows)["A"].verdict == "confirmed"
    rows[0] = row("smartphone", estimate=0.30)
    others = [{"wave": "2020"}, {"indicator": "ordinateur"}]
    third = {"A": claim("10 %", estimate(alternatives=others))}
    assert judged(tmp_path, third, *rows)["A"].verdict == "contradicted"


def test_sentences_name_population_interval_and_wave(tmp_path: Path) -> None:
    given = {
        "A": claim("61 %", estimate(), **P),
        "B": claim("+8 points", estimate(quantity="change", wave="2022", **{"from": "2020"})),
        "C": claim("31 millions", estimate(times="adultes")),
    }
    rows = [row("smartphone", "2020", 0.53), row("smartphone", "2022", 0.61)]
    found = {k: c.main.sentence for k, c in judged(tmp_path, given, *rows).items()}
    assert found["A"] == (f"61,0{NB}% des adultes (IC{NB}95{NB}%{NNB}: 59,0–63,0{NNB}; 2022) "
                          "possèdent un smartphone.")  # fmt: skip
    assert f"de 53,0{NB}% en 2020 à 61,0{NB}% en 2022{NNB}: +8,0{NB}points" in found["B"]
    assert found["C"].startswith(f"31,1{NB}millions")
    assert "adultes" in found["C"]


def test_a_ratio_under_one_is_told_the_other_way_round(tmp_path: Path) -> None:
    check = {"quantity": "ratio", "domain": "age", "group": "vieux", "than": "jeune"}
    found = judged(tmp_path, {"A": claim("trois fois moins", estimate(**check))}, *GROUPS)["A"]
    assert "3,0 fois moins" in found.main.sentence


def test_a_break_is_told_as_the_reason(tmp_path: Path) -> None:
    says, check, rows, _ = CASES["across a break"]
    found = judged(tmp_path, {"A": claim(says, estimate(**check))}, *rows)["A"]
    assert "Du face" in found.main.sentence
    assert "2019" in found.main.sentence


def test_published_figures_agree_come_close_or_differ(tmp_path: Path) -> None:
    def published(value: str, **more: str) -> dict[str, Any]:
        return {"published": {"value": value, "label": "Part", "source": "insee", **more}}

    claims = {
        "A": claim("50 %", published("50 %")),
        "B": claim("50 %", published("50,4 %", same_population="no")),
        "C": claim("50 %", published("51 %")),
        "D": claim("50 %", published("60 %")),
        "E": claim("plus de 60 %", published("64 %")),
        "F": claim("le 30 novembre 2023", published("2023-11-30")),
    }
    found = {k: c.verdict for k, c in judged(tmp_path, claims).items()}
    assert found == {
        "A": "published_right", "B": "published_other_population", "C": "published_close",
        "D": "published_wrong", "E": "published_right", "F": "published_right",
    }  # fmt: skip


def test_the_first_check_that_says_something_decides(tmp_path: Path) -> None:
    checks = [{"quoted": "Rien."}, estimate()]
    found = judged(tmp_path, {"A": claim("61 %", *checks)}, row("smartphone", estimate=0.61))["A"]
    assert found.verdict == "confirmed"
    assert [f.kind for f in found.findings] == ["estimate", "quoted"]


# ------------------------------------------------------------------------------------- refusals
def refused(folder: Path, claims: dict[str, Any], **more: Any) -> str:
    path = write(folder, claims, **more)
    with pytest.raises(BaroError) as e:
        load_registers({path: path.name}, {"essai": survey()})
    return str(e.value)


WRONG = {
    "a long quote": (claim("25 %", {"quoted": "x"}, quote="mot " * 16), "16 words", "15 at most"),
    "no figure": (claim("beaucoup", {"quoted": "x"}), "not read as a figure", "25 %"),
    "two kinds": (claim("25 %", {"quoted": "x"} | estimate()), "estimate and quoted", "one of"),
    "no kind": (claim("25 %", {}), "none of them", "one of"),
    "a verdict typed": (claim("25 %", {"quoted": "x"}, verdict="vrai"), '"verdict"', "not known"),
    "an unknown speaker": (claim("25 %", {"quoted": "x"}, speaker="y"), '"y"', "declared"),
    "an unknown survey": (claim("25 %", {"estimate": {"survey": "esai", "indicator": "x"}}),
                          '"esai"', 'did you mean "essai"?'),
    "an unknown indicator": (claim("25 %", estimate("smartfone")), '"smartfone"', "smartphone"),
    "an unknown wave": (claim("25 %", estimate(wave="2021")), '"2021"', "202"),
    "an unknown group": (claim("25 %", estimate(domain="age", group="jeunes")), '"jeunes"',
                         'did you mean "jeune"?'),
    "persons against a share": (claim("13 millions", estimate()), "13 millions", "times:"),
    "euros against a share": (claim("13 M€", estimate()), "13 M€", "per cent"),
    "a rank without a domain": (claim("première", estimate(quantity="rank")), "rank", "domain:"),
    "a rank as a level": (claim("première", estimate()), "première", "quantity: rank"),
    "a change without a start": (claim("+8 points", estimate(quantity="change")), "from", "add"),
    "a start without a change": (claim("25 %", estimate(**{"from": "2020"})), "from", "remove"),
    "a formula of unknowns": (claim("25 %", {"arithmetic": {"formula": "Z9 / 2"}}), "Z9",
                              "correct the name"),
    "a hostile formula": (claim("25 %", {"arithmetic": {"formula": "__import__('os')"}}),
                          "not part of the language", "correct the formula"),
    "mixed units": (claim("25 %", {"arithmetic": {"formula": "A + adultes / 1 - prix"}}),
                    "cannot be added", "correct"),
    "the wrong unit": (claim("25 %", {"arithmetic": {"formula": "prix * 2"}}), "€", "as the claim"),
    "an unknown source": (claim("25 %", {"published": {"value": "25 %", "label": "x",
                                                       "source": "inse"}}), '"inse"', "insee"),
    "which of two figures": (claim({"a": "25 %", "b": "30 %"}, estimate()), 'figure: ""', "a, b"),
    "an address that runs": (claim("25 %", {"quoted": "x"}), "javascript:", "https://"),
    "a population without a survey": (claim("25 %", estimate(), population="ailleurs"),
                                      "does not say", "surveys: {essai"),
    "a misspelled key": (claim("25 %", {"quoted": "x"}, peride="2022"), '"peride"', "period"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_line_and_what_to_type(name: str, tmp_path: Path) -> None:
    wrong, found, remedy = WRONG[name]
    constants = HEAD["constants"] | {"prix": {"label": "Prix", "value": "3 €", "source": "insee"}}
    message = refused(
        tmp_path, {"A": wrong}, constants=constants,
        sources=HEAD["sources"] | {"js": {"title": "x", "url": "javascript:alert(1)"}},
        populations=HEAD["populations"] | {"ailleurs": {"label": "ailleurs"}},
    )  # fmt: skip
    assert found in message
    assert remedy in message
    assert "essai.yml:" in message


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    message = refused(tmp_path, {"A": claim("beaucoup", {"quoted": "x"}),
                                 "B": claim("25 %", estimate("rien")),
                                 "C": claim("25 %", {"quoted": "x"}, theme="u")})  # fmt: skip
    assert message.count("essai.yml:") >= 3


def test_a_contradiction_between_what_can_be_true_together_is_refused(tmp_path: Path) -> None:
    two = {"A": claim("25 %", {"quoted": "x"}), "B": claim("environ 25 %", {"quoted": "x"})}
    said = [{"claims": ["A", "B"], "about": "la part"}]
    assert "can all be true" in refused(tmp_path, two, contradictions=said)


def test_the_same_code_in_two_registers_is_refused(tmp_path: Path) -> None:
    first = write(tmp_path, {"A": claim("25 %", {"quoted": "x"})})
    second = tmp_path / "autre.yml"
    second.write_text(first.read_text("utf-8").replace("register: essai", "register: autre"))
    with pytest.raises(BaroError, match=r"is in essai\.yml too"):
        load_registers({first: first.name, second: second.name}, {})


def test_yaml_stays_text_and_repeated_keys_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, {"A": claim("25 %", {"quoted": "No"})})
    found = load_registers({path: path.name}, {})[0]
    quoted = found.spec.claims["A"].checks[0].quoted
    assert quoted is not None
    assert quoted.text == "No"
    path.write_text(path.read_text("utf-8") + "\ntitle: encore\n", "utf-8")
    with pytest.raises(BaroError, match="twice"):
        load_registers({path: path.name}, {})


def test_the_schema_takes_the_register_and_underlines_a_misspelled_key(
    project_root: Path, tmp_path: Path
) -> None:
    import yaml

    schema = schema_of(RegisterFile, "register")
    Draft202012Validator.check_schema(schema)
    check = Draft202012Validator(schema)
    for file in (project_root / "reports" / "claims").glob("*.yml"):
        data = yaml.load(file.read_text("utf-8"), yaml.BaseLoader)
        assert [e.message for e in check.iter_errors(data)] == []
        data["claims"]["C02"]["spekaer"] = "x"
        assert [list(e.absolute_path) for e in check.iter_errors(data)] == [["claims", "C02"]]
