"""The workbook, read by other programs than the one that writes it: every item of the checklist."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import fastexcel
import polars as pl
import pytest

from analysis.spreadsheets import LONGEST, cell_text
from analysis.tables.workbook import COLUMNS, workbook_bytes, write_workbook
from analysis.wording import Estimate, estimates
from tests.sample import SPEC, estimate, survey, table

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FIRST = ["Couverture", "Sommaire", "Notes", "Indicateurs", "Vagues"]
HOSTILE = (
    '=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "<script>alert(1)</script>",
    "a\u202etxt.exe", "a\x00b\x07c\x1bd", "\ttab\nline", "_x0041_", "é" * 40_000, "😀" * 20_000,
    "http://x.example", "'", '"', "]]>", "&amp;", "{=1+1}", "\ud800",
)  # fmt: skip


class Part:
    """One sheet as it is stored: the cells of each row, and the table it declares."""

    def __init__(self, book: zipfile.ZipFile, number: int) -> None:
        self.xml = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
        self.rows = {
            int(row.get("r", "0")): [cell.get("r", "") for cell in row if len(cell)]
            for row in self.xml.iter(f"{MAIN}row")
        }
        relations = f"xl/worksheets/_rels/sheet{number}.xml.rels"
        names = book.read(relations).decode() if relations in book.namelist() else ""
        self.tables = [
            ElementTree.fromstring(book.read(f"xl/tables/{n}"))
            for n in re.findall(r"\.\./tables/([^\"]+)", names)
        ]


def opened(content: bytes) -> Iterator[tuple[str, Part]]:
    """Each sheet by its name."""
    book = zipfile.ZipFile(io.BytesIO(content))
    workbook = ElementTree.fromstring(book.read("xl/workbook.xml"))
    for number, sheet in enumerate(workbook.iter(f"{MAIN}sheet"), 1):
        assert sheet.get("state") in (None, "visible")
        yield sheet.get("name", ""), Part(book, number)


def read(content: bytes, sheet: str, header: int | None = None) -> pl.DataFrame:
    """A sheet as another program reads it, the header row being the one it declares."""
    book = fastexcel.read_excel(content)
    whole = book.load_sheet(sheet, header_row=None, dtypes="string").to_polars()
    if header is None:
        return whole
    return book.load_sheet(sheet, header_row=header, dtypes="string").to_polars()


def declared(content: bytes, sheet: str) -> int:
    """The line of the headers, as the second line of the sheet says."""
    said = str(read(content, sheet).row(1)[0])
    found = re.search(r"en-têtes sont à la ligne (\d+)\.$", said)
    assert found, said
    return int(found[1])


def lines(content: bytes, sheet: str) -> pl.DataFrame:
    return read(content, sheet, declared(content, sheet) - 1)


@pytest.fixture(scope="module")
def content() -> bytes:
    return workbook_bytes(survey(), estimates(table()))


def test_sheets_stand_in_the_order_of_the_checklist(content: bytes) -> None:
    names = [name for name, _ in opened(content)]
    assert names == [*FIRST, "T1_equipement", "T2_temps"]
    assert all(len(n) <= 31 and re.fullmatch(r"\w+", n) for n in names)


def test_each_sheet_but_the_cover_has_one_marked_table_where_it_says(content: bytes) -> None:
    named = set()
    for name, part in opened(content):
        if name == "Couverture":
            assert part.tables == []
            continue
        (marked,) = part.tables
        first, last = marked.get("ref", "").split(":")
        assert first == f"A{declared(content, name)}"
        headers = [c.get("name") for c in marked.iter(f"{MAIN}tableColumn")]
        assert marked.get("headerRowCount", "1") == "1"
        assert len(set(headers)) == len(headers)
        assert all(headers)
        assert headers == lines(content, name).columns
        said = int(re.findall(r"tableau de (\d+) lignes", str(read(content, name).row(1)[0]))[0])
        end = int(re.sub(r"\D", "", last))
        assert said == end - declared(content, name) == max(part.rows) - declared(content, name)
        named.add(marked.get("name"))
    assert len(named) == 6


def test_no_cell_is_merged_hidden_frozen_or_empty(content: bytes) -> None:
    for name, part in opened(content):
        for tag in ("mergeCell", "pane", "colBreaks", "sheetProtection", "f"):
            assert part.xml.find(f".//{MAIN}{tag}") is None, f"{name}: {tag}"
        hidden = [e.tag for e in part.xml.iter() if e.get("hidden") in ("1", "true")]
        assert hidden == []
        start = max(part.rows) + 1 if name == "Couverture" else declared(content, name)
        assert [r for r in range(1, max(part.rows) + 1) if r not in part.rows] == []
        for number, cells in part.rows.items():
            above = number < start
            wide = 1 if above else len(part.tables[0].findall(f".//{MAIN}tableColumn"))
            assert len(cells) == wide, f"{name}, line {number}"
            assert not above or cells == [f"A{number}"]
        assert read(content, name).row(0)[0], "a title in A1"


def test_every_cell_of_a_table_says_something(content: bytes) -> None:
    for name, _ in opened(content):
        if name != "Couverture":
            frame = lines(content, name)
            assert frame.height > 0
            blank = [
                c for c in frame.columns if (frame[c].fill_null("").str.strip_chars() == "").any()
            ]
            assert blank == [], name


def test_the_contents_link_to_every_sheet_with_its_lines(content: bytes) -> None:
    rows = lines(content, "Sommaire")
    names = [name for name, _ in opened(content)]
    assert rows["Feuille"].to_list() == names[2:]
    assert [lines(content, n).height for n in names[2:]] == [int(n) for n in rows["Lignes"]]
    part = dict(opened(content))["Sommaire"]
    links = [e.get("location") for e in part.xml.iter(f"{MAIN}hyperlink")]
    assert links == [f"'{n}'!A1" for n in names[2:]]


def test_numbers_are_numbers_and_what_is_not_published_is_marked(content: bytes) -> None:
    start = declared(content, "T2_temps") - 1
    frame = fastexcel.read_excel(content).load_sheet("T2_temps", header_row=start).to_polars()
    assert frame.columns == list(COLUMNS)
    for column in ("Valeur", "Borne basse", "Borne haute", "Répondants"):
        assert frame[column].dtype == pl.Float64, column
    whole = frame.row(0, named=True)
    assert (whole["Indicateur"], whole["Réponse"], whole["Vague"]) == (
        "Temps d'écran", "sans objet", "2022")  # fmt: skip
    assert (whole["Critère"], whole["Groupe"], whole["Unité"]) == (
        "Ensemble", "Ensemble", "heures par semaine")  # fmt: skip
    assert whole["Valeur"] == 31.94
    assert (whole["Borne basse"], whole["Borne haute"]) == (30.96, 32.92)
    hidden = lines(content, "T1_equipement").filter(pl.col("Marque") == "[q]")
    assert hidden.height == 1
    assert set(hidden.row(0)[5:9]) == {"[q]", "%"}
    assert hidden["Statut"][0] == "non publié : moins de 30 réponses"
    assert hidden["Répondants"][0] == "12"


def test_notes_explain_each_mark_that_occurs_and_no_other(content: bytes) -> None:
    said = lines(content, "Notes")["Objet"].to_list()
    assert [s for s in said if s.startswith("[")] == ["[q]"]
    cells = [estimate(status="U"), estimate("avis", category="oui", estimate=0.00001, status="B")]
    said = lines(workbook_bytes(survey(), cells), "Notes")["Objet"].to_list()
    assert [s for s in said if s.startswith("[")] == ["[b]", "[u]", "[n]"]
    made = workbook_bytes(survey(), [estimate(ci_low=None, ci_high=None)])
    assert "[x]" in lines(made, "Notes")["Objet"].to_list()
    assert lines(made, "T1_equipement")["Borne basse"].to_list() == ["[x]"]


def test_groups_of_the_latest_two_waves_and_whole_populations_of_all() -> None:
    cells = [
        *(estimate(wave=w) for w in ("2018", "2019", "2020", "2022")),
        *(estimate(wave=w, domain="age", domain_value="jeune") for w in ("2018", "2020", "2022")),
    ]
    rows = lines(workbook_bytes(survey(), cells), "T1_equipement")
    found = rows.select("Vague", "Critère").rows()
    assert found == [("2022", "Ensemble"), ("2022", "Âge"), ("2020", "Ensemble"), ("2020", "Âge"),
                     ("2019", "Ensemble"), ("2018", "Ensemble")]  # fmt: skip
    cover = "\n".join(read(workbook_bytes(survey(), cells), "Couverture").to_series(0))
    assert "tous les groupes dans les deux dernières vagues" in cover


@pytest.mark.parametrize("origin", ["observed", "demonstration", "reconstructed", "scenario"])
def test_the_cover_says_whose_data_they_are_and_how_to_cite_them(origin: str) -> None:
    made = workbook_bytes(survey(), estimates(table(origin)))
    said = "\n".join(read(made, "Couverture").to_series(0))
    for words in ("Vagues\u202f: 2018 à 2022", "en juin 2022", "personnes de 12\u00a0ans ou plus",
                  "Institut pour l’essai", "ODbL 1.0, https://example.org/odbl", "À citer ainsi",
                  "essai.csv"):  # fmt: skip
        assert words in said
    assert ("cité" in said.replace("À citer", "")) == (origin != "observed")
    word = lines(made, "T1_equipement")["Données"].unique().to_list()
    assert len(word) == 1
    assert (word == ["données observées"]) == (origin == "observed")
    stamp = "" if origin == "observed" else f"\u202f– {word[0]}"
    assert read(made, "T1_equipement").row(0)[0] == f"Essai\u202f: Équipement{stamp}"


def test_the_same_table_gives_the_same_bytes_without_a_date(tmp_path: Path) -> None:
    first = write_workbook(table(), survey(), tmp_path / "a").read_bytes()
    again = write_workbook(table().sample(fraction=1.0, shuffle=True, seed=3), survey(),
                           tmp_path / "b").read_bytes()  # fmt: skip
    assert first == again
    book = zipfile.ZipFile(io.BytesIO(first))
    assert {i.date_time for i in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    dates = set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", book.read("docProps/core.xml").decode()))
    assert dates == {"1980-01-01T00:00:00Z"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_labels_are_text_and_fit_in_their_cell(text: str) -> None:
    spec = {"indicators": SPEC["indicators"]
            | {"smartphone": SPEC["indicators"]["smartphone"] | {"label": f"{text}"}}}  # fmt: skip
    hostile = survey(**spec, title=text)
    made = workbook_bytes(hostile, [estimate()])
    said = lines(made, "T1_equipement")["Indicateur"][0]
    assert said == cell_text(text) or (not cell_text(text) and said == "sans objet")
    assert len(said.encode("utf-16-le")) // 2 <= LONGEST
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x1f]", said)
    parts = zipfile.ZipFile(io.BytesIO(made))
    for name in parts.namelist():
        xml = parts.read(name)
        assert b"<f>" not in xml
        assert b'TargetMode="External"' not in xml
        ElementTree.fromstring(xml)


def test_what_is_too_long_says_that_it_was_cut() -> None:
    assert cell_text("a" * LONGEST) == "a" * LONGEST
    cut = cell_text("😀" * 20_000)
    assert cut.endswith(" […]")
    assert len(cut.encode("utf-16-le")) // 2 in (LONGEST - 1, LONGEST)
    assert cell_text("a\n b\tc") == "a b c"
    assert (
        cell_text("12\u202f000\u00a0% «\u00a0é\u00a0» – ’")
        == "12\u202f000\u00a0% «\u00a0é\u00a0» – ’"
    )


def test_it_holds_the_published_cells_and_no_other(content: bytes) -> None:
    known = {(str(c.n), "[q]" if not c.published else _shown(c)) for c in estimates(table())}
    rows = pl.concat([lines(content, n) for n in ("T1_equipement", "T2_temps")])
    found = {(r["Répondants"], _plain(r["Valeur"])) for r in rows.iter_rows(named=True)}
    assert found == known
    assert rows.height == table().height


def _shown(cell: Estimate) -> str:
    scale = 1 if cell.indicator == "heures" else 100
    return f"{(cell.estimate or 0) * scale:.2f}"


def _plain(value: str) -> str:
    return value if value.startswith("[") else f"{float(value):.2f}"


def test_workbooks_of_the_site_are_small(built_site: Path) -> None:
    sizes = {p.name: p.stat().st_size for p in (built_site / "donnees").glob("*.xlsx")}
    assert set(sizes) == {"barometre_numerique.xlsx", "collectivites_ia.xlsx"}
    assert max(sizes.values()) < 5_000_000
