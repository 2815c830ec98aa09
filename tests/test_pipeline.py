"""What a build does again and what it does not; what stops it, and what it leaves then."""

from __future__ import annotations

import csv
import gzip
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import grimp
import polars as pl
import pytest
import yaml
from click.testing import CliRunner

from analysis import pipeline, stages
from analysis.cli import main
from analysis.codebook import read_codebook
from analysis.columns import describe_wave
from analysis.errors import BaroError
from analysis.estimates import read_estimates
from analysis.harmonise import harmonise
from analysis.phrasebook import survey_messages
from analysis.pipeline.columns import labelled
from analysis.project import Project
from analysis.provenance import digest_path
from analysis.publish import Publication
from analysis.render import quarto_path
from analysis.tabulation import tabulate

SURVEY = "barometre_numerique"
OLD, NEW = "barometre-du-numerique-2007-2020.csv.gz", "barometre-du-numerique-2022.csv.gz"
WAVES = [str(y) for y in range(2007, 2023) if y != 2021]
WEIGHTED, WEIGHTINGS = {"2018", "2019", "2020", "2022"}, ("insee", "insee_pond")
COMPARED = [f"comparison {n}" for n in WEIGHTINGS]
PUBLISHED = ["claims", "files", "downloads", "pages"]
# Code that no result depends on: it finds, keeps and compares what others make.
WITHOUT_RESULT = {"errors", "project", "provenance"}


@pytest.fixture
def no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages count as rendered: what is looked at is whether they would be."""
    monkeypatch.setattr("analysis.pipeline.publishing.publish_site", lambda *_: None)


def ran(project: Project, *, only_estimates: bool = False) -> list[str]:
    """Build; the stages that ran, without the name of the only survey."""
    done = pipeline.build(project, only_estimates=only_estimates).seconds
    return [named(stage) for stage in done]


def named(stage: str) -> str:
    return stage.replace(f"{SURVEY}/", "").removesuffix(f" {SURVEY}")


def from_waves(waves: list[str]) -> list[str]:
    """What runs where the harmonised waves are there and all else is to be made, up to tables."""
    out = []
    for w in waves:
        for n in WEIGHTINGS if w in WEIGHTED else ():
            out += [f"weight {n}/{w}", f"compare {n}/{w}"]
        out += [f"estimate {w}", f"describe {w}"]
    return [*out, "table", *COMPARED, "codebook"]


def stale(project: Project) -> dict[str, str]:
    return {named(s.name): s.why for s in pipeline.status(project) if s.why}


def edit(path: Path, old: str, new: str, *, first: bool = False) -> None:
    text = path.read_text("utf-8")
    assert old in text
    assert first or text.count(old) == 1, f"{text.count(old)} times {old!r} in {path.name}"
    path.write_text(text.replace(old, new, 1), "utf-8")


def wave_file(project: Project, wave: str) -> Path:
    return project.surveys / SURVEY / "waves" / f"{wave}.yml"


def raw_file(project: Project, name: str) -> Path:
    return project.root / "data" / "barometre-numerique" / name


# --- what is done again --------------------------------------------------------------------------


@pytest.mark.parametrize("built", ["own_demonstration", "own_observed"])
def test_a_second_build_does_nothing(built: str, request: pytest.FixtureRequest) -> None:
    project: Project = request.getfixturevalue(built)
    before = {p: p.stat().st_mtime_ns for p in project.site.rglob("*")}
    outcome = pipeline.build(project)
    assert outcome.seconds == {}
    assert {p: p.stat().st_mtime_ns for p in project.site.rglob("*")} == before
    assert stale(project) == {}


@pytest.mark.usefixtures("no_pages")
def test_one_wave_touched_leaves_the_others_alone(own_observed: Project) -> None:
    hashes = dict(hash_of_each_wave(own_observed))
    with wave_file(own_observed, "2015").open("a", encoding="utf-8") as f:
        f.write("recode:\n  sexe: {Dame: femme}\n")
    waves = [f"{s} 2015" for s in ("prepare", "estimate", "describe")]
    after = ["table", *COMPARED, "codebook", *PUBLISHED]
    assert list(stale(own_observed)) == [*waves, *after]
    assert ran(own_observed) == [*waves, *after]
    now = dict(hash_of_each_wave(own_observed))
    assert [w for w in WAVES if now[w] != hashes[w]] == ["2015"]


@pytest.mark.usefixtures("no_pages")
def test_the_words_of_a_wave_are_no_reason_to_read_it_again(own_observed: Project) -> None:
    hashes = dict(hash_of_each_wave(own_observed))
    edit(wave_file(own_observed, "2015"), "mode: en face", "mode: (relu) en face")
    after = ["table", *COMPARED, "codebook", *PUBLISHED]
    assert list(stale(own_observed)) == after
    assert ran(own_observed) == after
    now = dict(hash_of_each_wave(own_observed))
    assert [w for w in WAVES if now[w] != hashes[w]] == ["2015"]


def hash_of_each_wave(project: Project) -> list[tuple[str, str]]:
    table = read_estimates(project.estimates(SURVEY))
    return table.select("wave", "definition_hash").unique().sort("wave").rows()


def test_words_draw_no_demonstration_data_again(own_demonstration: Project) -> None:
    edit(wave_file(own_demonstration, "2015"), "mode: en face", "mode: (relu) en face")
    done = ran(own_demonstration, only_estimates=True)
    assert done == ["table", *COMPARED, "codebook"]


def test_demonstration_data_follow_the_rest_of_the_definition(own_demonstration: Project) -> None:
    """They are drawn again, and turn out the same but for what was changed: here, nothing."""
    survey = own_demonstration.surveys / SURVEY / "survey.yml"
    edit(survey, "\nid: IDENT\n", "\nreliability: dhs\nid: IDENT\n")
    done = ran(own_demonstration, only_estimates=True)
    assert done[0] == "demonstrate"
    assert not [stage for stage in done if stage.startswith(("ingest", "prepare"))]


@pytest.mark.usefixtures("no_pages")
def test_a_label_is_no_reason_to_count_or_estimate_again(own_observed: Project) -> None:
    survey = own_observed.surveys / SURVEY / "survey.yml"
    edit(survey, "label: Possession d’un smartphone", "label: Avoir un smartphone")
    hashes = dict(hash_of_each_wave(own_observed))
    assert ran(own_observed) == ["table", *COMPARED, "codebook", *PUBLISHED]
    now = dict(hash_of_each_wave(own_observed))
    assert not [w for w in WAVES if now[w] == hashes[w]], "the definition is another one"
    with (own_observed.reports / "donnees" / "smartphone.csv").open(encoding="utf-8-sig") as f:
        assert {r["libelle"] for r in csv.DictReader(f, delimiter=";")} == {"Avoir un smartphone"}


@pytest.mark.usefixtures("no_pages")
def test_labels_of_what_is_read_are_no_reason_to_read_again(own_observed: Project) -> None:
    survey = own_observed.surveys / SURVEY / "survey.yml"
    edit(survey, "    label: Sexe\n    column", "    label: Genre\n    column")
    edit(survey, "femme: {label: Femmes, raw", "femme: {label: Les femmes, raw")
    edit(survey, "label: personnes de 12 ans ou plus\n", "label: personnes de douze ans ou plus\n")
    assert ran(own_observed) == ["table", *COMPARED, "codebook", *PUBLISHED]
    codebook = read_codebook(own_observed.codebook(SURVEY))
    assert set(codebook.filter(pl.col("variable") == "sexe")["label"]) == {"Genre"}


@pytest.mark.usefixtures("no_pages")
def test_a_label_that_is_how_the_file_spells_an_answer_is_read_again(own_observed: Project) -> None:
    survey = own_observed.surveys / SURVEY / "survey.yml"
    edit(survey, "      bepc: BEPC\n", "      bepc: Brevet\n")
    with pytest.raises(BaroError, match="BEPC"):
        ran(own_observed)


@pytest.mark.usefixtures("no_pages")
def test_an_indicator_touched_is_no_reason_to_describe_columns_again(
    own_observed: Project,
) -> None:
    survey = own_observed.surveys / SURVEY / "survey.yml"
    edit(survey, "numerator: smartphone == oui", "numerator: smartphone == non", first=True)
    done = ran(own_observed)
    assert [s for s in done if s.startswith("estimate")] == [f"estimate {w}" for w in WAVES]
    assert not [s for s in done if s.startswith(("ingest", "prepare", "describe", "weight"))]
    assert {"table", "codebook", "files", "downloads", "pages"} <= set(done)


@pytest.mark.usefixtures("no_pages")
def test_a_margin_touched_weighs_again_and_estimates_nothing_published(
    own_observed: Project,
) -> None:
    before = digest_path(own_observed.estimates(SURVEY))
    margins = own_observed.surveys / SURVEY / "margins" / "agglomeration.csv"
    edit(margins, "rural,13919171", "rural,14919171")
    weighed = [f"{s} {n}/{w}" for w in sorted(WEIGHTED) for n in WEIGHTINGS
               for s in ("weight", "compare")]  # fmt: skip
    assert ran(own_observed) == [*weighed, "table", *COMPARED, *PUBLISHED]
    assert digest_path(own_observed.estimates(SURVEY)) == before


def test_a_page_touched_renders_pages_alone(own_demonstration: Project) -> None:
    tables = digest_path(own_demonstration.site / "donnees")
    edit(own_demonstration.reports / "index.qmd", "## ", "Phrase ajoutée.\n\n## ", first=True)
    assert list(stale(own_demonstration)) == ["pages"]
    assert ran(own_demonstration) == ["pages"]
    page = (own_demonstration.site / "index.html").read_text("utf-8")
    assert "Phrase ajoutée." in page
    assert digest_path(own_demonstration.site / "donnees") == tables


def test_the_project_file_touched_renders_pages_alone(own_demonstration: Project) -> None:
    edit(own_demonstration.root / "_quarto.yml", "lang: fr\n", "lang: fr\n\n")
    assert stale(own_demonstration) == {"pages": "changed: _quarto.yml"}


def test_the_renderer_that_auto_finds_counts_and_not_its_name(
    own_demonstration: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pages(renderer: str, quarto: str | None) -> str:
        monkeypatch.setattr(pipeline, "quarto_path", lambda: quarto)
        *_, last = pipeline.status(own_demonstration, renderer)
        assert last.name == "pages"
        return last.why

    here = quarto_path()
    there = None if here else "/bin/quarto"
    assert pages("auto", here) == pages("quarto" if here else "embedded", here) == ""
    assert pages("auto", there) == "changed: renderer"


@pytest.mark.usefixtures("no_pages")
@pytest.mark.parametrize(
    ("how", "output", "stage"),
    [
        ("altered", f"build/{SURVEY}/raw/{NEW}.parquet", f"ingest {NEW}"),
        ("deleted", f"build/{SURVEY}/waves/2009.parquet", "prepare 2009"),
        ("altered", f"build/{SURVEY}/estimates/2009.parquet", "estimate 2009"),
        ("altered", f"build/{SURVEY}/weights/insee/2022.json", "weight insee/2022"),
        ("deleted", f"build/{SURVEY}/weights/insee/2022.parquet", "weight insee/2022"),
        ("deleted", f"build/{SURVEY}/weights/insee/estimates.parquet", "comparison insee"),
        ("altered", f"build/{SURVEY}/estimates.parquet", "table"),
        ("deleted", f"build/{SURVEY}/estimates.parquet", "table"),
        ("altered", f"build/{SURVEY}/columns/2009.parquet", "describe 2009"),
        ("deleted", f"build/{SURVEY}/codebook.parquet", "codebook"),
        ("altered", f"build/{SURVEY}/files/smartphone.csv", "files"),
        ("altered", "reports/donnees/smartphone.csv", "downloads"),
        ("deleted", "_site/donnees/smartphone.csv", "pages"),
        ("altered", "_site/index.html", "pages"),
    ],
)
def test_an_output_that_is_not_what_was_made_is_made_again(
    own_observed: Project, how: str, output: str, stage: str
) -> None:
    path = own_observed.root / output
    made = path.read_bytes()
    path.unlink()  # a link in some cases
    if how == "altered":
        path.write_bytes(made[:-1] + b"?")
    folders = {"files": f"build/{SURVEY}/files", "downloads": "reports/donnees", "pages": "_site"}
    folder = folders.get(stage, output)
    assert stale(own_observed)[stage] == f"missing or altered: {folder}"
    assert ran(own_observed) == [stage], "what depends on it is the same as before"
    assert stage == "pages" or path.read_bytes() == made


def test_real_files_take_the_place_of_the_demonstration(own_demonstration: Project) -> None:
    project = own_demonstration
    drawn = project.build / SURVEY / "demonstration"
    shutil.copytree(drawn, project.root / "data" / "barometre-numerique")
    shutil.rmtree(drawn)
    done = ran(project, only_estimates=True)
    assert done == from_waves(WAVES)
    assert origins(project) == {"observed"}
    assert {"downloads", "pages"} <= set(stale(project))


def test_real_files_taken_away_give_way_to_the_demonstration(own_observed: Project) -> None:
    project = own_observed
    shutil.rmtree(project.root / "data")
    shutil.rmtree(project.build / SURVEY / "demonstration")
    done = ran(project, only_estimates=True)
    assert done == ["demonstrate", *from_waves(WAVES)]
    assert origins(project) == {"demonstration"}
    assert {"downloads", "pages"} <= set(stale(project))


def origins(project: Project) -> set[str]:
    return set(read_estimates(project.estimates(SURVEY))["origin"])


def test_what_a_stage_is_made_from_holds_all_the_code_it_runs(
    own_observed: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stage names modules; whatever these import must be named too, or not matter."""
    named: dict[str, tuple[str, ...]] = {}
    stage_now = ""

    def noted(*modules: str) -> str:
        named[stage_now] = modules
        return "x"

    monkeypatch.setattr(pipeline, "digest_code", noted)
    monkeypatch.setattr("analysis.pipeline.publishing.digest_code", noted)
    monkeypatch.setattr("analysis.pipeline.estimating.digest_code", noted)
    monkeypatch.setattr("analysis.pipeline.weights.digest_code", noted)
    monkeypatch.setattr("analysis.pipeline.columns.digest_code", noted)
    monkeypatch.setattr("analysis.pipeline.secrecy.digest_code", noted)
    monkeypatch.setattr("analysis.pipeline.claims.digest_code", noted)
    work = pipeline.survey_build(own_observed, SURVEY)
    every = [
        pipeline._demonstrate(work),
        *pipeline.plan(own_observed, lambda _: None, Publication("embedded")),
    ]
    for stage in every:
        stage_now = stage.name.split(" ")[0]
        stage.inputs()
    assert set(named) == {
        "demonstrate", "ingest", "prepare", "weight", "compare", "estimate", "table", "comparison",
        "describe", "codebook", "contributors", "secrecy", *PUBLISHED,
    }  # fmt: skip
    graph = grimp.build_graph("analysis", cache_dir=None, exclude_type_checking_imports=True)
    for stage_now, modules in named.items():
        imported = {
            found.split(".")[1]
            for module in modules
            for found in graph.find_upstream_modules(f"analysis.{module}", as_package=True)
            if "." in found
        }
        assert imported - WITHOUT_RESULT <= set(modules), f"{stage_now}: its digest lacks some code"


@pytest.mark.parametrize("survey", [SURVEY, "collectivites_ia"])
def test_stages_are_given_all_that_changes_their_results(
    survey: str, demonstration: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Estimates get no text that pages print, descriptions of columns nothing that is published."""
    monkeypatch.setenv("BARO_DATA", str(demonstration.root / "no-data"))
    work = pipeline.survey_build(demonstration, survey)
    assert len(survey_messages(work.survey)) > 1
    assert {m.text for m in survey_messages(work.figures)} == {""}
    assert work.survey.spec.indicators
    assert not work.columns.spec.indicators
    wave = list(work.survey.waves)[-1]
    frame = pl.read_parquet(work.wave_path(wave))
    said = {"origin": "x", "definition_hash": "x"}
    whole, silent = (tabulate(s, wave, frame, **said) for s in (work.survey, work.figures))
    assert silent.equals(whole, null_equal=True)
    raw = work.text(work.survey.waves[wave].file)
    whole, less = (describe_wave(s, wave, raw, frame, **said) for s in (work.survey, work.columns))
    assert set(less["label"]) == {""}
    assert labelled(work.survey, less).equals(whole, null_equal=True)
    told, untold = (harmonise(s, wave, work.rows(wave)) for s in (work.survey, work.figures))
    assert untold.equals(told, null_equal=True)


# --- data that are missing -----------------------------------------------------------------------


def test_some_files_without_the_others_are_refused_by_name(own_observed: Project) -> None:
    raw_file(own_observed, OLD).unlink()
    before = digest_path(own_observed.site)
    done = CliRunner().invoke(main, ["build"])
    assert done.exit_code == 1
    assert f"data/barometre-numerique/{OLD}\n  the file is missing" in done.stderr
    assert NEW not in done.stderr
    assert "baro data get barometre_numerique" in done.stderr
    assert digest_path(own_observed.site) == before


# --- raw damage ----------------------------------------------------------------------------------


class RawTable:
    """A raw file, of which single rows are read and written; the header is row 1."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.encoding, self.separator = ("cp1252", ",") if path.name == NEW else ("utf-8", ";")
        text = gzip.decompress(path.read_bytes()).decode(self.encoding)
        self.lines = text.splitlines()
        self.header = self.row(1)

    def row(self, number: int) -> list[str]:
        return next(csv.reader([self.lines[number - 1]], delimiter=self.separator))

    def value(self, number: int, column: str) -> str:
        return self.row(number)[self.header.index(column)]

    def put(self, number: int, row: list[str]) -> None:
        out = io.StringIO()
        csv.writer(out, delimiter=self.separator, lineterminator="").writerow(row)
        self.lines[number - 1] = out.getvalue()

    def set(self, number: int, column: str, value: str) -> None:
        row = self.row(number)
        row[self.header.index(column)] = value
        self.put(number, row)

    def write(self) -> None:
        text = "".join(f"{line}\n" for line in self.lines)
        self.path.write_bytes(gzip.compress(text.encode(self.encoding), 1))


ROW = 100
Damage = Callable[[RawTable], str]  # does it, and tells what the message must say


def set_value(column: str, value: str) -> Damage:
    def damage(table: RawTable) -> str:
        table.set(ROW, column, value)
        return f'row {ROW}, column {column}\n  "{value}"'

    return damage


def remove_identifier(table: RawTable) -> str:
    table.set(ROW, "IDENT", "")
    return f'row {ROW}, column IDENT\n  the identifier ""'


def repeat_identifier(table: RawTable) -> str:
    identifier = table.value(ROW, "IDENT")
    table.set(ROW + 7, "IDENT", identifier)
    return f'row {ROW}, column IDENT\n  the identifier "{identifier}" is there more than once'


def rename_weight(table: RawTable) -> str:
    table.put(1, ["PONDERATION" if c == "POND" else c for c in table.header])
    return '\n  the column "POND" is missing'


def cut_row(table: RawTable) -> str:
    table.put(ROW, table.row(ROW)[:-3])
    return f"row {ROW}\n  {len(table.header) - 3} fields"


def failed_build(project: Project) -> str:
    """The message of a build that must fail and leave the site; said once, and nothing else."""
    before = digest_path(project.site)
    done = CliRunner().invoke(main, ["build", "--quiet"])
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit), "an error that nobody caught"
    assert "Traceback" not in done.output
    assert done.stdout == ""
    assert done.stderr.count("\n  -> ") == 1, "one message, with a remedy"
    assert digest_path(project.site) == before
    return done.stderr


DAMAGE = {
    "no weight": set_value("POND", ""),
    "weight NA": set_value("POND", "NA"),
    "negative weight": set_value("POND", "-1.5"),
    "weight in letters": set_value("POND", "lourd"),
    "no identifier": remove_identifier,
    "duplicate identifier": repeat_identifier,
    "unknown label": set_value("SEXE", "Femm"),
    "age in letters": set_value("AGE", "quinze"),
    "age out of range": set_value("AGE", "150"),
    "missing column": rename_weight,
    "cut row": cut_row,
}
IN_OLD = ("negative weight", "duplicate identifier", "unknown label")


@pytest.mark.parametrize(
    ("name", "fault"), [*((NEW, f) for f in DAMAGE), *((OLD, f) for f in IN_OLD)]
)
def test_a_damaged_raw_file_stops_the_build(own_observed: Project, name: str, fault: str) -> None:
    table = RawTable(raw_file(own_observed, name))
    expected = DAMAGE[fault](table)
    table.write()
    said = failed_build(own_observed)
    assert said.startswith(f"{name}: ")
    assert expected in said


def test_a_damaged_file_is_read_again_once_it_is_mended(own_observed: Project) -> None:
    whole = raw_file(own_observed, NEW).read_bytes()
    table = RawTable(raw_file(own_observed, NEW))
    table.set(6, "POND", "-1")
    table.write()
    failed_build(own_observed)
    assert failed_build(own_observed), "and not taken for done the second time"
    assert stale(own_observed)["prepare 2022"] == "never finished"
    raw_file(own_observed, NEW).write_bytes(whole)
    assert ran(own_observed) == [f"ingest {NEW}", "prepare 2022"], "the site is still right"
    assert stale(own_observed) == {}


@pytest.mark.parametrize("keep", [0, 300, -9, -1])
def test_a_gzip_file_that_is_cut_stops_the_build(own_observed: Project, keep: int) -> None:
    content = raw_file(own_observed, NEW).read_bytes()
    raw_file(own_observed, NEW).write_bytes(content[:keep])
    said = failed_build(own_observed)
    assert said.startswith(NEW)
    assert "download" in said.split("->")[1]


def test_a_gzip_file_with_a_wrong_byte_stops_the_build(own_observed: Project) -> None:
    content = bytearray(raw_file(own_observed, NEW).read_bytes())
    content[len(content) // 2] ^= 0xFF
    raw_file(own_observed, NEW).write_bytes(bytes(content))
    said = failed_build(own_observed)
    assert said.startswith(f"{NEW}\n  the compressed file is damaged")


@pytest.mark.parametrize(
    ("name", "declared", "written"), [(OLD, "utf-8", "cp1252"), (NEW, "cp1252", "utf-8")]
)
def test_a_file_in_another_encoding_stops_the_build(
    own_observed: Project, name: str, declared: str, written: str
) -> None:
    path = raw_file(own_observed, name)
    text = gzip.decompress(path.read_bytes()).decode(declared)
    path.write_bytes(gzip.compress(text.encode(written), 1))
    rows = text.split("\n")
    first = next(i for i, row in enumerate(rows, 1) if not row.isascii())
    said = failed_build(own_observed)
    assert said.startswith(f"{name}: row {first}\n")
    assert "encoding" in said.split("->")[1]


def test_a_wave_nobody_declared_stops_the_build(own_observed: Project) -> None:
    table = RawTable(raw_file(own_observed, OLD))
    table.set(len(table.lines), "annee", "2021")
    table.write()
    said = failed_build(own_observed)
    assert said.startswith(f"{OLD}: column annee\n")
    assert '"2021"' in said
    assert "waves/2021.yml" in said


def test_rows_that_are_missing_stop_the_build(own_observed: Project) -> None:
    table = RawTable(raw_file(own_observed, NEW))
    del table.lines[-1]
    table.write()
    said = failed_build(own_observed)
    assert said.startswith(NEW)
    assert "4183 rows" in said
    assert "4184" in said


def test_a_definition_that_is_wrong_stops_the_build(own_observed: Project) -> None:
    edit(wave_file(own_observed, "2015"), "mode:", "mood:")
    before = digest_path(own_observed.site)
    done = CliRunner().invoke(main, ["build"])
    assert done.exit_code == 1
    assert f"surveys/{SURVEY}/waves/2015.yml" in done.stderr
    assert 'did you mean "mode"' in done.stderr
    assert digest_path(own_observed.site) == before


def test_a_page_that_fails_leaves_the_site(own_observed: Project) -> None:
    edit(own_observed.reports / "index.qmd", "## ", "`{python} 1 / 0`\n\n## ", first=True)
    said = failed_build(own_observed)
    assert said.startswith("index.qmd:")
    assert "ZeroDivisionError" in said


# --- validation alone ----------------------------------------------------------------------------


def declared_sizes(project: Project) -> dict[str, int]:
    files = sorted(wave_file(project, "2007").parent.glob("*.yml"))
    return {f.stem: int(yaml.safe_load(f.read_text("utf-8"))["size"]) for f in files}


@pytest.mark.parametrize(
    ("built", "waves"), [("own_demonstration", ("2022",)), ("own_observed", ("2009", "2022"))]
)
def test_validate_counts_rows_and_writes_nothing(
    built: str, waves: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    project: Project = request.getfixturevalue(built)
    shutil.rmtree(project.build)
    before = digest_path(project.root)
    sizes = declared_sizes(project)
    assert pipeline.validate(project, SURVEY, waves) == {w: sizes[w] for w in waves}
    assert digest_path(project.root) == before
    assert not project.build.exists()


def test_validate_of_some_waves_reads_only_their_file(own_observed: Project) -> None:
    raw_file(own_observed, OLD).write_bytes(b"not a table")
    assert pipeline.validate(own_observed, SURVEY, ("2022",)) == {"2022": 4184}


def test_validate_tells_the_faults_of_all_files_once(own_observed: Project) -> None:
    raw_file(own_observed, OLD).write_bytes(b"\x1f\x8b cut")
    table = RawTable(raw_file(own_observed, NEW))
    table.set(6, "POND", "-1")
    table.set(10, "SEXE", "?")
    table.write()
    with pytest.raises(BaroError) as refused:
        pipeline.validate(own_observed, SURVEY)
    assert sorted(p.where for p in refused.value.problems) == [
        OLD, f"{NEW}: row 10, column SEXE", f"{NEW}: row 6, column POND",
    ]  # fmt: skip


def test_validate_refuses_a_wave_that_does_not_exist(own_observed: Project) -> None:
    with pytest.raises(BaroError, match='there is no wave "2021"') as refused:
        pipeline.validate(own_observed, SURVEY, ("2020", "2021"))
    (problem,) = refused.value.problems
    assert "2022" in problem.expected, "the nearest that exists"


# --- several builds ------------------------------------------------------------------------------


def test_two_builds_at_once_are_refused_by_name(own_observed: Project) -> None:
    edit(wave_file(own_observed, "2015"), "mode: en face", "mode: (relu) en face")
    with stages.alone(own_observed):
        done = CliRunner().invoke(main, ["build"])
        assert done.exit_code == 1
        assert done.stderr.startswith("build/lock\n  another build is running in this project")
        assert "table" in stale(own_observed), "looking does not need the lock"


def test_estimates_alone_make_no_page(own_observed: Project) -> None:
    shutil.rmtree(own_observed.site)
    shutil.rmtree(own_observed.reports / "donnees")
    assert pipeline.build(own_observed, only_estimates=True).seconds == {}
    assert not own_observed.site.exists()


def test_the_table_is_that_of_every_wave(observed: Project) -> None:
    table = read_estimates(observed.estimates(SURVEY))
    assert sorted(set(table["wave"])) == WAVES
    parts = observed.build / SURVEY / "estimates"
    assert table.height == sum(pl.read_parquet(parts / f"{w}.parquet").height for w in WAVES)
