from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.definition import load_survey
from analysis.errors import BaroError
from analysis.wording import (
    champ,
    clearly_wider,
    differ,
    file_size,
    gap,
    integer,
    interval,
    lecture,
    listed,
    method_html,
    number,
    percent,
    points,
    share,
    shown,
    source,
    subtitle,
    typeset,
)
from tests.sample import estimate, survey

NB, NN = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [
        (0.2546, 0, "25 %"),  # rounded twice it would be 26
        (0.2549999, 0, "25 %"),
        (0.255, 0, "26 %"),  # a half goes away from zero, not to the even neighbour
        (0.245, 0, "25 %"),
        (0.0, 0, "0 %"),
        (1.0, 1, "100,0 %"),
        (0.1234, 1, "12,3 %"),
    ],
)
def test_percent_is_rounded_once(value: float, digits: int, written: str) -> None:
    assert percent(value, digits) == written.replace(" ", NB)


def test_numbers_are_french() -> None:
    assert number(1234567.891, 2) == f"1{NN}234{NN}567,89"
    assert integer(4184) == f"4{NN}184"
    assert integer(999) == "999"
    assert number(-3.26, 1) == "\u22123,3"
    assert number(-0.04, 1) == "0,0"
    assert interval(0.2401, 0.2692) == f"de 24,0{NB}% à 26,9{NB}%"
    assert points(0.196) == f"20{NB}points"
    assert points(0.012) == f"1{NB}point"
    assert [file_size(n) for n in (12, 3210, 4_560_000)] == [
        f"1{NB}ko", f"3{NB}ko", f"4,6{NB}Mo"]  # fmt: skip
    assert listed(["a", "b", "c"]) == "a, b et c"
    assert listed(["a"]) == "a"


def test_typeset_text_of_a_definition() -> None:
    assert typeset("l'avis : 25 % ?") == f"l’avis{NN}: 25{NB}%{NN}?"
    assert typeset("« oui »") == f"«{NB}oui{NB}»"
    assert typeset("3 611 personnes") == f"3{NN}611 personnes"
    assert typeset("a:b https://x.fr") == "a:b https://x.fr"
    assert typeset(typeset("« oui » : 3 611")) == typeset("« oui » : 3 611")


def test_lecture_says_date_group_number_and_margin() -> None:
    cell = estimate(estimate=0.3, domain="age", domain_value="vieux")
    assert lecture(survey(), cell).replace(NB, " ").replace(NN, " ") == (
        "Lecture : en 2022, 30 % des 70 ans & <plus> possèdent un smartphone. "
        "Intervalle à 95 % : de 28,0 % à 32,0 %."
    )
    women = estimate(estimate=0.3, domain="sexe", domain_value="f")
    assert (
        lecture(survey(), women)
        .replace(NB, " ")
        .replace(NN, " ")
        .startswith(
            "Lecture, groupe « Femmes » : en 2022, 30 % des adultes possèdent un smartphone. "
        )
    )
    mean = estimate("heures", estimate=31.94, se=0.5)
    said = lecture(survey(), mean).replace(NB, " ").replace(NN, " ")
    assert "en moyenne, 31,9 heures par semaine. Intervalle à 95 % : de 31,0 à 32,9" in said
    answer = estimate("avis", estimate=0.4, category="oui")
    assert "40 % des 12 ans ou plus répondent « Oui »" in lecture(survey(), answer).replace(NB, " ")


def test_lines_of_every_indicator_are_short(project_root: Path) -> None:
    """At most 25 words a sentence, whatever the group: the limit of plain French."""
    real = load_survey(project_root / "surveys", "barometre_numerique")
    for name, indicator in real.spec.indicators.items():
        wave = max(real.waves)
        answers = real.categories(name) if indicator.measure == "distribution" else ("",)
        cells = [estimate(name, wave, category=a, domain=d, domain_value=v)
                 for a in answers
                 for d, v in (("ensemble", "ensemble"), ("age", "de_70_et_plus"),
                              ("diplome", "superieur"))]  # fmt: skip
        said = [champ(real, name, wave), *(lecture(real, c) for c in cells)]
        for line in said:
            for sentence in re.split(r"(?<=[.])\s", line):
                after = sentence.rpartition("\u202f: ")[2]  # the lead names the line, or the group
                words = re.sub("«[^»]*»", "réponse", after).replace("\u00a0", " ").split()
                assert len(words) <= 25, sentence


def test_champ_names_population_base_and_sample() -> None:
    everyone = champ(survey(), "smartphone", "2022")
    assert "personnes de 18\u00a0ans ou plus, France métropolitaine." in everyone
    assert "n’a pas été posée comptent comme" in everyone
    assert "quotas" in everyone
    assert "laisse de côté les personnes sans réponse" in champ(survey(), "ordinateur", "2022")
    random = survey(design={"sampling": "probability"})
    assert "quotas" not in champ(random, "smartphone", "2022")


def test_source_and_demonstration() -> None:
    real = source(survey(), ("2018", "2022"), ("observed",)).replace(NN, " ")
    assert real == "Source : Institut pour l’essai, 2018 à 2022 (ODbL 1.0) ; calculs Baromètre."
    drawn = source(survey(), ("2022",), ("demonstration",))
    assert "données de démonstration" in drawn
    assert "Institut" not in drawn


def test_suppressed_is_said() -> None:
    assert shown(survey(), estimate(estimate=None)) == "non publié"
    assert subtitle(survey(), "heures", "2022").startswith("Temps d’écran, moyenne en heures")


def test_share_in_words_only_when_true() -> None:
    dit = ("dit", "disent")
    assert share(estimate(estimate=0.2546), "adulte", "adultes", dit) == (
        f"un{NB}adulte sur quatre dit"
    )
    assert share(estimate(estimate=0.667), "adulte", "adultes", dit) == (
        f"deux{NB}adultes sur trois disent"
    )
    assert share(estimate(estimate=0.27), "adulte", "adultes", dit) == (
        f"27{NB}% des adultes disent"
    )
    assert "quatre" not in share(estimate(estimate=0.2546, se=0.001), "adulte", "adultes", dit)


def test_differences_are_tested() -> None:
    low, high = estimate(estimate=0.50), estimate(estimate=0.53)
    assert differ(low, high)
    assert not differ(low, high, among=10)
    assert not differ(low, estimate(estimate=None))
    found = gap([high, low, estimate(estimate=None)])
    assert (found.lowest, found.highest, found.significant) == (low, high, True)
    assert clearly_wider(gap([low, estimate(estimate=0.7)]), found)
    assert not clearly_wider(found, found)
    with pytest.raises(BaroError, match="fewer than two reliable groups"):
        gap([low, estimate(estimate=0.9, status="U")])


def test_method_comes_from_the_definition() -> None:
    page = method_html(survey(), "2022", [estimate()]).replace(NN, " ").replace(NB, " ")
    for words in ("1 200 personnes", "en ligne", "en juin 2022", "quotas", "1,25", "2020 –",
                  "Du face-à-face au web", "inférieur à 30"):  # fmt: skip
        assert words in page
    assert page.count('<th scope="row">') == 4
