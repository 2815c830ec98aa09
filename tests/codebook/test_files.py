"""DDI-Codebook, Table Schema and CSV of the codebook."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import frictionless
import polars as pl

from analysis.definition import load_survey
from analysis.dictionary.ddi import NAMESPACE, ddi_bytes, legal
from analysis.dictionary.files import codebook_csv, table_schema
from analysis.expressions import MISSING_KINDS
from analysis.project import Project
from tests.codebook.maker import N, made

HOSTILE = ["<script>alert(1)</script>", '=HYPERLINK("http://x","y")', "a\u202etxt.exe", "]]>&amp;"]
HOSTILE_COLUMN = [HOSTILE[i % 4] for i in range(N)]

# What may follow what, by the DDI-Codebook 2.5 schema (the XSD is not here: it was not at hand).
ORDER = {
    "codeBook": ["docDscr", "stdyDscr", "fileDscr", "dataDscr", "otherMat"],
    "docDscr": ["citation", "guide", "docStatus", "docSrc", "controlledVocabUsed", "notes"],
    "citation": ["titlStmt", "rspStmt", "prodStmt", "distStmt", "serStmt", "verStmt", "biblCit"],
    "titlStmt": ["titl", "subTitl", "altTitl", "parTitl", "IDNo"],
    "stdyDscr": ["citation", "studyAuthorization", "stdyInfo", "studyDevelopment", "method",
                 "dataAccs", "othrStdyMat", "notes"],
    "stdyInfo": ["studyBudget", "subject", "abstract", "sumDscr", "qualityStatement", "notes"],
    "sumDscr": ["timePrd", "collDate", "nation", "geogCover", "geogUnit", "geoBndBox", "boundPoly",
                "anlyUnit", "universe", "dataKind"],
    "dataColl": ["timeMeth", "dataCollector", "collectorTraining", "frequenc", "sampProc",
                 "sampleFrame", "targetSampleSize", "deviat", "collMode", "resInstru", "sources",
                 "collSitu", "actMin", "ConOps", "weight", "cleanOps"],
    "useStmt": ["confDec", "specPerm", "restrctn", "contact", "citReq", "deposReq", "conditions"],
    "fileTxt": ["fileName", "fileCitation", "dataFingerprint", "fileCont", "fileStrc", "dimensns"],
    "dimensns": ["caseQnty", "varQnty", "logRecL"],
    "dataDscr": ["varGrp", "nCubeGrp", "var", "nCube", "notes"],
    "var": ["location", "labl", "imputation", "security", "embargo", "respUnit", "anlysUnit",
            "qstn", "valrng", "invalrng", "undocCod", "universe", "TotlResp", "sumStat", "txt",
            "stdCatgry", "catgryGrp", "catgry", "codInstr", "verStmt", "concept", "derivation",
            "varFormat", "geoMap", "catLevel", "notes"],
    "catgry": ["catValu", "labl", "txt", "catStat", "mrow"],
}  # fmt: skip
SUMS = {"mean", "medn", "mode", "vald", "invd", "min", "max", "stdev", "other"}


def local(element: ET.Element) -> str:
    namespace, _, name = element.tag[1:].partition("}")
    assert namespace == NAMESPACE
    return name


def check_ddi(content: bytes) -> ET.Element:
    """Well-formed, in the namespace, in order, with ids that exist."""
    root = ET.fromstring(content)
    assert local(root) == "codeBook"
    ids = [e.get("ID", "") for e in root.iter() if e.get("ID")]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", i) for i in ids)
    for element in root.iter():
        order = ORDER.get(local(element))
        if order:
            places = [order.index(local(child)) for child in element]
            assert places == sorted(places), local(element)
        if local(element) == "var":
            assert element.get("files") in ids
            assert element.get("intrvl") in ("contin", "discrete")
        if local(element) == "catStat":
            assert element.get("type") in ("freq", "percent")
            assert element.get("wgtd") in ("wgtd", "not-wgtd")
        if local(element) == "sumStat":
            assert element.get("type") in SUMS
        if local(element) == "varGrp":
            assert set(str(element.get("var")).split()) <= set(ids)
    return root


def test_hostile_texts_are_text_in_xml(tmp_path: Path) -> None:
    project = made(tmp_path, **{"<b>": HOSTILE_COLUMN, "LIBRE": ["x\x07y"] * N})
    root = check_ddi(ddi_bytes(project.survey, project.book()))
    values = {e.text for e in root.iter(f"{{{NAMESPACE}}}catValu")}
    assert HOSTILE[0] in values
    assert "a\\u202etxt.exe" in values, "what turns text round is shown as an escape"
    assert "x\\x07y" in values, "and so is what XML cannot hold"
    assert legal("\ud800\x00") == "\\ud800\\x00"


def test_a_study_says_what_it_is_and_each_kind_of_missing(tmp_path: Path) -> None:
    project = made(tmp_path, COULEUR=["bleu"] * 50 + ["[Nsp]"] * 10)
    root = check_ddi(ddi_bytes(project.survey, project.book()))
    text = {local(e): e.text for e in root.iter()}
    assert text["titl"] == "Petite enquête"
    assert "quotas" in str(text["sampProc"])
    assert text["universe"] is not None
    (var,) = [e for e in root.iter(f"{{{NAMESPACE}}}var") if e.get("name") == "COULEUR"]
    (missing,) = [e for e in var.iter(f"{{{NAMESPACE}}}catgry") if e.get("missing") == "Y"]
    assert [(c.tag.split("}")[1], c.text) for c in missing] == [
        ("catValu", "[Nsp]"), ("labl", "ne sait pas"), ("catStat", "10"),
    ]  # fmt: skip


def test_the_files_of_the_demonstration(demonstration: Project) -> None:
    folder = demonstration.site / "donnees"
    root = check_ddi((folder / "barometre_numerique.ddi.xml").read_bytes())
    assert len(root.findall(f"{{{NAMESPACE}}}fileDscr")) == 15
    assert "démonstration" in ET.tostring(root[0], encoding="unicode")
    counts = [e for e in root.iter(f"{{{NAMESPACE}}}catStat") if e.get("wgtd") == "not-wgtd"]
    assert [e.text for e in counts if int(e.text or 0) < 5] == []


# --- Table Schema --------------------------------------------------------------------------------


def problems(schema: dict[str, Any], rows: list[dict[str, Any]]) -> list[str]:
    """What a validator of Table Schema would say of rows: enum, range, required, numbers."""
    found = []
    for row in rows:
        for field in schema["fields"]:
            value, rules = row.get(field["name"]), field.get("constraints", {})
            if value is None or str(value) in schema["missingValues"]:
                found += [field["name"]] if rules.get("required") else []
            elif field["type"] == "number":
                low, high = rules.get("minimum", -1e300), rules.get("maximum", 1e300)
                found += [] if low <= float(value) <= high else [field["name"]]
            elif "enum" in rules and value not in rules["enum"]:
                found.append(field["name"])
    return found


def test_the_schema_describes_the_harmonised_rows(demonstration: Project) -> None:
    survey = load_survey(demonstration.surveys, "barometre_numerique")
    schema: Any = table_schema(survey)
    assert [f["name"] for f in schema["fields"]][3:] == list(survey.spec.variables)
    assert set(MISSING_KINDS) < set(schema["missingValues"])
    for wave in ("2007", "2022"):
        path = demonstration.build / "barometre_numerique" / "waves" / f"{wave}.parquet"
        rows = pl.read_parquet(path).with_columns(wave=pl.lit(wave)).head(300).to_dicts()
        assert problems(schema, rows) == []


def test_the_schema_is_one_that_frictionless_reads(demonstration: Project) -> None:
    path = demonstration.site / "donnees" / "barometre_numerique.tableschema.json"
    schema = frictionless.Schema.from_descriptor(json.loads(path.read_text("utf-8")))
    assert schema.fields


# --- CSV -----------------------------------------------------------------------------------------


def test_no_cell_of_the_csv_is_run_by_a_spreadsheet(tmp_path: Path) -> None:
    book = made(tmp_path, **{"=1+1": HOSTILE_COLUMN}).book()
    text = codebook_csv(book).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    cells = [c for row in rows[1:] for c in row]
    assert "'=1+1" in cells
    assert "'" + HOSTILE[1] in cells
    assert [c for c in cells if c.startswith(("=", "+", "@", "\t"))] == []
    assert {len(row) for row in rows} == {len(rows[0])}
