"""``baro sample`` and ``baro precision``: what they print, write and refuse."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from analysis import cli_sampling
from analysis.sampling import default_seed
from tests.commands import baro, refused, well
from tests.sampling.makers import TOWNS, text, town_counts, towns, write

SURVEY = "barometre_numerique"
SAMPLE = ("sample", SURVEY, "--frame", "frame.csv", "--strata", "strate", "--size", "400")
COUNTS = ("precision", SURVEY, "--counts", "counts.csv", "--strata", "strate")
D1 = "D1=" + ",".join(k for k in TOWNS if k != "C<3500")


@pytest.fixture
def here(tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a frame and counts, beside a project that is only read."""
    monkeypatch.setenv("BARO_PROJECT", str(project_root))
    monkeypatch.chdir(tmp_path)
    write(tmp_path, towns())
    write(tmp_path, town_counts(), "counts.csv")
    return tmp_path


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";"))


# --- sample --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["proportional", "neyman", "power"])
def test_a_sample_of_400_with_ten_in_each_stratum(kind: str, here: Path) -> None:
    told = well(*SAMPLE, "--allocation", kind, "--minimum", "10", "--output", "s.csv")
    drawn = rows(here / "s.csv")
    assert len(drawn) == 400
    assert len({r["id"] for r in drawn}) == 400
    assert f"400 units of 36308 drawn, {kind}, seed {default_seed(SURVEY, '')}" in told
    for name, (_, size) in TOWNS.items():
        inside = [r for r in drawn if r["stratum"] == name]
        assert len(inside) >= 10
        assert {r["strate"] for r in inside} == {name}
        assert {(r["N_h"], r["n_h"]) for r in inside} == {(str(size), str(len(inside)))}
        assert {r["inclusion_probability"] for r in inside} == {str(len(inside) / size)}
    assert sum(float(r["design_weight"]) for r in drawn) == pytest.approx(36_308, rel=1e-12)


def test_the_same_command_gives_the_same_bytes_and_its_record(here: Path) -> None:
    files = []
    for name in ("a.csv", "b.csv"):
        well(*SAMPLE, "--seed", "7", "--reserve", "0.5", "--output", name)
        files.append([(here / f"{name}{end}").read_bytes() for end in ("", ".json")])
    assert files[0] == files[1]
    record = json.loads(files[0][1])
    assert (record["seed"], record["allocation"], record["size"]) == (7, "proportional", 400)
    assert record["strata_columns"] == ["strate"]
    assert str(here) not in files[0][1].decode()
    write(here, towns(3))
    well(*SAMPLE, "--seed", "7", "--reserve", "0.5", "--output", "c.csv")
    assert (here / "c.csv").read_bytes() == files[0][0]


def test_json_is_the_record_and_where_it_is(here: Path) -> None:
    told = json.loads(well(*SAMPLE, "--wave", "2025", "--output", "s.csv", "--json"))
    record = json.loads((here / "s.csv.json").read_text("utf-8"))
    assert told == {"sample": "s.csv", "record": "s.csv.json", **record}
    assert told["seed"] == default_seed(SURVEY, "2025")
    assert sum(s["n_h"] for s in told["strata"]) == 400


def test_without_output_it_goes_where_microdata_do(here: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "surveys").mkdir(parents=True)
    (project / "_quarto.yml").touch()
    root = Path(__file__).parents[2]
    (project / "surveys" / SURVEY).symlink_to(root / "surveys" / SURVEY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BARO_PROJECT", str(project))
        told = well(*SAMPLE, "--wave", "2025")
    path = "data/barometre-numerique/sample-2025.csv"
    assert told.endswith(f"sample: {path}\nrecord: {path}.json\n")
    assert len(rows(project / path)) == 400


def test_certainty_and_reserve_are_shown(here: Path) -> None:
    listed: list[list[object]] = [[i, "a", int(i < 2)] for i in range(50)]
    write(here, text([["id", "h", "sure"], *listed], ";"), "small.csv")
    told = well("sample", SURVEY, "--frame", "small.csv", "--strata", "h", "--size", "12",
                "--certainty", "sure", "--reserve", "0.25", "--output", "s.csv")  # fmt: skip
    assert re.search(r"^a +48 +10 +3 +0\.208333 +4\.800$", told, re.M)
    assert re.search(r"^a \(certainty\) +2 +2 +0 +1\.000000 +1\.000$", told, re.M)
    assert {r["id"] for r in rows(here / "s.csv") if r["role"] == "certainty"} == {"0", "1"}


def test_what_was_changed_on_the_way_is_said(here: Path) -> None:
    write(here, "id;h;nom\n1;a;=é\n2;a;x\n".encode("cp1252"))
    told = well("sample", SURVEY, "--frame", "frame.csv", "--strata", "h", "--size", "2",
                "--output", "s.csv")  # fmt: skip
    assert "the frame was read as windows-1252; the sample is UTF-8" in told
    assert "1 cells got an apostrophe" in told


SEX = "id,sexe\n1,homme\n2,femme\n3,femmes\n"


@pytest.mark.parametrize(("more", "said"), [
    (("--size", "40000"), "at most the 36308 units of the frame"),
    (("--minimum", "65"), "the minimum takes 406 (8 strata x 65, 3 of them smaller"),
    (("--minimum", "0"), "--minimum"),
    (("--power", "2", "--allocation", "power"), "from 0 to 1"),
    (("--strata", "strat"), 'did you mean "strate"?'),
    (("--id", "code"), 'there is no column "code"'),
    (("--certainty", "nom"), "1 or 0, oui or non"),
    (("--p", "C<350=0.2"), 'did you mean "C<3500"?'),
    (("--p", "0"), "above 0 and below 1"),
    (("--response", "1.5"), "above 0, 1 at most"),
    (("--response", "0"), "above 0, 1 at most"),
    (("--seed", "-1"), "a whole number from 0"),
    (("--reserve", "-1"), "0 or more"),
    (("--output", "frame.csv"), "this is the frame"),
    (("--output", "frame.csv", "--overwrite"), "this is the frame"),
    (("--output", "counts.csv"), "holds something else than this sample"),
    (("--output", "frame.csv/s.csv"), "there is no such folder"),
    (("--output", "none/s.csv"), "there is no such folder"),
    (("--strata", "nom"), "2000 at most"),
    (("--wave", "../2025"), "no name of a wave"),
    (("--frame", "none.csv"), "cannot be read: No such file"),
    (("--assumptions", "none.csv"), "cannot be read: No such file"),
])  # fmt: skip
def test_refused_and_nothing_written(more: tuple[str, ...], said: str, here: Path) -> None:
    before = {p.name: p.read_bytes() for p in here.iterdir()}
    assert said in refused(*SAMPLE, "--output", "s.csv", *more)
    assert {p.name: p.read_bytes() for p in here.iterdir()} == before


def test_strata_of_a_variable_have_its_categories(here: Path) -> None:
    write(here, SEX)
    args = ("sample", SURVEY, "--frame", "frame.csv", "--size", "3", "--output", "s.csv")
    assert 'did you mean "femme"?' in refused(*args, "--strata", "sexe")
    assert "no column of strata" in refused(*args)
    assert "did you mean" in refused("sample", "barometre_numeriqe", *args[2:], "--strata", "sexe")


def test_problems_are_json_too(here: Path) -> None:
    done = baro(*SAMPLE, "--size", "40000", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["problems"][0]["where"] == "--size"


# --- precision -----------------------------------------------------------------------------------


def test_a_table_by_domain_and_stratum(here: Path) -> None:
    told = well(*COUNTS, "--size", "400", "--domain", "type", "--domain", D1)
    lines = told.splitlines()
    assert lines[0] == (f"{SURVEY}: 400 units drawn (proportional, minimum 2), 400 respondents "
                        "expected, df 392")  # fmt: skip
    assert lines[1] == "expected share 50 % (not given: the largest variance)"
    heads = [line.split("  ")[0] for line in lines[4:]]
    assert heads == [
        "ensemble", "type: commune", "type: departement", "type: epci", "type: region", "D1",
        *(f"stratum: {s}" for s in sorted(TOWNS)),
    ]  # fmt: skip
    assert len({len(line.split("  A")[0].split("  Q")[0]) for line in lines[4:]}) == 1, "aligned"


def test_the_same_from_counts_from_a_frame_and_in_json(here: Path) -> None:
    more = ("--size", "400", "--allocation", "power", "--minimum", "10", "--json")
    counted = json.loads(well(*COUNTS, *more))
    listed = json.loads(well("precision", SURVEY, "--frame", "frame.csv", "--strata", "strate",
                             *more))  # fmt: skip
    assert counted["domains"] == listed["domains"]
    first = counted["domains"][0]
    assert (first["domain"], first["population"], first["n"]) == ("ensemble", 36_308, 400)
    assert first["margin"] > 1.96 * first["se"] > 0
    drawn = json.loads(well(*SAMPLE, *more[2:], "--output", "s.csv"))
    sizes = {d["value"]: d["n"] for d in counted["domains"] if d["domain"] == "stratum"}
    assert sizes == {s["stratum"]: s["n_h"] for s in drawn["strata"]}


def test_planned_sizes_shares_and_rates_of_a_file(here: Path) -> None:
    """Notes on collectivites-ia, §2: 1,760 invited, 289 answer."""
    invited = [1240, 140, 120, 30, 133, 20, 60, 17]
    rates = [0.1, 0.2, 0.3, 0.4, 40 / 133, 0.65, 0.4, 12 / 17]
    lines = [[s, n, r, 0.5] for s, n, r in zip(TOWNS, invited, rates, strict=True)]
    write(here, text([["strate", "n", "response", "p"], *lines]), "plan.csv")
    told = json.loads(well(*COUNTS, "--assumptions", "plan.csv", "--deff", "1.2", "--json"))
    assert (told["size"], told["sizes_from"], told["assumed"]) == (1_760, "given", [])
    assert told["domains"][0]["respondents"] == pytest.approx(289)
    assert told["df"] == pytest.approx(281)
    shown = well(*COUNTS, "--assumptions", "plan.csv", "--deff", "1.2")
    assert "1760 units drawn (given), 289 respondents expected, df 281" in shown
    assert "variances times 1.2" in shown


def test_the_size_for_a_target(here: Path) -> None:
    args = (*COUNTS, "--domain", D1, "--target", "0.05", "--target-domain", "D1")
    told = json.loads(well(*args, "--json"))["target"]
    assert told["reached"] <= 0.05 < told["one_unit_less"]
    assert (
        well(*args)
        .splitlines()[-1]
        .startswith(f"smallest size for ± 5 points in D1: {told['size']} (± ")
    )
    size = str(told["size"])
    again = json.loads(well(*COUNTS, "--domain", D1, "--size", size, "--json"))["domains"]
    assert next(d for d in again if d["domain"] == "D1")["margin"] == told["reached"]


@pytest.mark.parametrize("name", ["Régions", "stratum=Régions", "type=region"])
def test_the_target_may_be_of_a_stratum(name: str, here: Path) -> None:
    told = json.loads(well(*COUNTS, "--domain", "type", "--target", "0.1", "--allocation", "power",
                           "--power", "0", "--target-domain", name, "--json"))  # fmt: skip
    assert told["target"]["reached"] <= 0.1


@pytest.mark.parametrize(("more", "said"), [
    ((), "no planned size"),
    (("--size", "5"), "the minimum takes 16 (8 strata x 2)"),
    (("--size", "400", "--target", "0.05"), "--size is given too"),
    (("--size", "400", "--target-domain", "D1"), "no --target"),
    (("--target", "0.05", "--target-domain", "Région"), 'did you mean "Régions"?'),
    (("--target", "5"), "half the width of the 95 % interval"),
    (("--target", "0.001", "--response", "0.2"), "at best, with all 36308 units drawn"),
    (("--size", "400", "--deff", "0"), "--deff"),
    (("--size", "400", "--domain", "nom"), "no column of that name"),
    (("--size", "400", "--domain", "D=C<350"), 'did you mean "C<3500"?'),
    (("--size", "400", "--certainty", "sure"), "a column of --frame"),
    (("--size", "400", "--frame", "frame.csv"), "one of the two"),
    (("--size", "400", "--assumptions", "n.csv"), "sizes are given in the column n too"),
    (("--target", "0.05", "--assumptions", "n.csv"), "sizes to be found"),
    (("--assumptions", "n.csv"), "no size for the stratum"),
    (("--assumptions", "many.csv"), "3 of 2 units"),
])  # fmt: skip
def test_what_no_plan_is(more: tuple[str, ...], said: str, here: Path) -> None:
    write(here, "strate,n\nRégions,12\n", "n.csv")
    if "many.csv" in more:
        write(here, "strate,population\na,2\n", "counts.csv")
        write(here, "strate,n\na,3\n", "many.csv")
    assert said in refused(*COUNTS, *more)


def test_strata_must_come_from_somewhere(here: Path) -> None:
    assert "--counts FILE.csv" in refused("precision", SURVEY, "--size", "400")


def test_counts_that_the_survey_declares_are_the_default(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fills ``default_counts`` in serves both commands."""
    declared = write(here, "strate,population\n" + "".join(
        f"{s},{n}\n" for s, (_, n) in TOWNS.items()), "declared.csv")  # fmt: skip
    monkeypatch.setattr(cli_sampling, "default_counts", lambda survey, wave: declared)
    told = json.loads(well("precision", SURVEY, "--size", "400", "--json"))
    assert told["domains"][0]["population"] == 36_308
    well("sample", SURVEY, "--frame", "frame.csv", "--size", "400", "--output", "s.csv")
    assert json.loads((here / "s.csv.json").read_text("utf-8"))["strata_columns"] == ["strate"]
