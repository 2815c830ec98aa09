"""Frames and counts as people send them: every fault at once, with its lines, and no harm done."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.definition import Category, Variable
from analysis.errors import BaroError
from analysis.sampling import (
    Domain,
    assume,
    draw,
    read_counts,
    read_frame,
    sample_files,
    write_sample,
)
from analysis.sampling.lines import MAX_COLUMNS
from tests.sampling.makers import frame_of, text, write

HEAD = "id,h\n"
PAIR = "id,h\n1,a\n2,b\n"
KIND = Variable(label="Type", categories={"commune": Category(label="Communes"),
                                         "epci": Category(label="Intercommunalités")})  # fmt: skip


def refused(folder: Path, content: str | bytes, *columns: str, **more: Any) -> str:
    with pytest.raises(BaroError) as e:
        frame_of(folder, content, *columns, **more)
    assert "\n  -> " in str(e.value)
    return str(e.value)


# --- read ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [
    PAIR, PAIR.replace(",", ";"), PAIR.replace("\n", "\r\n"), "\ufeff" + PAIR, "sep=;\n" +
    PAIR.replace(",", ";"), PAIR.encode("utf-16"), PAIR + "\n\n", PAIR.rstrip("\n"),
    'id,h\n"1","a"\n"2","b"\n', "id,h\n 1 ,a \n2, b\n",
])  # fmt: skip
def test_a_frame_in_its_usual_spellings(content: str | bytes, tmp_path: Path) -> None:
    frame = frame_of(tmp_path, content)
    assert (frame.ids, frame.keys) == (("1", "2"), (("a",), ("b",)))


def test_latin_1_is_read_and_said(tmp_path: Path) -> None:
    frame = frame_of(tmp_path, "id,h,nom\n1,é,L’Œuvre\n".encode("cp1252"))
    assert (frame.keys, frame.lines.encoding) == ((("é",),), "windows-1252")
    assert frame.lines.rows[0][1][2] == "L’Œuvre"


def test_crossed_columns_and_those_of_one_value_a_stratum(tmp_path: Path) -> None:
    rows = [["id", "type", "taille", "zone", "nom"]]
    rows += [[str(i), "ab"[i % 2], "12"[i // 4], "nord" if i % 2 else "sud", f"n{i}"]
             for i in range(8)]  # fmt: skip
    strata = frame_of(tmp_path, text(rows), "type", "taille").strata
    assert [(s.name, s.population) for s in strata.strata] == [
        ("a x 1", 2), ("a x 2", 2), ("b x 1", 2), ("b x 2", 2),
    ]  # fmt: skip
    assert strata.others == {"zone": ("sud", "sud", "nord", "nord")}
    assert strata.domains(["zone", "type", "moi=a x 1,b x 2"]) == [
        Domain("zone", "sud", (True, True, False, False)),
        Domain("zone", "nord", (False, False, True, True)),
        Domain("type", "a", (True, True, False, False)),
        Domain("type", "b", (False, False, True, True)),
        Domain("moi", "", (True, False, False, True)),
    ]


def test_a_column_that_names_units_makes_no_strata(tmp_path: Path) -> None:
    frame = frame_of(tmp_path, HEAD + "".join(f"{i},{i}\n" for i in range(2_001)))
    with pytest.raises(BaroError) as e:
        _ = frame.strata
    assert str(e.value) == (
        "frame.csv: h\n  2001 strata\n  expected: 2000 at most\n"
        "  -> name a column with fewer values: --strata COLUMN"
    )


def test_domains_that_are_none_are_told_at_once(tmp_path: Path) -> None:
    strata = frame_of(tmp_path, "id,h,nom\n1,a,x\n2,a,y\n").strata
    with pytest.raises(BaroError) as e:
        strata.domains(["nom", "D=b", "=a", "D="])
    assert [p.where for p in e.value.problems] == [
        "--domain nom", "--domain D=b", "--domain =a", "--domain D=",
    ]  # fmt: skip
    assert "one value in each stratum" in str(e.value)


# --- refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("content", "said"), [
    ("", "the file is empty"),
    ("\n \n", "the file is empty"),
    (HEAD, "a header and no line below it"),
    ("id,h,h\n1,a,a\n", 'the column "h" is there 2 times'),
    ("id,h,\n1,a,\n", "column 3 has no name"),
    ("id,k\n1,a\n", 'there is no column "h"'),
    ("id,h,N_h\n1,a,2\n", 'the column "N_h"'),
    (",".join(f"c{i}" for i in range(MAX_COLUMNS + 1)) + "\n1\n", f"{MAX_COLUMNS + 1} columns"),
    ("id,h\n1,a\0\n", "a NUL byte"),
    ('id,h\n1,"a\n', "not readable as CSV"),
    ('id,h\n1,"a"b\n', "not readable as CSV"),
    (f"id,h\n1,{'x' * 200_000}\n", "not readable as CSV: field larger than field limit"),
    (b"id,h\n1,\x81\n", "byte 0x81 is text in no encoding"),
    ("id,h\n1,a\n1,b\n", 'id: "1" is there already, on line 2'),
    ("id,h\n,a\n", "no id"),
    ("id,h\n1,\n", "no h"),
])  # fmt: skip
def test_what_no_frame_is(content: str | bytes, said: str, tmp_path: Path) -> None:
    assert said in refused(tmp_path, content)


def test_every_fault_at_once_with_its_lines(tmp_path: Path) -> None:
    content = "id,h\n1,a\n1,\n,\n2,\n3,b\n\n3,c\n"
    with pytest.raises(BaroError) as e:
        frame_of(tmp_path, content)
    assert [(p.where, p.found) for p in e.value.problems] == [
        ("frame.csv:3", 'id: "1" is there already, on line 2'),
        ("frame.csv:8", 'id: "3" is there already, on line 6'),
        ("frame.csv:3", "no h (2 lines: 3, 5)"),
    ]


def test_lines_of_another_width_are_all_told(tmp_path: Path) -> None:
    with pytest.raises(BaroError) as e:
        frame_of(tmp_path, "id,h\n1,a\n2\n3,b,c\n4\n")
    assert [(p.where, p.found) for p in e.value.problems] == [
        ("frame.csv:3", "1 values (2 lines: 3, 5)"), ("frame.csv:4", "3 values"),
    ]  # fmt: skip


def test_many_lines_with_one_fault_are_one_problem(tmp_path: Path) -> None:
    content = HEAD + "".join(f"{i},\n" for i in range(5_000))
    with pytest.raises(BaroError) as e:
        frame_of(tmp_path, content)
    assert [p.found for p in e.value.problems] == [
        "no h (5000 lines: 2, 3, 4, 5, 6, 7, 8, 9, …)"
    ]  # fmt: skip


def test_a_text_over_two_lines_counts_as_where_it_begins(tmp_path: Path) -> None:
    with pytest.raises(BaroError) as e:
        frame_of(tmp_path, 'id,h,nom\n1,a,"x\ny"\n2,,"z\nz"\n')
    assert e.value.problems[0].where == "frame.csv:4"


def test_codes_of_a_variable_are_those_of_the_survey(tmp_path: Path) -> None:
    content = "id,type\n1,commune\n2,comune\n3,Intercommunalités\n4,comune\n"
    with pytest.raises(BaroError) as e:
        frame_of(tmp_path, content, "type", variables={"type": KIND})  # type: ignore[arg-type]
    first, second = e.value.problems
    assert (first.where, first.found) == (
        "frame.csv:3", 'type: "comune" is not a category (2 lines: 3, 5)',
    )  # fmt: skip
    assert first.expected == 'did you mean "commune"?'
    assert (second.where, second.remedy) == ("frame.csv:4", "type epci")


def test_certainty_that_says_neither_yes_nor_no(tmp_path: Path) -> None:
    said = refused(tmp_path, "id,h,s\n1,a,oui\n2,a,parfois\n", certainty="s")
    assert 's (certainty): "parfois"' in said
    assert refused(tmp_path, PAIR, certainty="sure").startswith("frame.csv:1")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BaroError, match=r"cannot be read: No such file"):
        read_frame(tmp_path / "none.csv", "none.csv", "id", ["h"])
    with pytest.raises(BaroError, match=r"cannot be read: Is a directory"):
        read_frame(tmp_path, "folder", "id", ["h"])


# --- counts --------------------------------------------------------------------------------------


def counts(folder: Path, content: str, *columns: str, **more: Any) -> Any:
    return read_counts(write(folder, content, "counts.csv"), "counts.csv", columns, **more)


def test_counts_of_a_margin(tmp_path: Path) -> None:
    content = ("type,taille,population,source,year,base\nb,1,20.0,INSEE,2024,x\n"
               "a,1,300,INSEE,2024,x\na,2,0,INSEE,2024,x\n")  # fmt: skip
    strata = counts(tmp_path, content)
    assert strata.columns == ("type", "taille")
    assert [(s.name, s.population) for s in strata.strata] == [("a x 1", 300), ("b x 1", 20)]


def test_counts_of_the_wave(tmp_path: Path) -> None:
    content = "wave,h,population\n2023,a,5\n2024,a,7\n"
    assert counts(tmp_path, content, wave="2024").populations == [7]
    assert counts(tmp_path, "wave,h,population\n2024,a,7\n").populations == [7]
    for wave, said in (("", "counts of several waves"), ("2022", "no row of the wave")):
        with pytest.raises(BaroError, match=said):
            counts(tmp_path, content, wave=wave)


@pytest.mark.parametrize(("rows", "said"), [
    ("a,1 200\n", "type 1200"), ("a,12.5\n", 'population: "12.5"'), ("a,-3\n", "a whole number"),
    ("a,\n", "no population"), ("a,0\nb,0\n", "every population is 0"), ("a,1e9\n", "a whole"),
    ("a,5\na,6\n", 'the stratum "a" is there twice (first on line 2)'), (",5\n", "no h"),
    ("a,nan\n", "type a number"), ("a,inf\n", "type a number"),
])  # fmt: skip
def test_what_no_counts_are(rows: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(BaroError) as e:
        counts(tmp_path, "h,population\n" + rows)
    assert said in str(e.value)


def test_counts_without_strata_or_population(tmp_path: Path) -> None:
    with pytest.raises(BaroError, match='there is no column "population"'):
        counts(tmp_path, "h,n\na,5\n", "h")
    with pytest.raises(BaroError, match="no column of strata"):
        counts(tmp_path, "population,year\n5,2024\n")


# --- assumptions ---------------------------------------------------------------------------------

AB = "h,population\na,100\nb,50\n"


def test_numbers_for_all_and_for_one(tmp_path: Path) -> None:
    strata = counts(tmp_path, AB)
    path = write(tmp_path, "h;p;n\nb;0.2;7\n", "plan.csv")
    found = assume(strata, ["b=0.3", "0.4"], ["a=0.5"], path, "plan.csv")
    assert found.p.tolist() == [0.4, 0.3]
    assert found.response.tolist() == [0.5, 1.0]
    assert np.array_equal(found.n, [np.nan, 7], equal_nan=True)
    assert found.said == ("everybody answers (no response rate given) in 1 strata",)
    assert assume(strata, [], [], path, "plan.csv").p.tolist() == [0.5, 0.2]


def test_nothing_given_is_said(tmp_path: Path) -> None:
    found = assume(counts(tmp_path, AB))
    assert found.p.tolist() == [0.5, 0.5]
    assert found.said[0].startswith("expected share 50 % (not given")


def test_numbers_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(BaroError) as e:
        assume(counts(tmp_path, AB), ["0,3", "c=0.2", "a=36 %"], ["x"])
    assert [(p.where, p.remedy) for p in e.value.problems] == [
        ("--p 0,3", "type 0.3"), ("--p c=0.2", "--p STRATUM=NUMBER"), ("--p a=36 %", "type 0.36"),
        ("--response x", "e.g. 0.3"),
    ]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), [
    ("h;x\na;1\n", "none of the columns n, p, response"),
    ("k;n\na;1\n", 'there is no column "h"'),
    ("h;n\nc;1\n", '"c" is not a stratum'),
    ("h;n\na;1\na;2\n", '"a" is there twice'),
    ("h;p\na;0,3\n", "type 0.3"),
])  # fmt: skip
def test_files_of_assumptions_that_are_none(content: str, said: str, tmp_path: Path) -> None:
    path = write(tmp_path, content, "plan.csv")
    with pytest.raises(BaroError) as e:
        assume(counts(tmp_path, AB), [], [], path, "plan.csv")
    assert said in str(e.value)


# --- what is written -----------------------------------------------------------------------------

HOSTILE = '=HYPERLINK("http://x.example")'


def written(folder: Path, content: str, sizes: list[int]) -> tuple[list[dict[str, str]], int]:
    frame = frame_of(folder, content)
    files = sample_files(frame, np.array(sizes), draw(frame, sizes, 1), {})
    return list(csv.DictReader(io.StringIO(files.table.decode("utf-8-sig")))), files.neutralised


def test_formulas_do_not_run_and_numbers_stay(tmp_path: Path) -> None:
    content = text([["id", "h", "=nom", "lon", "tel"], ["=1+1", "@a", HOSTILE, "-1.55", "+33123"],
                    ["-3", "@a", "a\n=b", "-1,5", "-x"]])  # fmt: skip
    rows, changed = written(tmp_path, content, [2])
    assert sorted(r["id"] for r in rows) == ["'=1+1", "-3"]
    one = next(r for r in rows if r["id"] == "'=1+1")
    other = next(r for r in rows if r["id"] == "-3")
    assert one == {
        "id": "'=1+1", "h": "'@a", "'=nom": f"'{HOSTILE}", "lon": "-1.55", "tel": "+33123",
        "stratum": "'@a", "N_h": "2", "n_h": "2", "role": "sample",
        "draw_order": one["draw_order"], "inclusion_probability": "1.0", "design_weight": "1.0",
    }  # fmt: skip
    assert (other["'=nom"], other["lon"], other["tel"]) == ("a =b", "-1,5", "'-x")
    assert changed == 9  # the header; id, h, nom and stratum; h, nom, tel and stratum


def test_markup_is_text(tmp_path: Path) -> None:
    rows, _ = written(tmp_path, "id,h\n1,<script>alert(1)</script>\n2,<b>\n", [1, 1])
    assert [r["stratum"] for r in rows] == ["<b>", "<script>alert(1)</script>"]


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), min_size=1),
                min_size=1, max_size=5))  # fmt: skip
def test_no_cell_begins_with_what_runs(tmp_path_factory: Any, texts: list[str]) -> None:
    content = text([["id", "h", "nom"], *([str(i), "a", t] for i, t in enumerate(texts))])
    rows, _ = written(tmp_path_factory.mktemp("any"), content, [len(texts)])
    assert len(rows) == len(texts)
    for r in rows:
        if r["nom"].startswith(("=", "+", "-", "@", "\t")):
            float(r["nom"].replace(",", "."))  # a number, which nothing runs


def test_both_files_or_none_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = frame_of(tmp_path, PAIR)
    files = sample_files(frame, np.array([1, 1]), draw(frame, [1, 1], 1), {"seed": 1})
    path = tmp_path / "new" / "sample.csv"
    record = write_sample(path, files, "sample.csv")
    assert (path.read_bytes(), record.read_bytes()) == (files.table, files.record)
    assert record == tmp_path / "new" / "sample.csv.json"
    assert sorted(p.name for p in path.parent.iterdir()) == ["sample.csv", "sample.csv.json"]
    write_sample(path, files, "sample.csv")  # the same again is no change

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    other = sample_files(frame, np.array([1, 1]), draw(frame, [1, 1], 1), {"seed": 2})
    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(BaroError, match="No space left on device"):
        write_sample(path, other, "sample.csv", overwrite=True)
    assert path.read_bytes() == files.table
    assert not record.exists(), "no record: the write was interrupted"


def test_another_sample_is_not_written_over(tmp_path: Path) -> None:
    frame = frame_of(tmp_path, PAIR)
    files = sample_files(frame, np.array([1, 1]), draw(frame, [1, 1], 1), {})
    path = write(tmp_path, "mailing list", "sample.csv")
    with pytest.raises(BaroError, match="holds something else") as e:
        write_sample(path, files, "sample.csv")
    assert "--overwrite" in str(e.value)
    assert path.read_text() == "mailing list"
    write_sample(path, files, "sample.csv", overwrite=True)
    assert path.read_bytes() == files.table


def test_the_record_is_json_of_one_draw(tmp_path: Path) -> None:
    frame = frame_of(tmp_path, PAIR)
    made = [sample_files(frame, np.array([1, 1]), draw(frame, [1, 1], 9), {"seed": 9}).record
            for _ in range(2)]  # fmt: skip
    assert made[0] == made[1]
    assert json.loads(made[0])["neutralised_cells"] == 0
