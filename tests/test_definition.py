"""Definitions: what they mean, and every fault of theirs with its file, line and remedy.

Lines are counted in the text itself, before any of our code reads it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.definition import Survey, load_survey, span, survey_ids
from analysis.definition.texts import clean
from analysis.definition.yamltext import read_yaml
from analysis.errors import BaroError, Problem
from tests.surveys_maker import (
    SURVEY_YML,
    WAVES,
    changed,
    line_of,
    small_survey,
    write_survey,
)

W19 = WAVES["2019"]
W21 = WAVES["2021"]


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    return small_survey(tmp_path_factory.mktemp("definition"))


def problems_of(folder: Path, survey_yml: str = SURVEY_YML, **waves: str) -> tuple[Problem, ...]:
    """What loading refuses; every problem says where, what and what to do."""
    surveys = write_survey(folder, survey_yml, **waves)
    with pytest.raises(BaroError) as caught:
        load_survey(surveys, "small")
    for problem in caught.value.problems:
        assert problem.where.startswith("surveys/small")
        assert problem.found
        assert problem.remedy
    return caught.value.problems


def in_file(problem: Problem) -> tuple[str, int]:
    """The file and the line that a problem names."""
    file, _, rest = problem.where.partition(":")
    return file.removeprefix("surveys/small/"), int(rest.split(":")[0])


# --- what is read -------------------------------------------------------------------------------


def test_every_scalar_is_text(survey: Survey) -> None:
    assert survey.spec.missing.not_asked == ("NA",)
    assert survey.waves["2019"].rename == {}
    assert survey.waves["2021"].wave == "2021"
    assert survey.waves["2021"].size == 60


def test_no_yes_and_01_stay_text(tmp_path: Path) -> None:
    text = changed("{bon: Bon, mauvais: Mauvais}", "{No: {label: No, raw: [No, 01]}, '2': yes}")
    text = changed("avis == bon", "avis == No", text)
    text = changed("avis == mauvais", "avis == 2", text)
    categories = small_survey(tmp_path, text).spec.variables["avis"].categories
    assert {k: c.texts for k, c in categories.items()} == {"No": ("No", "01"), "2": ("yes",)}


def test_a_label_alone_is_a_category_and_its_text(survey: Survey) -> None:
    femme = survey.spec.variables["sexe"].categories["femme"]
    assert (femme.label, femme.texts) == ("Femme", ("Femme",))


def test_waves_are_in_order_and_the_folder_names_the_survey(survey: Survey) -> None:
    assert list(survey.waves) == ["2019", "2021"]
    assert survey.id == "small"


def test_survey_ids_are_the_folders_with_a_definition(tmp_path: Path) -> None:
    surveys = write_survey(tmp_path)
    (surveys / "empty").mkdir()
    assert survey_ids(surveys) == ("small",)


@pytest.mark.parametrize("file", ["survey.yml", "waves/2021.yml"])
@pytest.mark.parametrize("how", ["crlf", "bom"])
def test_line_ends_and_byte_order_marks_do_not_matter(
    tmp_path: Path, file: str, how: str, survey: Survey
) -> None:
    path = write_survey(tmp_path) / "small" / file
    content = path.read_bytes()
    made = content.replace(b"\n", b"\r\n") if how == "crlf" else b"\xef\xbb\xbf" + content
    path.write_bytes(made)
    assert load_survey(tmp_path / "surveys", "small") == survey


# --- readings -----------------------------------------------------------------------------------


def test_readings_are_categories_then_missing_then_corrections_of_the_wave(
    survey: Survey,
) -> None:
    missing = {
        "NA": "not_asked",
        "Sans objet": "not_applicable",
        "[Nsp]": "dont_know",
        "Refus": "refused",
        "NR": "nonresponse",
    }
    assert survey.readings("sexe", "2021") == {"Femme": "femme", "Homme": "homme"} | missing
    assert survey.readings("sexe", "2019")["F"] == "femme"
    assert survey.readings("heures", "2019") == missing | {"999": "dont_know", "-1": "dont_know"}
    assert survey.readings("tablette", "2019")["Vide"] == "not_asked"
    assert "Vide" not in survey.readings("tablette", "2021")


def test_corrections_hold_in_their_waves_only(tmp_path: Path) -> None:
    text = changed(
        "    categories: {femme: Femme, homme: Homme}\n",
        "    categories: {femme: Femme, homme: Homme}\n"
        "    corrections:\n"
        '      - {waves: "2021", reason: inversion, recode: {Femme: homme, Homme: femme}}\n',
    )
    made = small_survey(tmp_path, text)
    assert made.readings("sexe", "2019")["Femme"] == "femme"
    assert made.readings("sexe", "2021")["Femme"] == "homme"


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("  Oui ", "Oui"),
        ("l’été", "l'été"),
        ("a \t\n b", "a b"),
        ("a\u00a0b\u202fc", "a b c"),
        ("e\u0301te\u0301", "été"),
        ("OUI", "OUI"),
        ("ete", "ete"),
        ("", ""),
    ],
)
def test_cleaning_forgets_blanks_apostrophes_and_composition_only(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


def test_a_renamed_column_has_the_name_of_its_file(survey: Survey) -> None:
    assert survey.column("internet", "2019") == "WEB"
    assert survey.column("internet", "2021") == "INTERNET"
    assert survey.column("classe", "2021") == ""


# --- waves --------------------------------------------------------------------------------------

YEARS = ("2007", "2008", "2010", "2011", "2015")


@pytest.mark.parametrize(
    ("text", "waves"),
    [
        ("all", YEARS),
        (" all ", YEARS),
        ("2008", ("2008",)),
        ("2008-2010", ("2008", "2010")),
        ("2009-2012", ("2010", "2011")),  # a range may pass over years without a wave
        ("2011-", ("2011", "2015")),
        ("2007 – 2008", ("2007", "2008")),
        ("2015, 2007-2008", ("2007", "2008", "2015")),
        ("2007, 2007-2010", ("2007", "2008", "2010")),
    ],
)
def test_a_span_names_waves(text: str, waves: tuple[str, ...]) -> None:
    assert span(text, YEARS) == waves


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2009", '"2009" is not a wave'),
        ("2012-2014", '"2012-2014" holds no wave'),
        ("2011-2007", '"2011-2007" holds no wave'),
        ("2016-", '"2016-" holds no wave'),
        ("2007,", '"" is not a wave'),
        ("", '"" is not a wave'),
        ("2007 et 2008", '"2007 et 2008" is not a wave or a range of waves'),
    ],
)
def test_a_span_that_names_no_wave_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        span(text, YEARS)
    assert fault in str(caught.value)


def test_a_mapping_of_spans_is_resolved_by_wave(survey: Survey) -> None:
    assert survey.at({"2019": "a", "2020-": "b"}, "2019") == "a"
    assert survey.at({"2019": "a", "2020-": "b"}, "2021") == "b"
    assert survey.at({"2019": "a"}, "2021") is None
    assert survey.at("a", "2021") == "a"


def test_what_a_wave_asked(survey: Survey) -> None:
    assert "tablette" not in survey.variables_in("2019")
    assert "tablette" in survey.variables_in("2021")
    assert "tablettes" not in survey.indicators_in("2019")
    assert survey.universe("achat", "2019") == "internautes"
    assert survey.universe("sexe", "2019") is None


def test_breaks_and_segments(survey: Survey, tmp_path: Path) -> None:
    assert [b.wave for b in survey.breaks("internautes")] == ["2021"]
    assert survey.segments("internautes") == (("2019",), ("2021",))
    assert survey.breaks("tablettes") == ()  # nothing before the break to be compared with
    unbroken = small_survey(
        tmp_path, changed('breaks:\n  - {wave: "2021", reason: le mode a changé}\n', "")
    )
    assert unbroken.segments("internautes") == (("2019", "2021"),)


# --- faults of form -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "line", "found", "said"),
    [
        ("    column: SEXE\n", "    colunm: SEXE\n", "colunm", '"colunm" is not known', "column"),
        ("weight: W\n", "wieght: W\n", "wieght", '"wieght" is not known', "weight"),
        (
            "when: age >= 18}",
            "when: age >= 18, lable: x}",
            "lable",
            '"lable" is not known',
            "label",
        ),
        (
            "sampling: quota",
            "sampling: quotas",
            "sampling",
            '"quotas" does not fit',
            "'probability', 'quota' or 'voluntary'",
        ),
        ("range: [12, 110]", "range: [12, vieux]", "[12, vieux]", '"vieux" does not fit', "number"),
        ("range: [12, 110]", "range: [12]", "range: [12]", "1 values", "one more"),
        (
            "categories: {femme: Femme, homme: Homme}",
            "categories: [femme, homme]",
            "[femme",
            "a list does not fit",
            "dictionary",
        ),
        (
            "    universe: internautes\n",
            "    universe: [internautes]\n",
            "universe:",
            "a list does not fit",
            "string",
        ),
        ("themes: {usages: Usages}", "themes:", "themes:", '"" does not fit', "dictionary"),
        ("    measure: mean\n", "    measure: average\n", "average", '"average"', "'mean'"),
    ],
)
def test_a_key_or_value_that_does_not_fit(
    tmp_path: Path, old: str, new: str, line: str, found: str, said: str
) -> None:
    text = changed(old, new)
    problem = next(
        p
        for p in problems_of(tmp_path, text)
        if in_file(p) == ("survey.yml", line_of(line, text)) and found in p.found
    )
    assert said in problem.expected


def test_a_union_of_types_is_refused_once(tmp_path: Path) -> None:
    text = changed("    universe: internautes\n", "    universe: [internautes]\n")
    assert len(problems_of(tmp_path, text)) == 1


def test_a_missing_key_is_named_at_its_section(tmp_path: Path) -> None:
    text = changed("    label: Âge\n    column", "    column")
    (problem,) = problems_of(tmp_path, text)
    assert in_file(problem) == ("survey.yml", line_of("  age:\n", text))
    assert 'the key "label" is missing' in problem.found
    assert problem.remedy == "add label: …"


def test_a_missing_key_of_the_file_itself(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, changed("weight: W\n", ""))
    assert in_file(problem) == ("survey.yml", 1)
    assert 'the key "weight" is missing' in problem.found


def test_a_duplicated_key_names_both_lines(tmp_path: Path) -> None:
    text = changed("    column: AGE\n", "    column: AGE\n    label: Années\n")
    (problem,) = problems_of(tmp_path, text)
    assert in_file(problem) == ("survey.yml", line_of("label: Années", text))
    first = line_of("label: Âge\n    column", text)
    assert f'"label" is there twice (first on line {first})' in problem.found


def test_aliases_and_anchors_are_refused(tmp_path: Path) -> None:
    text = changed("title: Petite enquête", "title: &t Petite enquête")
    text = changed("  dataset: Petite enquête", "  dataset: *t", text)
    anchor, alias = problems_of(tmp_path, text)
    assert in_file(anchor) == ("survey.yml", line_of("&t", text))
    assert in_file(alias) == ("survey.yml", line_of("*t", text))
    assert "&t" in anchor.found
    assert "*t" in alias.found
    assert "write the value" in alias.remedy


def test_merge_keys_are_refused(tmp_path: Path) -> None:
    text = changed("themes: {usages: Usages}", "themes: {<<: {usages: Usages}}")
    (problem,) = problems_of(tmp_path, text)
    assert problem.where.endswith("themes.<<")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("themes: {usages: Usages}", "themes: {usages: Usages", "survey"),
        ("    column: AGE\n", "\tcolumn: AGE\n", "\tcolumn"),
        ("    column: AGE\n", "    column: AGE: AGE\n", "AGE: AGE"),
        ('not_asked: ["NA"]', "not_asked: [*NA]", "*NA"),
        ("    column: AGE\n", "    column: A\x07GE\n", "\x07"),
        ("title: Petite", "title: \x00Petite", "\x00"),
        ("breaks:\n", "---\nbreaks:\n", "---"),
        ("text: Quotas.", "text: !!python/object/apply:os.system [x]", ""),
    ],
)
def test_what_is_not_yaml_is_refused_at_its_line(
    tmp_path: Path, old: str, new: str, line: str
) -> None:
    text = changed(old, new)
    problem = problems_of(tmp_path, text)[0]
    assert problem.where.startswith("surveys/small/survey.yml:")
    if line not in ("", "survey"):
        assert in_file(problem)[1] == line_of(line, text)
    assert "\x07" not in str(problem)


def test_libyaml_and_pyyaml_read_the_same_definitions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of the two is there depends on the machine; lines are told from what they say."""
    files = sorted((Path(__file__).parents[1] / "surveys").rglob("*.yml"))
    assert {f.name for f in files} >= {"survey.yml", "2022.yml", "2024.yml"}
    fast = [read_yaml(f, f.name) for f in files]
    monkeypatch.setattr("analysis.definition.yamltext._FAST", None)
    assert [read_yaml(f, f.name) for f in files] == fast


def test_brackets_without_end_are_refused(tmp_path: Path) -> None:
    text = changed("themes: {usages: Usages}", "themes: " + "[" * 800)
    assert problems_of(tmp_path, text)[0].where.startswith("surveys/small/survey.yml")


@pytest.mark.parametrize("file", ["survey.yml", "waves/2021.yml"])
@pytest.mark.parametrize("content", [b"", b"\n\n", b"# only a comment\n"])
def test_an_empty_file_is_refused(tmp_path: Path, file: str, content: bytes) -> None:
    surveys = write_survey(tmp_path)
    (surveys / "small" / file).write_bytes(content)
    with pytest.raises(BaroError) as caught:
        load_survey(surveys, "small")
    (problem,) = caught.value.problems
    assert (problem.where, problem.found) == (f"surveys/small/{file}", "the file is empty")


@pytest.mark.parametrize("content", ["just a text\n", "- a\n- list\n"])
def test_a_file_without_keys_is_refused(tmp_path: Path, content: str) -> None:
    (problem,) = problems_of(tmp_path, content)
    assert "not a mapping of keys" in problem.found


@pytest.mark.parametrize(("encoding", "byte"), [("windows-1252", "0xea"), ("utf-16", "0xff")])
def test_a_file_that_is_not_utf8_is_refused_at_its_line(
    tmp_path: Path, encoding: str, byte: str
) -> None:
    surveys = write_survey(tmp_path)
    (surveys / "small" / "survey.yml").write_bytes(SURVEY_YML.encode(encoding))
    with pytest.raises(BaroError) as caught:
        load_survey(surveys, "small")
    (problem,) = caught.value.problems
    line = line_of("title: Petite") if encoding == "windows-1252" else 1
    assert problem.where == f"surveys/small/survey.yml:{line}"
    assert problem.found == f"byte {byte} is not UTF-8"
    assert problem.remedy == "save the file as UTF-8"


# --- files of a survey --------------------------------------------------------------------------


def test_an_unknown_survey_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(BaroError, match=r'did you mean "small"\?'):
        load_survey(write_survey(tmp_path), "smal")


def test_a_survey_without_waves_is_refused(tmp_path: Path) -> None:
    surveys = write_survey(tmp_path)
    for file in (surveys / "small" / "waves").iterdir():
        file.unlink()
    with pytest.raises(BaroError, match="holds no wave") as caught:
        load_survey(surveys, "small")
    assert "surveys/small/waves/<wave>.yml" in str(caught.value)


def test_a_wave_file_with_another_name_is_refused(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, w2019=changed('wave: "2019"', 'wave: "2018"', W19))
    assert in_file(problem) == ("waves/2019.yml", 1)
    assert 'the file is named "2019", its wave "2018"' in problem.found
    assert "2018.yml" in problem.remedy
    assert "wave: 2019" in problem.remedy


def test_a_wave_file_called_yaml_is_not_passed_over(tmp_path: Path) -> None:
    surveys = write_survey(tmp_path)
    (surveys / "small" / "waves" / "2023.yaml").write_text(W21, "utf-8")
    with pytest.raises(BaroError, match=r"rename it to 2023\.yml"):
        load_survey(surveys, "small")


def test_a_wave_called_survey_is_not_taken_for_the_survey(tmp_path: Path) -> None:
    surveys = write_survey(tmp_path)
    wave = changed('wave: "2021"', "wave: survey", W21)
    (surveys / "small" / "waves" / "survey.yml").write_text(wave, "utf-8")
    assert list(load_survey(surveys, "small").waves) == ["2019", "2021", "survey"]


def test_a_wave_whose_name_is_a_range_is_refused(tmp_path: Path) -> None:
    surveys = write_survey(tmp_path)
    wave = changed('wave: "2021"', "wave: 2022-06", W21)
    (surveys / "small" / "waves" / "2022-06.yml").write_text(wave, "utf-8")
    with pytest.raises(BaroError, match='"2022-06" cannot name a wave'):
        load_survey(surveys, "small")


def test_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    found = problems_of(
        tmp_path,
        changed("weight: W\n", "wieght: W\n"),
        w2019=changed("mode: en face à face", "mod: en face à face", W19),
        w2021=changed("size: 60", "size: soixante", W21),
    )
    assert {in_file(p)[0] for p in found} == {"survey.yml", "waves/2019.yml", "waves/2021.yml"}
    assert len(found) == 5  # two keys unknown, the two they should be missing, one no number


def test_faults_of_form_of_all_files_come_at_once(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "a: [", w2019="b: {", w2021='c: "')
    assert [p.where.split(":")[0].rsplit("/", 1)[1] for p in found] == [
        "survey.yml",
        "2019.yml",
        "2021.yml",
    ]


# --- faults of meaning --------------------------------------------------------------------------

# what is changed, part of the line to be named, what was found, what is said about it
MEANING: dict[str, tuple[str, str, str, str, str]] = {
    "survey of another name": ("survey: small", "survey: big", "survey: big", '"big"', '"small"'),
    "column read twice": (
        "    column: ACHAT\n",
        "    column: WEB\n",
        "    column: WEB\n    universe",
        "WEB is read by internet already",
        "one variable a column",
    ),
    "the weight's column read": (
        "    column: ACHAT\n",
        "    column: W\n",
        "    column: W\n    universe",
        "W is read by weight already",
        "one variable a column",
    ),
    "unknown variable in a population": (
        "when: internet == oui",
        "when: interne == oui",
        "interne == oui",
        '"interne" is not a variable',
        "interne == oui",
    ),
    "unknown category in a numerator": (
        "numerator: achat == souvent",
        "numerator: achat == parfois",
        "parfois",
        '"parfois" is not a category of achat (known: souvent, jamais)',
        "achat == parfois",
    ),
    "unknown variable in a numerator": (
        "numerator: achat == souvent",
        "numerator: achats == souvent",
        "achats",
        '"achats" is not a variable',
        "achats == souvent",
    ),
    "an expression that does not parse": (
        "numerator: achat == souvent",
        "numerator: achat = souvent",
        "achat = souvent",
        '"=" is not part of the language',
        "age >= 18",
    ),
    "text compared with a number": (
        "when: age >= 18",
        "when: age >= majeur",
        "majeur",
        '"majeur" is not a number',
        "age >= majeur",
    ),
    "unknown population": (
        "    population: adultes\n",
        "    population: adulte\n",
        "population: adulte\n",
        '"adulte" is not a population',
        '"adultes"',
    ),
    "unknown universe": (
        "    universe: internautes\n",
        "    universe: internaute\n",
        "universe: internaute\n",
        '"internaute" is not a population',
        '"internautes"',
    ),
    "unknown variable of a mean": (
        "    variable: heures\n",
        "    variable: heure\n",
        "variable: heure\n",
        '"heure" does not fit a mean',
        '"heures"',
    ),
    "unknown variable of a distribution": (
        "    variable: avis\n",
        "    variable: avi\n",
        "variable: avi\n",
        '"avi" does not fit a distribution',
        '"avis"',
    ),
    "mean of categories": (
        "    variable: heures\n",
        "    variable: avis\n",
        "variable: avis\n    population: adultes",
        '"avis" does not fit a mean',
        "numeric",
    ),
    "distribution without a variable": (
        "    variable: avis\n",
        "    numerator: avis == bon\n",
        "  opinion:\n",
        "measure distribution",
        "numerator: for a proportion",
    ),
    "span of an indicator": (
        '    population: all\n    waves: "2021"\n',
        '    population: all\n    waves: "2020"\n',
        'waves: "2020"',
        '"2020" is not a wave',
        "2019, 2021",
    ),
    "span of a fill": (
        '{waves: "2019", value: Vide',
        '{waves: "2018", value: Vide',
        'waves: "2018"',
        '"2018" is not a wave',
        "2019, 2021",
    ),
    "break in no wave": (
        '{wave: "2021", reason',
        '{wave: "2020", reason',
        'wave: "2020"',
        '"2020" is not a wave',
        "2019, 2021",
    ),
    "derived without when": (
        "jeune: {label: Moins de 40 ans, when: age < 40}",
        "jeune: {label: Moins de 40 ans}",
        "jeune: {label: Moins de 40 ans}",
        "an expression is missing",
        "when: …",
    ),
    "derived with a column": (
        "    label: Usage\n    type: derived",
        "    label: Usage\n    column: X\n    type: derived",
        "  usage:\n",
        "type derived and column 'X'",
        "type: derived",
    ),
    "neither column nor derived": (
        "    column: SEXE\n",
        "",
        "  sexe:\n    label: Sexe\n    cat",
        "type single and column ''",
        "add column:",
    ),
    "numeric with categories": (
        "    range: [12, 110]\n",
        "    categories: {jeune: Jeune}\n",
        "  age:\n",
        "type numeric with 1 categories",
        "type: numeric",
    ),
    "single without categories": (
        "    categories: {femme: Femme, homme: Homme}\n",
        "",
        "  sexe:\n    label: Sexe\n    column",
        "type single with 0 categories",
        "add categories:",
    ),
    "when outside a derived variable": (
        "{femme: Femme, homme: Homme}",
        "{femme: {label: Femme, when: age > 3}, homme: Homme}",
        "when: age > 3",
        "when: in a variable of type single",
        "raw:",
    ),
    "derived from what stands below": (
        "when: age < 40",
        "when: usage == fort",
        "when: usage == fort",
        "classe reads usage, which is not declared before it",
        "move usage above classe",
    ),
    "derived from itself": (
        "when: age < 40",
        "when: classe == vieux",
        "when: classe == vieux",
        "classe reads classe, which is not declared before it",
        "variables declared above",
    ),
    "a text of two categories": (
        "raw: [Jamais, Aucun]",
        'raw: [Jamais, "Souvent,  l\'été"]',
        "[Jamais, ",
        "\"Souvent, l'été\" is read as souvent and as jamais",
        "raw:",
    ),
    "a text of a category and a kind of missing": (
        "raw: [Jamais, Aucun]",
        "raw: [Jamais, NR]",
        "[Jamais, NR]",
        '"NR" is read as nonresponse and as jamais',
        "missing:",
    ),
    "correction to no category": (
        "    categories: {bon: Bon, mauvais: Mauvais}\n",
        "    categories: {bon: Bon, mauvais: Mauvais}\n"
        '    corrections: [{waves: "2021", reason: x, recode: {Bien: bonn}}]\n',
        "Bien: bonn",
        '"bonn" is not a category',
        '"bon"',
    ),
    "unknown theme": (
        "themes: {usages: Usages}",
        "themes: {usage: Usages}",
        "theme: usages\n    phrase",
        '"usages" is not a theme',
        '"usage"',
    ),
    "variable called like a kind of missing": (
        "  usage:\n",
        "  refused:\n",
        "  refused:\n",
        '"refused" cannot name a variable',
        "no kind of missing",
    ),
    "variable called like an internal column": (
        "  usage:\n",
        "  weight:\n",
        "  weight:\n",
        '"weight" names another column of the harmonised file',
        "choose another name",
    ),
    "category called like a kind of missing": (
        "{femme: Femme, homme: Homme}",
        "{femme: Femme, homme: Homme, dont_know: Nsp}",
        "dont_know: Nsp",
        '"dont_know" cannot be a category',
        "no kind of missing",
    ),
    "indicator in a wave its variable lacks": (
        '    population: all\n    waves: "2021"\n',
        "    population: all\n",
        "  tablettes:\n",
        "tablette is not in wave 2019",
        "shorten the indicator's waves",
    ),
    "indicator whose population lacks a wave": (
        "    population: adultes\n",
        '    population: {"2021": adultes}\n',
        'population: {"2021"',
        "no population in 2019",
        "add 2019",
    ),
    "universe that lacks a wave": (
        "    universe: internautes\n",
        '    universe: {"2021": internautes}\n',
        'universe: {"2021"',
        "no universe in 2019",
        "add 2019",
    ),
    "universe that reads what the wave lacks": (
        "when: internet == oui",
        "when: tablette == oui",
        "  achat:\n",
        "achat needs tablette, which is not in wave 2019",
        "shorten the waves of achat",
    ),
    "derived from what the wave lacks": (
        "when: achat == jamais and avis == mauvais",
        "when: tablette == non",
        "  usage:\n",
        "usage needs tablette, which is not in wave 2019",
        "shorten the waves of usage",
    ),
    "domain of no variable": (
        "variable: sexe}",
        "variable: sex}",
        "variable: sex}",
        '"sex" is not a variable with categories',
        '"sexe"',
    ),
    "domain of a number": (
        "variable: classe}",
        "variable: age}",
        "variable: age}",
        '"age" is not a variable with categories',
        "name one that has categories",
    ),
    "domain in a wave its variable lacks": (
        "variable: classe}",
        "variable: tablette}",
        "variable: tablette}",
        "tablette is not in wave 2019",
        "shorten the domain's waves",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MEANING)
def test_a_contradiction_is_named_with_its_line_and_remedy(tmp_path: Path, name: str) -> None:
    old, new, line, found, said = MEANING[name]
    text = changed(old, new)
    hits = [p for p in problems_of(tmp_path, text) if found in p.found]
    assert hits, name
    assert in_file(hits[0]) == ("survey.yml", line_of(line, text))
    assert said in f"{hits[0].expected} {hits[0].remedy}"


IN_A_WAVE: dict[str, tuple[Callable[[], str], str, str, str]] = {
    "file of no survey": (
        lambda: changed("file: small-2019.csv", "file: smal-2019.csv", W19),
        "file: smal",
        '"smal-2019.csv" is not a file of the survey',
        '"small-2019.csv"',
    ),
    "recode of no variable": (
        lambda: changed("  sexe: {F: femme}", "  sex: {F: femme}", W19),
        "  sex:",
        '"sex" is not a variable',
        '"sexe"',
    ),
    "recode to no category": (
        lambda: changed("{F: femme}", "{F: feme}", W19),
        "F: feme",
        '"feme" is not a category of sexe',
        '"femme"',
    ),
    "fill of no variable": (
        lambda: W19 + "filled: {tablett: Vide}\n",
        "filled:",
        '"tablett" is not a variable',
        '"tablette"',
    ),
    "rename of no column": (
        lambda: W19 + "rename: {WEBB: INTERNET}\n",
        "rename:",
        '"WEBB" is no column of survey.yml',
        '"WEB"',
    ),
    "unknown key": (
        lambda: changed("mode: en", "moode: en", W19),
        "moode",
        '"moode" is not known',
        '"mode"',
    ),
    "no encoding": (
        lambda: changed("encoding: utf-8", "encoding: utf-9", W19),
        "utf-9",
        '"utf-9" does not fit',
        "windows-1252",
    ),
    "no separator": (
        lambda: changed('separator: ";"', 'separator: ";;"', W19),
        'separator: ";;"',
        '";;" does not fit',
        "one sign",
    ),
    "no decimal sign": (
        lambda: changed('decimal: ","', 'decimal: ";"', W19),
        'decimal: ";"',
        '";" does not fit',
        "'auto', '.' or ','",
    ),
}


@pytest.mark.parametrize("name", IN_A_WAVE)
def test_a_fault_of_a_wave_file_is_named_with_its_line(tmp_path: Path, name: str) -> None:
    make, line, found, said = IN_A_WAVE[name]
    text = make()
    problem = next(p for p in problems_of(tmp_path, w2019=text) if found in p.found)
    assert in_file(problem) == ("waves/2019.yml", line_of(line, text))
    assert said in f"{problem.expected} {problem.remedy}"


def test_contradictions_in_several_files_come_at_once(tmp_path: Path) -> None:
    found = problems_of(
        tmp_path,
        changed("numerator: achat == souvent", "numerator: achat == parfois"),
        w2019=changed("{F: femme}", "{F: feme}", W19),
        w2021=changed("rename: {WEB:", "rename: {WEBB:", W21),
    )
    assert [in_file(p)[0] for p in found] == ["survey.yml", "waves/2019.yml", "waves/2021.yml"]


def test_a_design_column_may_be_renamed(tmp_path: Path) -> None:
    made = small_survey(
        tmp_path,
        changed("sampling: quota,", "sampling: probability, strata: STRATE,"),
        w2021=changed("rename: {", "rename: {STRATE: strate, ", W21),
    )
    assert made.waves["2021"].rename["STRATE"] == "strate"


def test_a_hostile_name_is_shown_escaped(tmp_path: Path) -> None:
    text = changed("    column: AGE\n", '    "col\\e[31mumn\\u202e": AGE\n')
    assert "\x1b" not in "".join(str(p) for p in problems_of(tmp_path, text))


def test_a_file_has_one_dialect(tmp_path: Path) -> None:
    """A file is read once: two waves that declare it differently cannot both be right."""
    shared = changed("file: small-2021.csv.gz", "file: small-2019.csv", W21)
    (problem,) = problems_of(tmp_path, w2021=shared)
    assert problem.found == "small-2019.csv has another dialect in waves/2019.yml"
    assert in_file(problem) == ("waves/2021.yml", line_of("dialect:", shared))
    assert "same dialect" in problem.remedy
