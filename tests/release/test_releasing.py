"""`baro release`: a folder whole or not at all; what verifying one says of each difference."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result

from analysis import pipeline, publish, releasing
from analysis.definition import load_survey
from analysis.errors import BaroError
from analysis.pipeline import build
from analysis.project import Project
from analysis.release.manifest import read_manifest
from analysis.releasing import make_release
from analysis.translation import bring_up_to_date
from tests.commands import baro
from tests.phrasebook.filler import fill, nonsense
from tests.release.maker import corrected, edit, entry, small_project


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes()
            for p in sorted(folder.rglob("*")) if p.is_file()}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = small_project(tmp_path / "project")
    monkeypatch.delenv("BARO_DATA", raising=False)
    monkeypatch.delenv("BARO_PROJECT", raising=False)
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def out(project: Project, tmp_path: Path) -> Path:
    """A release of the project."""
    make_release(project, tmp_path / "release", lambda _: None)
    return tmp_path / "release"


@pytest.fixture
def bilingual(project: Project, tmp_path: Path) -> Path:
    """A release of the project with its page in English."""
    english = {"Les villes": "The towns",
               "Voir la [version](version.html).": "See the [version](version.html)."}  # fmt: skip
    for name, _ in list(bring_up_to_date(project, "en", ["index"])):
        fill(project.root / name, lambda text: english.get(text, nonsense(text)))
    out = tmp_path / "release"
    done = baro("release", "--out", str(out), "--lang", "en", "--quiet")
    assert done.exit_code == 0, done.stderr
    return out


def verify(out: Path, *options: str) -> Result:
    return baro("release", "--verify", str(out), "--quiet", *options)


# --- making one ----------------------------------------------------------------------------------


@pytest.fixture
def strict() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("strict")
def test_a_release_is_the_site_and_everybody_may_read_it(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "release"
    out.mkdir()  # empty: that is none
    done = baro("release", "--out", str(out), "--quiet")
    assert done.exit_code == 0, done.stderr
    assert content(out) == content(project.site)
    assert {p.stat().st_mode & 0o777 for p in out.rglob("*") if p.is_file()} == {0o644}
    assert {p.stat().st_mode & 0o777 for p in (out, *out.rglob("*")) if p.is_dir()} == {0o755}
    fingerprint = read_manifest(out).made_from.fingerprint
    assert f"fingerprint {fingerprint}\n" in done.stdout
    assert "towns: observed, scenario data" in done.stdout
    assert fingerprint in (out / "version.html").read_text("utf-8")
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_a_folder_with_something_in_it_is_refused_before_anything_is_built(
    project: Project, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for name in ("full", "file", "nowhere/deep"):
        done = baro("release", "--out", str(tmp_path / name), "--quiet")
        assert done.exit_code == 1
        assert "\n  -> " in done.stderr
    assert not project.site.exists()
    assert (tmp_path / "full" / "x").read_text() == "mine"


def test_what_stops_while_it_is_copied_leaves_nothing(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(releasing, "_readable", full)
    with pytest.raises(BaroError, match="No space left"):
        make_release(project, tmp_path / "release", lambda _: None)
    assert [p.name for p in tmp_path.iterdir()] == ["project"]


def test_one_of_the_two_is_asked_for(project: Project) -> None:
    assert baro("release").exit_code == 2
    assert baro("release", "--no-rebuild", "--out", "x").exit_code == 2
    assert baro("release", "--out", "x", "--verify", ".").exit_code == 2


# --- verifying one -------------------------------------------------------------------------------


def test_one_in_two_languages_is_verified_in_both(bilingual: Path, project: Project) -> None:
    page = bilingual / "en" / "index.html"
    assert "The towns" in page.read_text("utf-8")
    assert read_manifest(bilingual).made_from.languages == ("en",)
    done = verify(bilingual)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("verified: every file is that of the manifest, and a new build")
    edit(page, "The towns</title>", "The cities</title>")
    edit(project.reports / "en" / "index.po", "See the", "Look at the")
    told = json.loads(verify(bilingual, "--json").stdout)
    assert told["files"]["altered"] == ["en/index.html"]
    assert [m["name"] for m in told["made_from"]] == ["reports/en/index.po"]
    assert "en/index.html" in told["rebuilt"]["altered"]


def test_one_that_nobody_touched_is_verified(out: Path) -> None:
    done = verify(out)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        "verified: every file is that of the manifest, and a new build gave the same bytes\n"
    )
    assert json.loads(verify(out, "--json", "--no-rebuild").stdout) == {
        "same": True,
        "files": {"altered": [], "added": [], "missing": []},
        "made_from": [],
        "rebuilt": None,
        "not_rebuilt": "",
        "notes": ["not built again: --no-rebuild"],
    }


def test_verifying_builds_elsewhere_and_leaves_the_project(out: Path, project: Project) -> None:
    before = content(project.root)
    shown = baro("release", "--verify", str(out))
    assert "building again in a temporary folder" in shown.stderr
    assert "towns: estimating 1" in shown.stderr, "progress is shown"
    assert content(project.root) == before
    assert "BARO_PROJECT" not in os.environ


def test_files_altered_added_and_missing_are_named(out: Path) -> None:
    (out / "index.html").write_text("x")
    (out / "donnees" / "has.csv").unlink()
    (out / "neuf.txt").write_text("x")
    done = verify(out, "--no-rebuild")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "altered: index.html", "not in the manifest: neuf.txt", "missing: donnees/has.csv",
        "not built again: --no-rebuild",
    ]  # fmt: skip


def test_a_manifest_forged_with_its_file_is_found_out_by_the_new_build(out: Path) -> None:
    """The hash of an altered file typed into the manifest: only building again tells."""
    page = out / "index.html"
    page.write_text(page.read_text("utf-8").replace("Les villes", "Les Villes"), "utf-8")
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    manifest["files"]["index.html"] = entry(page)
    (out / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert verify(out, "--no-rebuild").exit_code == 0
    done = verify(out)
    assert done.exit_code == 1
    assert done.stdout == "not the same when built again: index.html\n"


def test_inputs_that_changed_are_named_with_what_they_change(out: Path, project: Project) -> None:
    edit(project.reports / "index.qmd", "Voir la", "Lire la")
    edit(project.surveys / "towns" / "survey.yml", "title: Villes", "title: Les villes")
    done = verify(out)
    assert done.exit_code == 1
    said = done.stdout.splitlines()
    assert said[:2] == [
        "made otherwise here: definition surveys/towns/survey.yml: not the same content",
        "made otherwise here: source of a page reports/index.qmd: not the same content",
    ]
    assert "not the same when built again: index.html" in said
    assert "not the same when built again: donnees/towns.xlsx" in said
    assert "not the same when built again: donnees/towns_codes.csv" not in said, "no title in it"


def test_libraries_of_another_version_are_named(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = pipeline.inputs.environment()
    other = here.model_copy(update={"libraries": here.libraries | {"polars": "0.1"}})
    monkeypatch.setattr(pipeline.inputs, "environment", lambda: other)
    done = verify(out, "--no-rebuild")
    assert done.exit_code == 1
    version = here.libraries["polars"]
    assert f"library polars: {version} in the release, 0.1 here\n" in done.stdout


def test_microdata_that_are_missing_are_not_replaced_by_made_ones(
    out: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.root / "data" / "towns" / "t1.csv").unlink()
    monkeypatch.setattr(releasing, "build", lambda *_, **__: pytest.fail("built"))
    done = verify(out)
    assert done.exit_code == 1
    assert "microdata towns/t1.csv: only in the release\n" in done.stdout
    assert done.stdout.endswith("not built again: microdata are missing here\n")


def test_another_browser_is_said_and_its_pdf_are_taken_as_they_are(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages that link to them are compared all the same."""
    edit(project.reports / "index.qmd", "title:", "imprimable: true\ntitle:")
    page = project.reports / "_assets" / "page.html"
    edit(page, "$body$", '$body$\n$if(pdf)$<a href="$pdf$">PDF</a>$endif$')
    prints(monkeypatch, "Chromium 1.0")
    out = tmp_path / "release"
    make_release(project, out, lambda _: None)
    assert (out / "pdf" / "index.pdf").read_bytes() == b"Chromium 1.0"
    assert verify(out).stdout.startswith("verified")
    for other in ("Chromium 2.0", ""):
        prints(monkeypatch, other)
        done = verify(out)
        assert done.exit_code == 0
        here = other or "no Chromium"
        said = f"PDF not printed again: Chromium 1.0 printed them, here is {here}\n"
        assert done.stdout.startswith(said)
    make_release(project, tmp_path / "without", lambda _: None)
    assert not (tmp_path / "without" / "pdf").exists()
    prints(monkeypatch, "Chromium 2.0")
    assert verify(tmp_path / "without").exit_code == 0


def prints(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """A Chromium that prints its name, or none."""

    def print_pages(site: Path, names: list[str], *_: object) -> None:
        for name in names:
            (site / "pdf").mkdir(exist_ok=True)
            (site / "pdf" / f"{name}.pdf").write_bytes(version.encode())

    monkeypatch.setattr(publish, "print_pages", print_pages)
    monkeypatch.setattr(publish, "browser_path", lambda: version)
    monkeypatch.setattr("analysis.pipeline.publishing.browser_path", lambda: version)
    for module in (publish, releasing):
        monkeypatch.setattr(module, "browser_version", lambda: version)


# --- compared with an earlier one ----------------------------------------------------------------


@pytest.fixture
def second(out: Path, project: Project, tmp_path: Path) -> Path:
    """A release after an answer was corrected, compared with the first."""
    corrected(project)
    make_release(project, tmp_path / "second", lambda _: None, since=out)
    return tmp_path / "second"


def test_the_page_of_revisions_tells_what_the_command_tells(out: Path, second: Path) -> None:
    said = json.loads(baro("diff", str(out), str(second), "--json").stdout)
    moved = [f for f in said["figures"] if f["kind"] in ("sampling", "printed")]
    assert moved
    page = (second / "revisions.html").read_text("utf-8")
    assert "Les révisions depuis l’édition précédente" in page
    assert read_manifest(out).made_from.fingerprint in page
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td>2</td><td>(.*?)</td><td>(.*?)</td>', page)
    assert len(rows) == len(moved)
    assert all("<caption>" in t for t in re.findall(r"<table>.*?</table>", page))
    whole = next(f for f in moved if f["indicator"] == "has" and f["domain"] == "ensemble")
    _, before, after = next(r for r in rows if r[0] == "Villes équipées")
    for written, side in ((before, "before"), (after, "after")):
        number = float(written.replace("\u00a0%", "").replace(",", "."))
        assert abs(number - whole[side]["value"]) <= 0.05 + 1e-9
    with (second / "donnees" / "revisions-toutes.csv").open(encoding="utf-8-sig", newline="") as f:
        assert len(list(csv.DictReader(f, delimiter=";"))) == len(said["figures"])


def test_one_without_an_earlier_one_says_so(out: Path) -> None:
    page = (out / "revisions.html").read_text("utf-8")
    assert "Cette édition n’est comparée à aucune édition antérieure." in page
    assert "<table" not in page
    assert "corrections.html" not in page, "this site has no such page"


def test_the_earlier_one_is_needed_to_verify(out: Path, second: Path) -> None:
    done = verify(second)
    assert done.exit_code == 1
    assert "-> name its folder: --since DIR" in done.stderr
    assert verify(second, "--since", str(out)).exit_code == 0
    assert verify(second, "--since", str(second)).exit_code == 1
    assert verify(out, "--since", str(second)).exit_code == 1


def test_a_build_since_another_release_makes_pages_again_and_no_estimate(
    out: Path, project: Project
) -> None:
    assert build(project).seconds == {}
    assert list(build(project, since=out).seconds) == ["pages"]
    assert build(project, since=out).seconds == {}
    page = (project.site / "revisions.html").read_text("utf-8")
    assert "Aucune valeur n’a changé au-delà de l’arrondi." in page
    assert not (project.site / "donnees" / "revisions-toutes.csv").exists()
    done = baro("build", "--since", str(project.root / "surveys"))
    assert done.exit_code == 1
    assert done.stderr.startswith(f"--since {project.root / 'surveys'}\n")


def test_labels_of_another_release_are_no_markup(
    out: Path, project: Project, tmp_path: Path
) -> None:
    """Its files may come from anybody: HTML, a shortcode, the end of a block of code."""
    edit(project.surveys / "towns" / "survey.yml", "  has:\n    label: Équipement\n    phrase",
         "  had:\n    label: Équipement\n    phrase")  # fmt: skip
    edit(project.surveys / "towns" / "survey.yml", "key: [has]", "key: [had]")
    survey = load_survey(project.surveys, "towns")
    assert "has" not in survey.spec.indicators
    foul = tmp_path / "foul"
    shutil.copytree(out, foul)
    names = foul / "donnees" / "towns_indicateurs.csv"
    names.write_bytes(names.read_bytes().replace(
        "has;Équipement;".encode(), b"has;<script>x</script> {{< env HOME >}} ```;"))  # fmt: skip
    manifest = json.loads((foul / "manifest.json").read_text("utf-8"))
    manifest["files"]["donnees/towns_indicateurs.csv"] = entry(names)
    (foul / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    build(project, since=foul)
    page = (project.site / "revisions.html").read_text("utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;x&lt;/script&gt; {<wbr>{&lt; env HOME &gt;}} ```" in unescaped(page)


def unescaped(page: str) -> str:
    return page.replace("&#123;", "{").replace("&#96;", "`")
