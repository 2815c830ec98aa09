"""The data of the explorer: what stands in the files, and what must never stand there."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.briefing.book import Book
from analysis.briefing.catalogue import pages_of
from analysis.definition import Survey
from analysis.errors import BaroError
from analysis.estimates import SCHEMA, read_estimates
from analysis.explorer import write_explorer, write_explorer_index
from analysis.explorer.cells import IndicatorCells, sentence
from analysis.explorer.files import script
from analysis.explorer.words import WORDS, fill, fold, words
from analysis.project import Project
from analysis.wording import NBSP, NNBSP, estimates
from tests.surveys_maker import changed, small_survey

INITIAL = 60_000  # bytes of script and index before anything is picked
LARGEST = 100_000  # of the data of one indicator
SURVEYS = ("barometre_numerique", "collectivites_ia")


def cell(indicator: str, wave: str, estimate: float | None, **other: Any) -> dict[str, Any]:
    """A row of the table; the interval is two standard errors on either side."""
    se = other.pop("se", 0.01)
    row: dict[str, Any] = dict.fromkeys(SCHEMA)
    row |= {
        "survey": "small", "wave": wave, "indicator": indicator, "category": "",
        "domain": "ensemble", "domain_value": "ensemble", "estimate": estimate, "se": se,
        "n": 1234, "method": "proportion, linearized", "status": "A", "reason": "",
        "origin": "observed",
        "definition_hash": "x",
    }  # fmt: skip
    if estimate is not None and se is not None:
        row |= {"ci_low": estimate - 2 * se, "ci_high": estimate + 2 * se}
    return row | other


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA)


def kept(survey: str, share: float) -> int:
    """Decimals of a percentage: of confidential answers, none from 10 to 90 % (two digits)."""
    return 0 if survey == "collectivites_ia" and 0.1 <= share <= 0.9 else 1


def women(estimate: float | None, **other: Any) -> dict[str, Any]:
    given = {"wave": "2021", "domain": "sexe", "domain_value": "femme"} | other
    return cell("internautes", estimate=estimate, **given)


def men(estimate: float | None, **other: Any) -> dict[str, Any]:
    return women(estimate, domain_value="homme", **other)


def data(survey: Survey, *rows: dict[str, Any], indicator: str = "internautes") -> dict[str, Any]:
    book = Book(survey, table(*rows))
    kept = tuple(c for c in estimates(book.table) if c.indicator == indicator)
    return IndicatorCells(book, indicator, kept).data()


def value_of(path: Path) -> Any:
    """What a script hands over: its second argument, which must be JSON."""
    call = re.fullmatch(r'baroExplorer\("([\w/]+)",(.*)\);\n', path.read_text("utf-8"), re.S)
    assert call
    assert call[1] == path.with_suffix("").as_posix().partition("/explorer/")[2]
    return json.loads(call[2])


@pytest.fixture
def survey(tmp_path: Path) -> Survey:
    return small_survey(tmp_path)


# --- templates ------------------------------------------------------------------------------------


@given(
    st.text(alphabet="{}ab1 %«", max_size=30),
    st.dictionaries(st.sampled_from(["a", "low", "group"]), st.text("{}ab1 %«", max_size=6)),
)
def test_a_folded_sentence_is_given_back(text: str, values: dict[str, str]) -> None:
    sentence = " ".join([text, *values.values(), text])
    assert fill(fold(sentence, values), values) == sentence


def test_sentences_that_differ_by_their_values_share_a_template() -> None:
    made = {
        fold(f"En {w}, {v} des {g}.", {"group": g, "value": v, "wave": w})
        for w, v, g in [("2019", "25 %", "25-39 ans"), ("2021", "3 %", "moins de 25 ans")]
    }
    assert made == {"En {wave}, {value} des {group}."}


def test_what_the_scripts_say_is_all_there(project_root: Path) -> None:
    """Every key that a script asks for, and none that no script does."""
    assets = project_root / "reports" / "_assets"
    source = "".join(
        (assets / f"{n}.js").read_text("utf-8") for n in ("explorer", "explorer-charts")
    )
    for key in WORDS:
        assert re.search(rf"'{key}'", source) or key.startswith(("copy_", "copied_")), key
    for key in re.findall(r"say\('(\w+)'", source):
        assert key in words(), key


# --- one indicator --------------------------------------------------------------------------------


def rows(block: list[Any]) -> list[list[str]]:
    return [row.split("|") if row else [] for row in block[5].split(";")]


def test_numbers_are_printed_once_rounded_from_the_unrounded_value(survey: Survey) -> None:
    (block,) = data(survey, cell("internautes", "2021", 0.2546))["blocks"]
    assert block[:3] == [0, 1, 0]
    assert rows(block) == [["25", "25,5", "23,5", "27,5", f"1{NNBSP}234", "", "0"]]


def test_a_suppressed_cell_has_no_figure_even_where_the_table_kept_one(survey: Survey) -> None:
    made = data(survey, women(0.4321, status="Q", n=3), men(0.2))
    (block,) = made["blocks"]
    assert rows(block)[0] == ["", "", "", "", "3", "Q", ""]
    assert "43" not in json.dumps(made)


def test_groups_stand_in_the_order_of_the_definition_and_nobody_is_left_out(survey: Survey) -> None:
    made = data(survey, men(0.2))
    assert rows(made["blocks"][0]) == [[], ["20", "20,0", "18,0", "22,0", f"1{NNBSP}234", "", "0"]]
    assert data(survey, men(0.2, n=0), women(0.3))["blocks"][0][5].endswith(";")


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (women(0.2), men(0.4), [0, 1]),  # 14 standard errors apart
        (men(0.2), women(0.4), [1, 0]),
        (women(0.30, se=0.05), men(0.32, se=0.05), [-1, -1]),  # 0.28 standard errors apart
        (women(0.2, status="U"), men(0.4), [-2, -2]),
        (women(None, status="Q"), men(0.4), [-2, -2]),
    ],
)
def test_a_gap_is_stated_only_where_a_test_bears_it_out(
    survey: Survey, low: dict[str, Any], high: dict[str, Any], found: list[int]
) -> None:
    (block,) = data(survey, low, high)["blocks"]
    assert block[3:5] == found


def test_waves_on_both_sides_of_a_break_are_neither_compared_nor_joined(survey: Survey) -> None:
    made = data(survey, cell("internautes", "2019", 0.2), cell("internautes", "2021", 0.6))
    assert made["changes"] == [""]
    assert made["segments"] == [[0], [1]]
    assert [place for place, _ in made["breaks"]] == [1]
    assert any("2021" in note and "ne se comparent pas" in note for note in made["notes"])


def test_a_change_is_stated_where_waves_compare(tmp_path: Path) -> None:
    text = changed('breaks:\n  - {wave: "2021", reason: le mode a changé}\n', "")
    joined = small_survey(tmp_path, text)
    far = data(joined, cell("internautes", "2019", 0.2), cell("internautes", "2021", 0.6))
    near = data(joined, cell("internautes", "2019", 0.2), cell("internautes", "2021", 0.21))
    assert far["changes"] == [f"de 20{NBSP}% en 2019 à 60{NBSP}% en 2021"]
    assert near["changes"][0].startswith("pas d’évolution significative entre 2019 et 2021")


def test_a_sentence_says_population_margin_doubt_and_origin(survey: Survey) -> None:
    kept = table(women(0.25, status="U", origin="scenario"))
    said = sentence(Book(survey, kept), estimates(kept)[0])
    assert said == (
        f"Groupe «{NBSP}Femme{NBSP}»{NNBSP}: en 2021, 25{NBSP}% des personnes de 12{NBSP}ans ou "
        f"plus utilisent internet. Intervalle à 95{NBSP}%{NNBSP}: de 23,0{NBSP}% à 27,0{NBSP}%. "
        "Valeur peu fiable. Scénario, réponses synthétiques."
    )


def test_a_mean_has_its_unit_and_one_decimal(survey: Survey) -> None:
    row = cell("heures", "2021", 12.345, method="mean, linearized", se=0.5)
    made = data(survey, row, indicator="heures")
    assert rows(made["blocks"][0])[0][:4] == ["12,3", "12,3", "11,3", "13,3"]
    assert made["percent"] is False


def test_answers_of_a_distribution_have_a_block_each(survey: Survey) -> None:
    cells = (cell("opinion", "2021", e, category=c) for c, e in (("bon", 0.7), ("mauvais", 0.3)))
    made = data(survey, *cells, indicator="opinion")
    assert made["answers"] == [["bon", "Bon"], ["mauvais", "Mauvais"]]
    assert [b[2] for b in made["blocks"]] == [0, 1]


# --- files ----------------------------------------------------------------------------------------


def written(folder: Path, survey: Survey, *rows: dict[str, Any]) -> list[Path]:
    for name in survey.spec.indicators:
        (folder / f"{name}.csv").write_bytes(b"x" * 2600)
    known = table(*rows)
    return write_explorer_index([(survey, known)], folder) + write_explorer(survey, known, folder)


def test_files_are_those_of_the_indicators_of_the_table(tmp_path: Path, survey: Survey) -> None:
    made = written(tmp_path, survey, cell("internautes", "2021", 0.2))
    found = {p.relative_to(tmp_path / "explorer").as_posix() for p in made}
    assert found == {"index.js", "small/internautes.js"}
    index = value_of(made[0])
    assert [i[0] for s in index["surveys"] for i in s["indicators"]] == ["internautes"]
    assert value_of(made[1])["size"] == f"3{NBSP}ko"


def test_the_same_table_gives_the_same_bytes(tmp_path: Path, survey: Survey) -> None:
    cells = [cell("internautes", "2021", 0.2), women(0.1), men(0.3)]
    first = [p.read_bytes() for p in written(tmp_path, survey, *cells)]
    assert [p.read_bytes() for p in written(tmp_path, survey, *reversed(cells))] == first


@pytest.mark.parametrize("code", ["../index", "a/b", "", "a.b", "x" * 101, "a\nb"])
def test_a_code_that_is_no_name_of_a_file_is_refused(
    tmp_path: Path, survey: Survey, code: str
) -> None:
    named = replace(survey, spec=survey.spec.model_copy(update={"survey": code}))
    with pytest.raises(BaroError, match=r"cannot be the name of a file"):
        written(tmp_path, named, cell("internautes", "2021", 0.2))


def test_nothing_in_a_label_ends_a_script_or_a_line() -> None:
    hostile = "</script><!--\u2028\u2029&amp;\\\"'${x}`"
    made = script("index", {"__proto__": hostile})
    assert not {"<", ">", "&", "\u2028", "\u2029"} & set(made)
    assert json.loads(made[len('baroExplorer("index",') : -3]) == {"__proto__": hostile}


# --- the project's own surveys --------------------------------------------------------------------


def rounded(value: float, digits: int) -> str:
    """Halves away from zero, decimal comma; written apart from the code under test."""
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{exact:,f}".replace(",", NNBSP).replace(".", ",").replace("-", "\u2212")


@pytest.mark.parametrize("name", SURVEYS)
def test_every_cell_of_the_table_is_there_once_and_says_the_same(
    demonstration: Project, name: str
) -> None:
    known = read_estimates(demonstration.estimates(name)).filter(pl.col("n") > 0)
    folder = demonstration.site / "donnees" / "explorer"
    index = next(s for s in value_of(folder / "index.js")["surveys"] if s["id"] == name)
    found = 0
    for indicator, _, _ in index["indicators"]:
        made = value_of(folder / name / f"{indicator}.js")
        scale = 100 if made["percent"] else 1
        cells = {
            (c["domain"], c["wave"], c["category"], c["domain_value"]): c
            for c in known.filter(pl.col("indicator") == indicator).iter_rows(named=True)
        }
        codes = [a[0] for a in made["answers"]] or [""]
        for block in made["blocks"]:
            domain, _, levels = index["domains"][block[0]]
            for level, row in zip(levels, rows(block), strict=True):
                if not row:
                    continue
                c = cells.pop((domain, index["waves"][block[1]], codes[block[2]], level[0]))
                found += 1
                assert row[5] == c["status"].replace("A", "")
                assert row[4] == f"{c['n']:,}".replace(",", NNBSP)
                if c["status"] == "Q":
                    assert row[:4] == ["", "", "", ""]
                else:
                    ends = [c["ci_low"], c["ci_high"]]
                    known_ends = ends if None not in ends else [None, None]  # both, or none
                    shown = [c["estimate"], *known_ends]
                    want = ["" if x is None else rounded(x * scale, kept(name, x)) for x in shown]
                    assert row[1:4] == want
                    assert f"n {c['wave']}, " in said(made, index, block, level, row)
        assert not cells, f"{indicator}: cells that no file holds"
    assert found == known.height


def said(
    made: dict[str, Any], index: dict[str, Any], block: list[Any], level: list[str], row: list[str]
) -> str:
    template: str = made["sentences"][int(row[6])]
    values = {
        "group": level[1], "low": row[2], "high": row[3],
        "value": row[0] + made["unit"], "wave": index["waves"][block[1]],
    }  # fmt: skip
    return fill(template, values)


def test_what_is_loaded_first_is_light_and_no_file_is_heavy(built_site: Path) -> None:
    folder = built_site / "donnees" / "explorer"
    scripts = sum(p.stat().st_size for p in (built_site / "_assets").glob("explorer*.js"))
    assert scripts <= 30_000
    assert scripts + (folder / "index.js").stat().st_size <= INITIAL
    sizes = [p.stat().st_size for p in folder.rglob("*.js")]
    assert len(sizes) > 100
    assert max(sizes) <= LARGEST


def test_the_list_names_every_indicator_with_its_file(built_site: Path) -> None:
    html = (built_site / "explorer.html").read_text("utf-8")
    index = value_of(built_site / "donnees" / "explorer" / "index.js")
    assert {s["id"] for s in index["surveys"]} == set(SURVEYS)
    for survey in index["surveys"]:
        for indicator, label, _ in survey["indicators"]:
            link = rf'<a href="donnees/{indicator}\.csv" download(?:="")?>([^<]*)</a>'
            (text,) = re.findall(link, html)
            assert text.startswith(label), indicator
            assert re.search(r"\(CSV, [\d,\u202f]+\u00a0[kM]o\)$", text), indicator


def test_pages_of_an_indicator_are_those_whose_source_names_it(tmp_path: Path) -> None:
    (tmp_path / "a.qmd").write_text(
        '---\ntitle: "Page A"\n---\nb = Briefing("small")\nb.value("internautes")', "utf-8"
    )
    (tmp_path / "b.qmd").write_text(
        '---\ntitle: Page B\n---\nb = Briefing("other")\nb.value("internautes")', "utf-8"
    )
    (tmp_path / "c.qmd").write_text(
        '---\ntitle: Page C\n---\nBriefing("small").cards(("heures, sexe = femme", "x"))', "utf-8"
    )
    (tmp_path / "_part.qmd").write_text('---\ntitle: P\n---\n"small" "heures"', "utf-8")
    found = pages_of(tmp_path, "small")
    assert found["internautes"] == [("a.html", "Page A")]
    assert found["heures"] == [("c.html", "Page C")]
