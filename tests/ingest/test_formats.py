"""Files of every family become the same text columns, labels in place of codes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pyreadstat
import pytest

from analysis.definition.models import Dialect
from analysis.errors import BaroError
from analysis.ingest import ROW, RawFile, companions, packed, read_raw

NAMES = ["ID", "SEXE", "AGE", "POIDS"]
ROWS = [["a1", "Femme", "34", "1.25"], ["a2", "Homme", "", "0.5"], ["a3", "Ne sait pas", "71", "2"]]
CSV = "ID;SEXE;AGE;POIDS\n" + "\n".join(";".join(r) for r in ROWS) + "\n"
LABELS: dict[str, dict[int | float, str]] = {"SEXE": {1: "Femme", 2: "Homme", 9: "Ne sait pas"}}
COLUMN_LABELS: dict[str, str | None] = {
    "ID": "Identifiant",
    "SEXE": "Sexe de la personne",
    "AGE": "Âge",
    "POIDS": "Poids",
}


def read(path: Path, content: bytes | None = None) -> RawFile:
    if content is not None:
        path.write_bytes(content)
    return read_raw(path, Dialect(), path.name)


def texts(raw: RawFile) -> list[list[str]]:
    assert raw.frame.columns == [ROW, *NAMES]
    assert raw.frame[ROW].to_list() == [2, 3, 4]
    return [list(r) for r in raw.frame.drop(ROW).iter_rows()]


def coded() -> pd.DataFrame:
    return pd.DataFrame({"ID": ["a1", "a2", "a3"], "SEXE": [1.0, 2.0, 9.0],
                         "AGE": [34.0, None, 71.0], "POIDS": [1.25, 0.5, 2.0]})  # fmt: skip


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def workbook(*sheets: list[list[str]]) -> bytes:
    """The smallest .xlsx: inline texts, and numbers where a cell reads as one."""

    def cell(text: str) -> str:
        if text.replace(".", "", 1).isdigit():
            return f"<c><v>{text}</v></c>"
        return f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>' if text else "<c/>"

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    pack = "http://schemas.openxmlformats.org/package/2006"
    numbers = range(1, len(sheets) + 1)
    pages = {
        f"xl/worksheets/sheet{i}.xml": f'<worksheet xmlns="{main}"><sheetData>'
        + "".join(f"<row>{''.join(map(cell, row))}</row>" for row in sheet)
        + "</sheetData></worksheet>"
        for i, sheet in zip(numbers, sheets, strict=True)
    }
    listed = "".join(f'<sheet name="S{i}" sheetId="{i}" r:id="r{i}"/>' for i in numbers)
    links = "".join(
        f'<Relationship Id="r{i}" Type="{rel}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in numbers
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{pack}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{pack}/relationships"><Relationship Id="r" '
        f'Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets>{listed}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{pack}/relationships">{links}'
        "</Relationships>",
        **pages,
    }
    return zipped(*((k, v.encode()) for k, v in files.items()))


def test_zip_of_one_file_whatever_its_name(tmp_path: Path) -> None:
    content = zipped(("../../etc/passwd", CSV.encode()), ("__MACOSX/x", b"y"))
    assert texts(read(tmp_path / "a.zip", content)) == ROWS
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (zipped(("a.csv", b"x"), ("b.csv", b"y")), "archive of 2 files"),
        (zipped(("a.csv", CSV.encode()))[:60], "damaged or cut short"),
    ],
    ids=["two files", "cut short"],
)
def test_zip_refused(tmp_path: Path, content: bytes, found: str) -> None:
    with pytest.raises(BaroError, match=found):
        read(tmp_path / "a.zip", content)


def test_a_small_archive_of_a_huge_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "MAX_BYTES", 1000)
    with pytest.raises(BaroError, match="more than"):
        read(tmp_path / "a.zip", zipped(("a.csv", CSV.encode() + b"x" * 2000)))


def test_parquet(tmp_path: Path) -> None:
    frame = pl.DataFrame({"ID": ["a1", "a2", "a3"], "SEXE": [r[1] for r in ROWS],
                          "AGE": [34, None, 71], "POIDS": [1.25, 0.5, 2.0]})  # fmt: skip
    frame.write_parquet(tmp_path / "a.parquet")
    assert texts(read(tmp_path / "a.parquet")) == ROWS
    frame.with_columns(x=pl.concat_list("ID")).write_parquet(tmp_path / "b.parquet")
    with pytest.raises(BaroError, match="column x holds List"):
        read(tmp_path / "b.parquet")


def test_excel_reads_the_first_filled_sheet_and_names_the_others(tmp_path: Path) -> None:
    raw = read(tmp_path / "a.xlsx", workbook([["Lisez-moi"]], [NAMES, *ROWS], [NAMES, *ROWS]))
    assert texts(raw) == ROWS
    assert "sheet 'S2'; not read: S3" in raw.detected[0]


def test_excel_refuses_a_repeated_column(tmp_path: Path) -> None:
    with pytest.raises(BaroError, match='"SEXE" is there 2 times'):
        read(tmp_path / "a.xlsx", workbook([["ID", "SEXE", "SEXE", "X"], *ROWS]))


@pytest.mark.parametrize("family", ["sav", "zsav", "dta"])
def test_labels_take_the_place_of_codes(tmp_path: Path, family: str) -> None:
    path = tmp_path / f"a.{family}"
    if family == "dta":
        data = coded().astype({"SEXE": int})
        pyreadstat.write_dta(data, path, variable_value_labels=LABELS,
                             column_labels=[COLUMN_LABELS[n] for n in NAMES])  # fmt: skip
    else:
        pyreadstat.write_sav(coded(), path, variable_value_labels=LABELS, compress=family == "zsav",
                             column_labels=COLUMN_LABELS,
                             missing_ranges={"SEXE": [9]})  # fmt: skip
    raw = read(path)
    assert texts(raw) == ROWS
    assert raw.labels == COLUMN_LABELS


def test_sas_transport(tmp_path: Path) -> None:
    pyreadstat.write_xport(coded(), tmp_path / "a.xpt", table_name="A")
    plain = [[r[0], {"Femme": "1", "Homme": "2"}.get(r[1], "9"), *r[2:]] for r in ROWS]
    assert texts(read(tmp_path / "a.xpt")) == plain


def test_a_damaged_statistical_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BaroError, match="not readable as spss"):
        read(tmp_path / "a.sav", b"$FL2" + b"\0" * 300)


def test_the_line_that_excel_writes_for_itself_is_passed_over(tmp_path: Path) -> None:
    raw = read(tmp_path / "a.csv", b"sep=;\r\n" + CSV.replace("\n", "\r\n").encode())
    assert texts(raw) == ROWS


@pytest.mark.parametrize("encoding", ["mac-roman", "cp850"])
def test_old_encodings_are_told_by_their_french(tmp_path: Path, encoding: str) -> None:
    text = "ID;MOT\n" + "".join(f"{i};déjà été à côté\n" for i in range(9))
    raw = read(tmp_path / "a.csv", text.encode(encoding))
    assert raw.frame["MOT"].unique().to_list() == ["déjà été à côté"]
    assert raw.encoding == encoding


LIME = ["id", "submitdate", "lastpage", "startlanguage", "Q1", "Q2[SQ1]", "Q3"]
LIME_ROWS = [["1", "2023-05-01", "3", "fr", "A1", "Y", "Y"], ["2", "", "1", "fr", "A2", "", "N"]]
STRUCTURE = """<?xml version="1.0" encoding="UTF-8"?><document>
<LimeSurveyDocType>Survey</LimeSurveyDocType>
<questions><rows>
<row><qid>11</qid><parent_qid>0</parent_qid><type>L</type><title>Q1</title></row>
<row><qid>12</qid><parent_qid>0</parent_qid><type>M</type><title>Q2</title></row>
<row><qid>13</qid><parent_qid>0</parent_qid><type>Y</type><title>Q3</title></row>
</rows></questions>
<question_l10ns><rows><row><qid>11</qid><question><![CDATA[<p>Quel outil ?</p>]]></question></row>
</rows></question_l10ns>
<answers><rows><row><aid>1</aid><qid>11</qid><code>A1</code></row>
<row><aid>2</aid><qid>11</qid><code>A2</code></row></rows></answers>
<answer_l10ns><rows><row><aid>1</aid><answer>Souvent</answer></row>
<row><aid>2</aid><answer>Jamais</answer></row></rows></answer_l10ns></document>"""


def csv_of(header: list[str], rows: list[list[str]], separator: str = ",") -> bytes:
    return "\n".join(separator.join(f'"{x}"' for x in r) for r in [header, *rows]).encode()


def test_limesurvey_headings_hold_questions(tmp_path: Path) -> None:
    headings = ["id. Identifiant", "submitdate. Date", "lastpage. Page", "startlanguage. Langue",
                "Q1. Quel outil ?", "Q2[SQ1]. Lequel ? [Un]", "Q3. Vrai ?"]  # fmt: skip
    raw = read(tmp_path / "a.csv", csv_of(headings, LIME_ROWS))
    assert raw.frame.columns[1:] == LIME
    assert raw.labels["Q1"] == "Quel outil ?"


def test_limesurvey_vv_export_has_two_headers(tmp_path: Path) -> None:
    questions = [f"Question {i}" for i in range(7)]
    raw = read(tmp_path / "vv.csv", csv_of(questions, [LIME, *LIME_ROWS], "\t"))
    assert raw.frame.columns[1:] == LIME
    assert raw.frame[ROW].to_list() == [3, 4]
    assert raw.labels["Q3"] == "Question 6"


def test_limesurvey_structure_beside_the_file_gives_labels(tmp_path: Path) -> None:
    (tmp_path / "a.lss").write_text(STRUCTURE, "utf-8")
    raw = read(tmp_path / "a.csv", csv_of(LIME, LIME_ROWS))
    assert companions(tmp_path / "a.csv") == (tmp_path / "a.lss",)
    assert raw.frame["Q1"].to_list() == ["Souvent", "Jamais"]
    assert raw.frame["Q2[SQ1]"].to_list() == ["Oui", "Non"]
    assert raw.frame["Q3"].to_list() == ["Oui", "Non"]
    assert raw.labels["Q1"] == "Quel outil ?"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_a_structure_with_entities_is_refused(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.lss").write_text('<!DOCTYPE x [<!ENTITY a "b">]><document/>', encoding)
    with pytest.raises(BaroError, match="no structure"):
        read(tmp_path / "a.csv", csv_of(LIME, LIME_ROWS))
