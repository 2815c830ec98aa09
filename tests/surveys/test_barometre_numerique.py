"""The definition of the Baromètre du numérique: it loads, and each trap of the file is in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.definition import Survey, load_survey

WAVES = [str(y) for y in [*range(2007, 2021), 2022]]


@pytest.fixture(scope="module")
def survey(project_root: Path) -> Survey:
    return load_survey(project_root / "surveys", "barometre_numerique")


def waves_of(survey: Survey, indicator: str) -> tuple[str, ...]:
    return survey.span(survey.spec.indicators[indicator].waves)


# --- size and form ------------------------------------------------------------------------------


def test_it_has_its_waves_variables_indicators_and_domains(survey: Survey) -> None:
    assert list(survey.waves) == WAVES
    assert len(survey.spec.variables) >= 35
    assert len(survey.spec.indicators) >= 25
    assert {
        "sexe", "age", "diplome", "profession", "niveau_de_vie", "agglomeration", "region", "zone",
    } <= set(survey.spec.domains)  # fmt: skip


def test_each_indicator_says_what_a_reader_needs(survey: Survey) -> None:
    for name, i in survey.spec.indicators.items():
        assert i.label, name
        assert i.phrase, name
        assert not i.phrase.endswith("."), name
        assert i.phrase[0].islower(), name
        assert waves_of(survey, name), name


def test_each_theme_has_indicators(survey: Survey) -> None:
    assert {i.theme for i in survey.spec.indicators.values()} == set(survey.spec.themes)


def test_each_wave_says_how_it_is_written_and_how_it_was_asked(survey: Survey) -> None:
    for wave, w in survey.waves.items():
        assert "auto" not in (w.dialect.encoding, w.dialect.separator, w.dialect.decimal), wave
        assert w.rows is not None
        assert w.rows.value == wave
        assert w.mode
        assert str(w.field)
        assert w.size
    assert sum(w.size or 0 for w in survey.waves.values()) == 37_195
    assert survey.waves["2022"].rows != survey.waves["2020"].rows
    assert survey.waves["2022"].dialect != survey.waves["2020"].dialect


def test_the_sample_is_a_quota_sample_and_says_so(survey: Survey) -> None:
    assert survey.spec.design.sampling == "quota"
    assert "quotas" in survey.spec.design.text


def test_files_are_named_with_their_checksums(survey: Survey) -> None:
    assert len(survey.spec.data.files) == 2
    for file in survey.spec.data.files.values():
        assert re.fullmatch("[0-9a-f]{64}", file.sha256)


def test_every_correction_and_fill_has_its_reason(survey: Survey) -> None:
    for name, v in survey.spec.variables.items():
        reasons = [c.reason for c in v.corrections] + [f.reason for f in v.filled]
        assert all(len(reason) > 40 for reason in reasons), name


# --- the traps ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "zone"),
    [
        ("Région parisienne", "region_parisienne"),
        ("Nord", "bassin_parisien"),
        ("Bassin parisien Est", "nord"),
        ("Bassin parisien Ouest", "est"),
        ("Est", "ouest"),
        ("Ouest", "sud_ouest"),
        ("Sud-Ouest", "centre_est"),
        ("Centre Est", "mediterranee"),
    ],
)
@pytest.mark.parametrize("wave", ["2007", "2012", "2017"])
def test_zones_are_moved_by_one_step_before_2018(
    survey: Survey, wave: str, label: str, zone: str
) -> None:
    assert survey.readings("zone", wave)[label] == zone


@pytest.mark.parametrize("wave", ["2018", "2019", "2020"])
def test_zones_are_as_labelled_from_2018(survey: Survey, wave: str) -> None:
    readings = survey.readings("zone", wave)
    assert readings["Nord"] == "nord"
    assert readings["Bassin parisien Est"] == readings["Bassin parisien Ouest"] == "bassin_parisien"
    assert readings["Sud-Ouest"] == "sud_ouest"


def test_there_is_no_regional_series_over_the_whole_period(survey: Survey) -> None:
    assert survey.span(survey.spec.domains["region"].waves) == ("2020", "2022")
    assert "2022" not in survey.span(survey.spec.domains["zone"].waves)


@pytest.mark.parametrize(
    ("variable", "first", "last_filled", "text"),
    [
        ("niveau_de_vie", "2011", "2010", "Non réponse"),
        ("heures_jeu", "2022", "2020", "0"),
        ("ecoute_radio", "2022", "2020", "[Nsp]"),
        ("internet_mobile", "2011", "2010", "Non"),
    ],
)
def test_values_where_nothing_was_asked_are_no_answers(
    survey: Survey, variable: str, first: str, last_filled: str, text: str
) -> None:
    asked = survey.span(survey.spec.variables[variable].waves)
    for wave in survey.span(f"2007-{last_filled}"):
        assert wave not in asked
        assert text in survey.filled(variable, wave)
    assert asked[0] == first
    assert survey.filled(variable, first) == ()


def test_the_label_that_overwrites_answers_is_a_kind_of_missing(survey: Survey) -> None:
    label = "N'a pas internet fixe à domicile"
    for variable in ("enceinte_connectee", "objet_sante", "temps_mort_web"):
        assert survey.readings(variable, "2022")[label] == "not_applicable"


def test_ownership_counts_the_overwritten_as_no_and_habits_leave_them_out(survey: Survey) -> None:
    for name, i in survey.spec.indicators.items():
        if name.startswith("objet_") or name == "enceinte_connectee":
            assert (i.population, i.base) == ("all", "everyone"), name
        if name.startswith("temps_mort_"):
            assert i.population == "abonnes_fixe", name


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("NA", "not_asked"),
        ("[Nsp]", "dont_know"),
        ("[NSP]", "dont_know"),
        ("Ne sait pas", "dont_know"),
        ("Ne sait pas / Ne répond pas", "dont_know"),
        ("[Nsp ou refuse de répondre]", "refused"),
        ("Non réponse", "nonresponse"),
        ("NR", "nonresponse"),
    ],
)
def test_every_spelling_of_no_answer_is_read(survey: Survey, text: str, kind: str) -> None:
    assert survey.readings("terminal_prefere", "2022")[text] == kind


@pytest.mark.parametrize("variable", ["heures_ecran", "heures_internet", "heures_jeu"])
def test_hours_know_their_sentinels(survey: Survey, variable: str) -> None:
    v = survey.spec.variables[variable]
    readings = survey.readings(variable, survey.span(v.waves)[0])
    assert readings["999999"] == readings["999"] == "dont_know"
    assert v.range == (0, 168)


def test_uses_count_everybody_and_say_who_was_passed_over(survey: Survey) -> None:
    for name in ("demarches_en_ligne", "achat_en_ligne", "reseaux_sociaux", "recherche_emploi"):
        assert "non-internautes" in survey.spec.variables[name].skipped
        assert survey.spec.indicators[name].base == "everyone"
        assert survey.population(name, "2020").when == ""


def test_brakes_and_procedures_are_about_adults(survey: Survey) -> None:
    names = (
        "maitrise_insuffisante", "equipement_depasse", "equipement_absent", "acces_insuffisant",
        "au_moins_un_frein", "eloignes_du_numerique", "difficulte_demarches", "mieux_maitriser",
    )  # fmt: skip
    for name in names:
        assert survey.population(name, "2022").short == "adultes"
    assert survey.universe("frein_maitrise", "2022") == "adultes"


def test_insufficient_mastery_is_the_brake_and_not_the_evolution(survey: Survey) -> None:
    assert survey.reads("maitrise_insuffisante") == ("frein_maitrise",)
    assert survey.column("frein_maitrise", "2022") == "FREINWEB4"
    assert survey.column("maitrise_progres", "2022") == "MAITRNUM"


def test_at_least_one_brake_is_the_denial_of_none(survey: Survey) -> None:
    assert survey.reads("au_moins_un_frein") == ("frein_aucun",)
    assert survey.column("frein_aucun", "2020") == "FREINWEB5"


def test_the_single_brake_is_published_only_where_its_labels_are(survey: Survey) -> None:
    codes = survey.readings("frein_principal", "2008")
    assert [codes[c] for c in ("9", "10", "11", "12")] == [
        "inutile", "assistance", "aucun", "dont_know",
    ]  # fmt: skip
    assert "9" not in survey.readings("frein_principal", "2010")
    assert waves_of(survey, "frein_principal")[0] == "2010"


def test_users_are_not_drawn_before_2014(survey: Survey) -> None:
    assert waves_of(survey, "internautes")[0] == "2014"
    assert survey.column("internaute", "2014") == "US_ADMI"
    assert survey.readings("internaute", "2014")["NA"] == "non"
    assert survey.readings("internaute", "2014")["Non"] == "oui"
    assert survey.column("internaute", "2015") == "FREQTOT"
    assert survey.readings("internaute", "2015")["NA"] == "not_asked"


def test_users_are_read_from_the_same_column_in_every_later_wave(survey: Survey) -> None:
    assert {survey.column("internaute", w) for w in survey.span("2015-")} == {"FREQTOT"}


def test_2020_breaks_every_series_that_crosses_it(survey: Survey) -> None:
    for name in survey.spec.indicators:
        waves = waves_of(survey, name)
        if waves[0] < "2020" <= waves[-1]:
            assert "2020" in {b.wave for b in survey.breaks(name)}, name


def test_whatever_reads_computers_stands_alone_in_2020(survey: Survey) -> None:
    reading = {
        name
        for name in survey.indicators_in("2020")
        if {"ordinateur", "nombre_ordinateurs"} & set(survey.reads(name))
    }
    assert len(reading) >= 4
    for name in reading:
        alone = {b.wave for b in survey.spec.indicators[name].not_comparable}
        assert alone == {"2020"}, name
        assert ("2020",) in survey.segments(name)


def test_laptops_change_population_in_2010(survey: Survey) -> None:
    assert survey.population("ordinateur_portable", "2009").short == "adultes"
    assert survey.population("ordinateur_portable", "2010").when == ""
    assert "2010" in {b.wave for b in survey.breaks("ordinateur_portable")}


def test_housing_is_read_without_social_housing(survey: Survey) -> None:
    assert survey.column("logement", "2018") == "TYPLOG"
    assert list(survey.spec.variables["logement"].categories) == ["maison", "collectif"]


def test_income_is_one_variable_from_two_questions(survey: Survey) -> None:
    assert survey.column("revenu", "2009") == "REVTOT6"
    assert survey.column("revenu", "2012") == "REVTOT7"
    assert survey.column("revenu", "2022") == "REVTOT6"
    assert "2007" not in survey.span(survey.spec.variables["revenu"].waves)
    readings = survey.readings("revenu", "2012")
    top = {readings[t] for t in ("De 3100€ à 3999€ par mois", "4000€ et plus par mois")}
    assert top == {"de_3100_et_plus"}
    assert survey.universe("revenu", "2008") == "adultes"


def test_fibre_is_about_subscribers_and_frequency_of_purchase_about_buyers(
    survey: Survey,
) -> None:
    assert survey.spec.indicators["fibre_ou_cable"].population == "abonnes_fixe"
    assert survey.spec.indicators["achat_mensuel"].population == "acheteurs"


def test_the_added_rows_of_2016_are_kept_and_said(survey: Survey) -> None:
    assert survey.waves["2016"].size == 2313
    assert "ECHANTIL" in survey.waves["2016"].note
