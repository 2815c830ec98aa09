"""Raw files: read as they are, or refused with file, row and remedy, whatever was done to them."""

from __future__ import annotations

import gzip
from contextlib import suppress
from pathlib import Path

import pytest

from analysis.definition.models import Dialect
from analysis.errors import BaroError, Problem
from analysis.ingest import ROW, RawFile, read_raw

SEMICOLON = Dialect(encoding="utf-8", separator=";")
TEXT = "ID;NOM;NOTE\nr1;Été;1\nr2;œuvre;2\n"
GZIPPED, GZIPPED_NOTHING = gzip.compress(TEXT.encode(), mtime=0), gzip.compress(b"", mtime=0)


def read(folder: Path, content: bytes, dialect: Dialect = SEMICOLON) -> RawFile:
    path = folder / "raw.csv"
    path.write_bytes(content)
    return read_raw(path, dialect, "raw.csv")


def refused(folder: Path, content: bytes, dialect: Dialect = SEMICOLON) -> Problem:
    """The first problem of a file that is refused; all of them name the file and a remedy."""
    with pytest.raises(BaroError) as caught:
        read(folder, content, dialect)
    for problem in caught.value.problems:
        assert problem.where.startswith("raw.csv")
        assert problem.remedy
        assert len(str(problem)) < 600
    return caught.value.problems[0]


# --- what is read -------------------------------------------------------------------------------


def test_every_column_is_text_and_rows_are_numbered_as_in_the_file(tmp_path: Path) -> None:
    frame = read(tmp_path, TEXT.encode()).frame
    assert frame.rows() == [(2, "r1", "Été", "1"), (3, "r2", "œuvre", "2")]
    assert frame.columns == [ROW, "ID", "NOM", "NOTE"]


@pytest.mark.parametrize("value", ["NA", "", "null", "01", "1e5", " x ", "=1+1", "-", "NaN"])
def test_nothing_is_interpreted(tmp_path: Path, value: str) -> None:
    frame = read(tmp_path, f"a;b;c\n1;{value};3\n4;{value};{value}\n".encode()).frame
    assert frame["b"].to_list() == [value, value]
    assert frame["c"].to_list() == ["3", value]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a;b\r\n1;2\r\n3;4\r\n", [("1", "2"), ("3", "4")]),
        ("a;b\n1;2\n3;4", [("1", "2"), ("3", "4")]),
        ("a;b\n1;2\n3;4\n\n\n", [("1", "2"), ("3", "4")]),
        ("a;b\n1;\n;2", [("1", ""), ("", "2")]),
        ("a;b\n1;\n", [("1", "")]),
        ('a;b\n1;"x;y"\n', [("1", "x;y")]),
        ('a;b\n1;"x""y"\n', [("1", 'x"y')]),
        ('a;b\n1;"x\ny"\n2;z\n', [("1", "x\ny"), ("2", "z")]),
        ('"a";"b"\n"1";"2"\n', [("1", "2")]),
    ],
)
def test_forms_of_csv(tmp_path: Path, text: str, rows: list[tuple[str, str]]) -> None:
    assert read(tmp_path, text.encode()).frame.select("a", "b").rows() == rows


def test_a_gzip_file_is_known_by_its_content(tmp_path: Path) -> None:
    assert read(tmp_path, GZIPPED).frame.height == 2


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "UTF_8"),
        ("utf-8-sig", "utf-8"),
        ("utf-8", "auto"),
        ("utf-8-sig", "auto"),
        ("windows-1252", "windows-1252"),
        ("windows-1252", "cp1252"),
        ("windows-1252", "auto"),
        ("utf-16", "utf-16"),
        ("utf-16", "auto"),
    ],
)
def test_encodings(tmp_path: Path, encoding: str, declared: str) -> None:
    raw = read(tmp_path, TEXT.encode(encoding), Dialect(encoding=declared, separator=";"))
    assert raw.frame["NOM"].to_list() == ["Été", "œuvre"]
    assert "ID" in raw.frame.columns


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_detected_and_said(tmp_path: Path, separator: str) -> None:
    text = TEXT.replace(";", separator).replace("Été", '"1;2,3|4\t5"')
    raw = read(tmp_path, text.encode("windows-1252"), Dialect())
    assert raw.separator == separator
    assert raw.frame["NOM"][0] == "1;2,3|4\t5"
    assert raw.detected == (
        "raw.csv: encoding detected: 'windows-1252'",
        f"raw.csv: separator detected: {separator!r}",
    )


def test_what_is_declared_is_not_said_to_be_detected(tmp_path: Path) -> None:
    assert read(tmp_path, TEXT.encode()).detected == ()


# --- what is refused ----------------------------------------------------------------------------


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BaroError, match="the file is not there") as caught:
        read_raw(tmp_path / "none.csv", SEMICOLON, "none.csv")
    assert "baro data" in str(caught.value)


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(BaroError, match="cannot be read"):
        read_raw(tmp_path, SEMICOLON, "raw.csv")


@pytest.mark.parametrize(
    ("text", "row", "found"),
    [
        ("a;b\n1;2\n3\n4;5\n", 3, "1 fields"),
        ("a;b;c\n1;2;3\n4;5;6\n7;8\n", 4, "2 fields"),
        ("a;b\n1;2\n3;4;5\n", 3, "3 fields"),
        ("a;b\n1;2\n\n3;4\n", 3, "0 fields"),
        ("a;b\n1;2\n   \n3;4\n", 3, "1 fields"),
        ('a;b\n1;2\n3;"x\n4;5\n', 3, "not readable as CSV"),
        ('a;b\n1;2\n3;"x"y\n4;5\n', 3, "not readable as CSV"),
        ('a;b\n1;2\n3;x"y\n4;5\n', 3, "not readable as CSV"),
        ('"a;b\n1;2\n', 1, "not readable as CSV"),
        pytest.param(
            'a;b\n1;2\n3;"x\n' + "4;5\n" * 60_000, 3, "not readable as CSV", id="open quote"
        ),
        pytest.param("a" * 200_000 + ";b\n1;2\n", 1, "not readable as CSV", id="long name"),
        ("a;b\r1;2\r3;4\r", 1, "carriage return"),
        ("a;b\n1;2\r3;4\n", 2, "carriage return"),
        ("a;b\n1;2\n3;x\0y\n", 3, "a NUL byte"),
        ("a;b;a\n1;2;3\n", 1, 'the column "a" is there 2 times'),
        ("a;;b\n1;2;3\n", 1, "column 2 has no name"),
        (f"a;{ROW}\n1;2\n", 1, f'the column "{ROW}"'),
        ("a,b\n1,2\n", 1, "the separator ';' is not in the header"),
        ("\n\na;b\n1;2\n", 1, "the separator ';' is not in the header"),
    ],
)
def test_a_fault_is_named_with_its_row(tmp_path: Path, text: str, row: int, found: str) -> None:
    problem = refused(tmp_path, text.encode())
    assert problem.where == f"raw.csv: row {row}"
    assert found in problem.found


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (GZIPPED_NOTHING, "the file is empty"),
        (b"a;b", "a header and no row"),
        (b"a;b\n\n", "a header and no row"),
        (b"\xef\xbb\xbfa;b\n", "a header and no row"),
        (b"\x1f\x8b", "damaged or cut short"),
        (GZIPPED[:-9], "damaged or cut short"),
        (GZIPPED[:25], "damaged or cut short"),
    ],
)
def test_a_file_without_content(tmp_path: Path, content: bytes, found: str) -> None:
    assert found in refused(tmp_path, content).found


def test_every_duplicate_and_blank_name_is_named(tmp_path: Path) -> None:
    with pytest.raises(BaroError) as caught:
        read(tmp_path, b"a;b;a;b;;c\n1;2;3;4;5;6\n")
    assert [p.found for p in caught.value.problems] == [
        'the column "a" is there 2 times',
        'the column "b" is there 2 times',
        "column 5 has no name",
    ]


def test_a_file_cut_anywhere_in_its_compression_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(TEXT.encode() * 20)
    for length in range(2, len(whole)):
        refused(tmp_path, whole[:length])


def test_a_flipped_byte_anywhere_is_refused_or_harmless(tmp_path: Path) -> None:
    """Some bytes of a gzip header (time, system) mean nothing; the rest is checked by its sum."""
    whole = gzip.compress(TEXT.encode(), mtime=0)
    expected = read(tmp_path, whole).frame
    harmless = []
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        with suppress(BaroError):
            assert read(tmp_path, bytes(damaged)).frame.equals(expected)
            harmless.append(place)
    assert set(harmless) <= set(range(4, 10))


@pytest.mark.parametrize(
    ("written", "declared", "row", "found"),
    [
        ("windows-1252", "utf-8", 2, "byte 0xc9 is not utf-8"),
        ("utf-8", "windows-1252", 2, "the file is UTF-8, the wave declares windows-1252"),
        ("utf-8", "latin-1", 2, "the file is UTF-8, the wave declares latin-1"),
        ("windows-1252", "ascii", 2, "byte 0xc9 is not ascii"),
        ("utf-16-le", "auto", 1, "a NUL byte"),
    ],
)
def test_another_encoding_than_declared(
    tmp_path: Path, written: str, declared: str, row: int, found: str
) -> None:
    dialect = Dialect(encoding=declared, separator=";")
    problem = refused(tmp_path, TEXT.encode(written), dialect)
    assert (problem.where, problem.found) == (f"raw.csv: row {row}", found)
    assert "encoding" in problem.remedy


def test_a_byte_that_no_windows_text_holds(tmp_path: Path) -> None:
    problem = refused(tmp_path, b"a;b\n1;\x81\n", Dialect(separator=";"))
    assert problem.where == "raw.csv: row 2"
    assert problem.found == "byte 0x81 is not windows-1252"


def test_a_text_without_separator(tmp_path: Path) -> None:
    problem = refused(tmp_path, b"a\n1\n2\n", Dialect())
    assert "no separator" in problem.found
    assert "dialect: {separator: " in problem.remedy


def test_an_html_page_in_place_of_the_file(tmp_path: Path) -> None:
    page = b"<!DOCTYPE html>\n<html><body>Erreur 403</body></html>\n"
    assert "a page of a website" in refused(tmp_path, page, Dialect()).found


def test_a_hostile_column_name_is_shown_escaped(tmp_path: Path) -> None:
    problem = refused(tmp_path, b"\x1b[2J;\x1b[2J\n1;2\n")
    assert "\x1b" not in str(problem)
    assert '"\\x1b[2J" is there 2 times' in problem.found
