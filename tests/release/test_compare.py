"""Two releases figure by figure: the kind of each change, the rule at its edges, exit statuses."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from analysis.errors import BaroError
from analysis.language import speaking
from analysis.release.compare import KINDS
from analysis.release.figures import read_figures, read_release
from analysis.release.listing import revision_csv
from analysis.release.revision import compare
from analysis.release.revisions import SHOWN, revision_document
from tests.commands import baro
from tests.release.maker import entry, facts, lay_out
from tests.sample import survey

OLD = "2022;net;;ensemble;ensemble;50,00;45,00;55,00;2,50;400;A"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two releases are all that is needed: no project."""
    monkeypatch.chdir(tmp_path)


def changed(old: str, new: str, **made: Any) -> list[str]:
    """The kinds of the changes between two releases of some rows."""
    releases = [read_release(lay_out(Path(name), rows, **made)) for name, rows in
                (("old", old), ("new", new))]  # fmt: skip
    return [c.kind for c in compare(*releases).changes]


def diff(*options: str) -> Result:
    return baro("diff", "old", "new", *options)


# --- kinds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "kinds"),
    [
        ("50,00;45,00;55,00;2,50;400;A", []),
        ("50,04;45,00;55,00;2,50;400;A", ["digits"]),  # both print 50.0
        ("50,00;45,00;55,00;2,51;400;A", ["digits"]),  # tables show no standard error
        ("50,05;45,00;55,00;2,50;400;A", ["printed"]),  # 50.1 by rounding half up
        ("50,00;44,00;56,00;2,50;400;A", ["margin"]),
        ("50,00;45,00;55,00;2,50;401;A", ["margin"]),
        ("55,00;50,00;60,00;2,50;400;A", ["printed"]),  # on the bound is inside
        ("55,01;50,00;60,00;2,50;400;A", ["sampling"]),  # outside what was published
        ("54,00;51,00;57,00;1,50;400;A", ["sampling"]),  # the old value is outside the new one
        ("54,00;;;;400;A", ["printed"]),  # no interval now: by the old one it is inside
        ("60,00;;;;400;A", ["sampling"]),
        (";;;;12;Q", ["suppressed"]),
        (";;;;400;A", ["suppressed"]),  # whatever the reason is called
        ("50,00;45,00;55,00;2,50;400;U", ["status"]),
        ("60,00;55,00;65,00;2,50;400;U", ["sampling", "status"]),
    ],
)
def test_a_figure_is_of_the_first_kind_that_fits(row: str, kinds: list[str]) -> None:
    assert changed(OLD, f"2022;net;;ensemble;ensemble;{row}") == kinds


def test_what_is_published_again_new_or_gone() -> None:
    hidden = "2022;net;;ensemble;ensemble;;;;;12;Q"
    assert changed(hidden, OLD) == ["shown"]


def test_cells_that_came_and_went() -> None:
    assert changed(OLD, OLD.replace("2022", "2020")) == ["new", "gone"]


def test_two_cells_that_are_not_published_are_the_same_if_their_respondents_are() -> None:
    hidden = "2022;net;;ensemble;ensemble;;;;;12;Q"
    assert changed(hidden, hidden.replace("12", "13")) == ["margin"]


def test_changes_come_by_kind_then_newest_wave() -> None:
    def row(wave: str, value: str) -> str:
        return f"{wave};net;;ensemble;ensemble;{value};45,00;55,00;2,50;400;A"

    values = {"2019": "60,00", "2020": "50,50", "2021": "60,00", "2022": "50,60"}
    old = "\n".join(row(w, "50,00") for w in values)
    new = "\n".join(row(w, v) for w, v in values.items())
    releases = [read_release(lay_out(Path(n), r)) for n, r in (("old", old), ("new", new))]
    assert [(c.kind, c.key[0]) for c in compare(*releases).changes] == [
        ("sampling", "2021"), ("sampling", "2019"), ("printed", "2022"), ("printed", "2020"),
    ]  # fmt: skip


# --- verdicts, definitions -----------------------------------------------------------------------


def judged(verdict: str) -> str:
    finding = {"kind": "quoted", "verdict": verdict, "sentence": "", "looks": [], "doubts": []}
    words = ("register", "quote", "speaker", "function", "theme", "place", "occasion", "date",
             "source", "document", "said", "band", "population", "period", "named_source",
             "label", "strength")  # fmt: skip
    claim = dict.fromkeys(words, "") | {"id": "c1", "verdict": verdict, "against": [],
                                        "findings": [finding]}  # fmt: skip
    return json.dumps({"claims": [claim], "conflicts": [], "sources": [], "demonstration": False})


def test_verdicts_that_changed_came_and_went() -> None:
    name = "affirmations.json"
    lay_out(Path("old"), OLD, files={name: judged("confirmed")})
    lay_out(Path("new"), OLD, files={name: judged("outdated")})
    lay_out(Path("none"), OLD)
    done = diff()
    assert done.exit_code == 1
    assert "c1: Confirmé -> Vrai auparavant, plus aujourd’hui" in done.stdout
    assert baro("diff", "old", "none").exit_code == 1
    assert baro("diff", "none", "none").exit_code == 0


def test_definitions_that_changed_are_told_by_survey_with_their_waves() -> None:
    waves = {w: {"origin": "observed", "definition": "b" * 16} for w in ("2020", "2022")}
    waves["2022"]["origin"] = "demonstration"
    survey = facts()["surveys"]["essai"] | {"waves": waves}
    lay_out(Path("old"), OLD)
    lay_out(Path("new"), OLD, surveys={"essai": survey})
    done = diff()
    assert done.exit_code == 1
    assert "essai: definition changed in 2020, 2022\n" in done.stdout
    assert "essai: origin (observed -> demonstration) changed in 2022\n" in done.stdout


def test_other_libraries_alone_are_told_and_are_no_difference() -> None:
    other = facts()["environment"] | {"libraries": {"polars": "2.1"}}
    lay_out(Path("old"), OLD)
    lay_out(Path("new"), OLD, environment=other)
    done = diff()
    assert done.exit_code == 0
    assert done.stdout == (
        "no figure, verdict or definition changed\n"
        "made otherwise: library polars: 2.0 before, 2.1 now\n"
    )


# --- the command ---------------------------------------------------------------------------------


def test_it_ends_as_diff_does(tmp_path: Path) -> None:
    lay_out(Path("old"), OLD)
    lay_out(Path("new"), OLD)
    done = diff()
    assert (done.exit_code, done.stdout, done.stderr) == (
        0, "no figure, verdict or definition changed\n", "",
    )  # fmt: skip
    (tmp_path / "new" / "donnees" / "essai.csv").unlink()
    done = diff()
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "donnees/essai.csv\n  the release lacks the file" in done.stderr
    assert baro("diff", "old", "nowhere").exit_code == 2
    assert baro("diff", "old").exit_code == 2


def test_a_table_that_is_not_the_listed_one_is_not_compared() -> None:
    lay_out(Path("old"), OLD)
    path = lay_out(Path("new"), OLD) / "donnees" / "essai.csv"
    path.write_bytes(path.read_bytes().replace(b"50,00", b"70,00"))
    done = diff("--json")
    assert done.exit_code == 2
    (problem,) = json.loads(done.stdout)["problems"]
    assert problem["found"] == "the file is not the one in manifest.json"
    assert "--verify" in problem["remedy"]


def test_a_manifest_names_its_folder() -> None:
    lay_out(Path("old"), OLD)
    lay_out(Path("new"), OLD.replace("50,00", "50,50"))
    done = baro("diff", "old/manifest.json", "new/manifest.json")
    assert done.exit_code == 1
    assert done.stdout == (
        "moved beyond rounding: 1\n  essai 2022 net: 50.0 -> 50.5 (was 45.0 to 55.0)\n"
    )


def test_json_has_every_change_with_its_numbers() -> None:
    rows = [OLD.replace(";ensemble;ensemble;", f";age;{g};") for g in map(str, range(25))]
    lay_out(Path("old"), "\n".join(rows))
    lay_out(Path("new"), "\n".join(r.replace("50,00", "60,00") for r in rows))
    said = json.loads(diff("--json").stdout)
    assert said["same"] is False
    assert said["counts"] == dict.fromkeys(KINDS, 0) | {"sampling": 25}
    assert len(said["figures"]) == 25
    assert said["figures"][0] == {
        "kind": "sampling", "survey": "essai", "wave": "2022", "indicator": "net", "category": "",
        "domain": "age", "domain_value": "0",
        "before": {"value": 50.0, "low": 45.0, "high": 55.0, "se": 2.5, "n": 400, "status": "A"},
        "after": {"value": 60.0, "low": 45.0, "high": 55.0, "se": 2.5, "n": 400, "status": "A"},
    }  # fmt: skip
    text = diff().stdout
    assert text.count("net, age = ") == 20
    assert "… and 5 more (--json has all)" in text


def test_a_survey_that_came_is_all_new() -> None:
    both = facts()["surveys"] | {"autre": facts()["surveys"]["essai"]}
    lay_out(Path("old"), OLD)
    new = lay_out(Path("new"), OLD, surveys=both)
    manifest = json.loads((new / "manifest.json").read_text())
    for name in ("", "_codes", "_indicateurs"):
        copy = new / "donnees" / f"autre{name}.csv"
        copy.write_bytes((new / "donnees" / f"essai{name}.csv").read_bytes())
        manifest["files"][f"donnees/{copy.name}"] = entry(copy)
    (new / "manifest.json").write_text(json.dumps(manifest))
    done = diff()
    assert done.exit_code == 1
    assert "new: 1\n  autre 2022 net: 1\n" in done.stdout


# --- reading -------------------------------------------------------------------------------------


def test_words_are_read_as_they_were_before_a_spreadsheet_was_kept_from_running_them() -> None:
    lay_out(Path("old"), "2022;net;;age;'-18;50,00;45,00;55,00;2,50;400;A")
    figures = read_figures(read_release(Path("old")), "essai")
    assert list(figures.cells) == [("2022", "net", "", "age", "-18")]
    assert figures.label("groupe", "jeunes", "age") == "Les <b>jeunes</b> {{< var x >}}"
    assert figures.label("groupe", "autres", "age") == "autres"
    assert figures.units == {"net": "%", "heures": "heures"}


@pytest.mark.parametrize("row", [OLD.replace("50,00", "cinquante"), OLD.replace("400", "4,5")])
def test_what_is_no_number_is_refused_with_its_line(row: str) -> None:
    lay_out(Path("old"), row)
    with pytest.raises(BaroError, match=r"essai.csv, line 2"):
        read_figures(read_release(Path("old")), "essai")


def test_the_list_of_changes_opens_in_a_french_spreadsheet() -> None:
    lay_out(Path("old"), OLD)
    lay_out(Path("new"), OLD.replace("50,00", "60,00").replace(";ensemble;", ";=1+1;", 1))
    content = revision_csv(compare(*(read_release(Path(n)) for n in ("old", "new"))))
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert [(r["changement"], r["domaine"], r["valeur_avant"], r["valeur_apres"]) for r in rows] \
        == [("nouvelle", "'=1+1", "", "60,00"), ("disparue", "ensemble", "", "")]  # fmt: skip
    assert content.count(b"\r\n") == 3


def test_what_is_no_longer_published_is_not_told_again() -> None:
    """The list and the page are part of the site: what it hides, they hide."""
    hidden, gone = OLD.replace("50,00", "51,23"), OLD.replace("50,00", "52,34")
    old = f"{hidden}\n{gone.replace(';net;', ';heures;')}"
    lay_out(Path("old"), old)
    lay_out(Path("new"), "2022;net;;ensemble;ensemble;;;;;400;Q")
    before, after = (read_release(Path(n)) for n in ("old", "new"))
    revision = compare(before, after)
    assert [c.kind for c in revision.changes] == ["suppressed", "gone"]
    page = revision_document(revision, [], before.made, after.made, 1000, log=False)
    said = revision_csv(revision).decode("utf-8-sig")
    assert "Valeurs qui ne sont plus publiées" in page
    assert "retirée;essai;2022;net" in said
    for text in (page, said):
        assert not re.search(r"51,2|52,3|45,0|55,0|2,50", text)


def test_each_survey_of_a_long_list_has_lines_under_its_name() -> None:
    lay_out(Path("old"), OLD)
    lay_out(Path("new"), "\n".join(OLD.replace(";net;", f";i{n};") for n in range(SHOWN + 5)))
    before, after = (read_release(Path(n)) for n in ("old", "new"))
    page = revision_document(compare(before, after), [], before.made, after.made, 1, log=False)
    (table,) = re.findall(r"<caption>Nouvelles valeurs.*?</table>", page)
    assert f"({SHOWN} sur {SHOWN + 5})" in table
    assert table.count('<th scope="row">') == SHOWN


def test_in_english_what_the_definition_has_no_longer_is_told_in_the_words_of_the_file() -> None:
    """Labels come from the definition in English; those of the files are French, and marked so."""
    rows = OLD + "\n" + OLD.replace(";net;;ensemble;ensemble;", ";heures;;age;jeunes;")
    lay_out(Path("old"), f"{rows}\n{OLD.replace(';net;', ';heures;')}")
    lay_out(Path("new"), f"{rows}\n{OLD.replace(';net;', ';heures;')}".replace("50,00;", "60,00;"))
    before, after = (read_release(Path(n)) for n in ("old", "new"))
    with speaking("en"):
        page = revision_document(
            compare(before, after), [survey()], before.made, after.made, 2600, log=True
        )
    assert "3 values change by more than the margin of error." in page
    assert (
        '<th scope="row">Temps d’écran</th><td>2022</td><td>50.0\u00a0heures par semaine</td>'
        in page
    )
    assert (
        '<th scope="row" lang="fr">Internet</th><td>2022</td><td>50.0%</td><td>60.0%</td>' in page
    )
    assert '<th scope="row" lang="fr">Heures en ligne, Âge' in page, "no such group is defined"
    assert "<td>45.0 to\u00a055.0</td>" in page
    assert 'href="../donnees/revisions-toutes.csv" download>All values that change (CSV in' in page
    assert not re.search(r"Vague|Avant|Maintenant|valeur|édition|donnees\.html", page)
