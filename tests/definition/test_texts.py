"""Texts that no page should print, wherever they stand; and those that only look like them.

Which damage is told how in a whole project: tests/damage. What a page does with a text that nobody
refused: tests/hostile.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.briefing.corrections import read_log
from analysis.claims import load_registers
from analysis.definition import load_survey
from analysis.errors import BaroError, Problem
from analysis.render.yamlread import read_yaml
from tests.claims.maker import claim, write
from tests.rich_maker import RICH_YML, write_rich
from tests.sample import survey
from tests.surveys_maker import SURVEY_YML, WAVES, changed, line_of, small_survey, write_survey

HTML = "<b>gras</b>"


def problems(folder: Path, text: str = SURVEY_YML, **waves: str) -> tuple[Problem, ...]:
    with pytest.raises(BaroError) as caught:
        small_survey(folder, text, **waves)
    assert all(p.remedy for p in caught.value.problems)
    return caught.value.problems


# --- where texts are read ------------------------------------------------------------------------

# What is replaced by HTML, and the key that is then named.
READ = {
    "title: Petite enquête": "title",
    "attribution: Institut": "licence.attribution",
    "title: Vague 2019": "data.files.small-2019.csv.title",
    "themes: {usages: Usages": "themes.usages",
    "label: personnes de 12 ans ou plus": "populations.all.label",
    "homme: Homme": "variables.sexe.categories.homme",
    "label: Souvent": "variables.achat.categories.souvent.label",
    "skipped: les personnes pressées": "variables.avis.skipped",
    "reason: le fichier est rempli": "variables.tablette.filled.0.reason",
    "phrase: utilisent internet": "indicators.internautes.phrase",
    "label: Moins de 40 ans": "variables.classe.categories.jeune.label",
    "reason: le mode a changé": "breaks.0.reason",
}


@pytest.mark.parametrize("part", READ)
def test_html_is_refused_wherever_a_reader_would_see_it(tmp_path: Path, part: str) -> None:
    head, _, words = part.rpartition(": ")
    assert words
    (problem,) = problems(tmp_path, changed(part, f'{head}: "{HTML}"'))
    assert problem.where.endswith(f": {READ[part]}")
    assert "holds HTML" in problem.found


@pytest.mark.parametrize("name", ["value", "raw", "missing", "items", "label", "wave", "rows"])
def test_a_name_chosen_by_the_author_hides_no_text(tmp_path: Path, name: str) -> None:
    """Names that are keys of the language elsewhere, under which texts are not for readers."""
    text = SURVEY_YML.replace("  tablettes:\n    label: Tablettes",
                              f'  {name}:\n    label: "{HTML}"')  # fmt: skip
    (problem,) = problems(tmp_path, text)
    assert problem.where.endswith(f"indicators.{name}.label")


def test_a_raw_text_may_look_like_anything_but_a_command_to_a_terminal(tmp_path: Path) -> None:
    odd = 'raw: [Jamais, "<b>", "=1", "a\\u200bb", "{{< x >}}"]'
    made = small_survey(tmp_path, changed("raw: [Jamais, Aucun]", odd))
    read = made.spec.variables["achat"].categories["jamais"].texts
    assert read == ("Jamais", "<b>", "=1", "a\u200bb", "{{< x >}}")
    (problem,) = problems(tmp_path, changed("raw: [Jamais, Aucun]", 'raw: [Jamais, "\\e[2J"]'))
    assert "U+001B" in problem.found


def test_labels_of_items_are_read_and_what_items_count_is_not(tmp_path: Path) -> None:
    surveys = write_rich(
        tmp_path, RICH_YML.replace("tel: Téléphone", f'tel: {{label: "{HTML}", raw: T}}')
    )
    with pytest.raises(BaroError) as caught:
        load_survey(surveys, "riche")
    (problem,) = caught.value.problems
    assert problem.where.endswith("items.tel.label")
    counted = RICH_YML.replace("tel: outils_tel == oui,", 'tel: "age <b and age> 1",')
    with pytest.raises(BaroError) as caught:
        load_survey(write_rich(tmp_path, counted), "riche")
    assert "HTML" not in str(caught.value), "b is no variable: that is what is said"


# --- what no text may hold -----------------------------------------------------------------------

UNSEEN = {
    "a\\u202Eb": "U+202E",
    "a\\u2066b": "U+2066",
    "a\\u200Eb": "U+200E",
    "a\\u061Cb": "U+061C",
    "a\\u200Bb": "U+200B",
    "a\\uFEFFb": "U+FEFF",
    "a\\u2028b": "U+2028",
    "a\\0b": "U+0000",
    "a\\x7Fb": "U+007F",
    "a\\x85b": "U+0085",
    "a\\rb": "U+000D",
    "a\\uD800b": "U+D800",
    "a\\uFFFEb": "U+FFFE",
    "a\\U0001FFFFb": "U+1FFFF",
    "a\\U000E0041b": "U+E0041",
}


@pytest.mark.parametrize("text", UNSEEN)
def test_invisible_characters_are_refused_by_their_number(tmp_path: Path, text: str) -> None:
    (problem,) = problems(tmp_path, changed("title: Petite enquête", f'title: "{text}"'))
    assert problem.where == f"surveys/small/survey.yml:{line_of('title: Petite')}: title"
    assert f"the invisible character {UNSEEN[text]}" in problem.found
    assert str(problem).isprintable() or "\n" in str(problem)
    assert problem.remedy == "type the text anew, without it"


@pytest.mark.parametrize(
    "text",
    [
        "+ de 65 ans",
        "-18 ans",
        "1 < 2 et 3 > 2",
        "a <b sans fin",
        "R&D",
        "co\\u00ADopération",
        "👩\\u200D🌾",
        "עברית",
        "`code` **gras** [lien](x)",
        "5 €\\u00A0/ h\\u202F!",
    ],
)
def test_what_people_write_is_kept(tmp_path: Path, text: str) -> None:
    made = small_survey(tmp_path, changed("title: Petite enquête", f'title: "{text}"'))
    assert made.spec.title == yaml.safe_load(f'"{text}"')


@pytest.mark.parametrize(("size", "wrong"), [(300, False), (301, True)])
def test_a_label_has_a_bound(tmp_path: Path, size: int, *, wrong: bool) -> None:
    text = changed("label: Souvent", f"label: {'a' * size}")
    if not wrong:
        small_survey(tmp_path, text)
        return
    (problem,) = problems(tmp_path, text)
    assert "more than 300 characters" in problem.found
    assert len(str(problem)) < 600, "and is not shown whole"


def test_a_note_has_a_larger_bound(tmp_path: Path) -> None:
    small_survey(tmp_path, SURVEY_YML + f"note: {'mot ' * 999}fin\n")
    (problem,) = problems(tmp_path, SURVEY_YML + f"note: {'mot ' * 1000}fin\n")
    assert "more than 4000 characters" in problem.found


@pytest.mark.parametrize(
    "sign", ["{{< include /etc/passwd >}}", "{python} 1", "?@fig-x", "?meta:x", "[^1]", "a ::: b"]
)
def test_what_quarto_reads_is_refused_before_a_page_is_made(tmp_path: Path, sign: str) -> None:
    (problem,) = problems(tmp_path, changed("title: Petite enquête", f'title: "{sign}"'))
    assert "which Quarto reads as a command" in problem.found


# --- names and places ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../../x", "a/b", "a.b", "a b", "é", "<b>", "", "x" * 61, "-x"])
@pytest.mark.parametrize("section", ["themes", "populations", "indicators", "domains"])
def test_names_that_become_files_are_plain(tmp_path: Path, section: str, name: str) -> None:
    blocks: dict[str, dict[str, Any]] = yaml.safe_load(SURVEY_YML)
    first = next(iter(blocks[section]))
    blocks[section] = {name if k == first else k: v for k, v in blocks[section].items()}
    found = problems(tmp_path, yaml.safe_dump(blocks, allow_unicode=True, sort_keys=False))
    said = [p for p in found if f"cannot be a name of {section}" in p.found]
    assert len(said) == 1
    assert "files and addresses are named after it" in said[0].expected


@pytest.mark.parametrize("name", ["a-b", "é", "x" * 61])
def test_a_folder_that_cannot_name_a_survey(tmp_path: Path, name: str) -> None:
    write_survey(tmp_path)
    (tmp_path / "surveys" / "small").rename(tmp_path / "surveys" / name)
    text = changed("survey: small", f"survey: {name}")
    (tmp_path / "surveys" / name / "survey.yml").write_text(text, "utf-8")
    with pytest.raises(BaroError, match="cannot name a survey"):
        load_survey(tmp_path / "surveys", name)


@pytest.mark.parametrize("name", ["../../x.csv", "/etc/passwd", "a\\\\b", ".cache", "a\\u202eb"])
def test_a_file_that_a_wave_brings_along_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    text = WAVES["2019"].replace("file: small-2019.csv", f'file: "{name}"\nedition: {{title: x}}')
    found = problems(tmp_path, w2019=text)
    assert any(p.where.endswith("waves/2019.yml:2: file") for p in found)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//x.fr", "data:text/html,x", 'https://x.fr/"onclick=', "x y"]
)
def test_a_link_leads_to_the_web(tmp_path: Path, url: str) -> None:
    text = changed("url: https://example.fr/odbl", f"url: {json.dumps(url)}")
    (problem,) = problems(tmp_path, text)
    assert problem.where.endswith("licence.url")
    assert problem.expected == "an address that begins with https://"


# --- YAML ----------------------------------------------------------------------------------------

TAGS = (
    '!!python/object/apply:os.system ["echo x"]',
    "!!python/object/new:str x",
    "!!python/name:os.system",
    "!include x.yml",
    "!!binary eA==",
    "! x",
    "!!str x",
    "!!set {x: }",
)


@pytest.mark.parametrize("value", TAGS)
def test_tags_are_refused(tmp_path: Path, value: str) -> None:
    (problem,) = problems(tmp_path, changed("title: Petite enquête", f"title: {value}"))
    assert problem.where == "surveys/small/survey.yml:2"
    assert problem.found == f"the tag {value.split(' ')[0]}"


@pytest.mark.parametrize("value", [*TAGS[:5], TAGS[7]])
def test_tags_are_refused_in_what_quarto_reads(value: str) -> None:
    with pytest.raises(BaroError, match="the tag !"):
        read_yaml(f"title: {value}\n", "x.qmd")


def test_aliases_that_unfold_without_end_are_refused_in_what_quarto_reads() -> None:
    lines = ["a0: &a0 [lol, lol]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    with pytest.raises(BaroError, match="without end"):
        read_yaml("\n".join(lines), "x.qmd")
    with pytest.raises(BaroError, match="without end"):
        read_yaml("a: &a [*a]", "x.qmd")
    assert read_yaml("a: &a [x]\nb: *a", "x.qmd").data == {"a": ["x"], "b": ["x"]}


# --- registers, the log of corrections, tables beside a definition -------------------------------


@pytest.mark.parametrize("text", ["a\u202eb", "a\u200bb", "a" * 4001, "{{< env HOME >}}"])
def test_quotations_hold_no_more_than_text(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, {"A": claim("25 %", {"quoted": text})})
    on = survey()
    with pytest.raises(BaroError) as caught:
        load_registers({path: path.name}, {on.id: on})
    assert any("essai.yml" in p.where and "quoted" in p.where for p in caught.value.problems)
    log = {"corrections": [{"date": "2026-01-02", "what": text, "effect": "x", "figures": "x"}]}
    (tmp_path / "c.yml").write_text(yaml.safe_dump(log, allow_unicode=True), "utf-8")
    with pytest.raises(BaroError, match="what"):
        read_log(tmp_path / "c.yml")


def test_quotations_may_hold_markup_and_formulas_which_are_shown(tmp_path: Path) -> None:
    path = write(tmp_path, {"A": claim("25 %", {"quoted": "=1+1 <script>x</script>"})})
    on = survey()
    (register,) = load_registers({path: path.name}, {on.id: on})
    quoted = register.spec.claims["A"].checks[0].quoted
    assert quoted
    assert quoted.text == "=1+1 <script>x</script>"
