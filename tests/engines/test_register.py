"""Registers that are made up: the same for the same options, refused where they make no sense."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from polars.testing import assert_frame_equal

from analysis.cli import main
from analysis.demonstration import register as made
from analysis.demonstration.register import REPLICATES, Register, write_register
from analysis.errors import BaroError
from analysis.estimation import Design

SMALL = Register(rows=2_500, strata=4, psus=40, levels=7)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "PIECE", 1_000)


def read(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "*.parquet")


@pytest.mark.usefixtures("small_pieces")
def test_the_same_options_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_register(SMALL, tmp_path / name)
    files = [sorted((tmp_path / name).iterdir()) for name in ("one", "two")]
    assert [f.name for f in files[0]] == [f"part-{k:05d}.parquet" for k in range(3)]
    assert [f.read_bytes() for f in files[0]] == [f.read_bytes() for f in files[1]]
    assert [pl.read_parquet(f).height for f in files[0]] == [1_000, 1_000, 500]
    assert read(tmp_path / "one")["id"].to_list() == list(range(2_500))


def test_psus_are_nested_in_strata_and_domains_have_their_levels(tmp_path: Path) -> None:
    write_register(SMALL, tmp_path / "r")
    frame = read(tmp_path / "r")
    assert frame.group_by("psu").agg(pl.col("stratum").n_unique())["stratum"].max() == 1
    assert frame["psu"].n_unique() == 40
    assert frame["commune"].n_unique() == 7
    drawn = frame.group_by("stratum").agg(
        pl.col("psu").n_unique(), pl.col("psu_population").first()
    )
    assert (drawn["psu_population"] > drawn["psu"]).all()


def test_a_skewed_register_has_nine_rows_of_ten_in_one_stratum(tmp_path: Path) -> None:
    write_register(Register(rows=5_000, strata=10, psus=40, skewed=True), tmp_path / "r")
    largest = read(tmp_path / "r")["stratum"].value_counts()["count"].max()
    assert 4_400 < largest < 4_600  # type: ignore[operator]


def test_skew_many_psus_and_a_large_domain_change_no_number(tmp_path: Path) -> None:
    """Nine rows of ten in a stratum, PSUs of two rows, a domain of a thousand levels."""
    skewed = Register(rows=6_000, strata=6, psus=3_000, levels=1_000, skewed=True)
    write_register(skewed, tmp_path / "r")
    frame, told = read(tmp_path / "r"), []
    options: Any = {"strata": "stratum", "clusters": "psu", "lonely_psu": "adjust"}
    here = Design(frame, "weight", **options)
    options["progress"] = lambda done, whole: told.append((done, whole))
    there = Design(pl.scan_parquet(tmp_path / "r/*.parquet"), "weight", **options)
    for domain in ("commune", "region"):
        # A mean of 0 may come as 1e-16 from either: its cv is then 0 or not known.
        found, expected = (d.mean(["y10", "revenu"], by=domain).drop("cv") for d in (there, here))
        # Ends of intervals of shares that lie near 0 are differences of numbers of size 1.
        assert_frame_equal(found, expected, rel_tol=1e-10, abs_tol=1e-12, check_dtypes=False)
    assert told[0] == (0, 1)
    assert told[-1] == (1, 1)


def test_replicate_weights_are_weights(tmp_path: Path) -> None:
    write_register(Register(rows=2_000, strata=4, psus=40, replicates=True), tmp_path / "r")
    columns = [f"r{k:02d}" for k in range(1, REPLICATES + 1)]
    design = Design(pl.scan_parquet(tmp_path / "r/*.parquet"), "weight",
                    replicate_weights=columns, replication="sdr")  # fmt: skip
    assert design.mean("revenu")["se"][0] > 0


def test_every_fault_of_the_sizes_at_once(tmp_path: Path) -> None:
    with pytest.raises(BaroError) as told:
        write_register(Register(rows=0, strata=30, psus=40, levels=0), tmp_path / "r")
    assert [p.where for p in told.value.problems] == ["--rows", "--psus", "--levels"]
    assert not (tmp_path / "r").exists()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    with pytest.raises(BaroError, match="something stands there"):
        write_register(SMALL, tmp_path / "r")


@pytest.mark.usefixtures("small_pieces")
def test_an_interrupted_register_leaves_nothing(tmp_path: Path) -> None:
    def interrupted(done: int, _: int) -> None:
        if done > 1_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_register(SMALL, tmp_path / "r", interrupted)
    assert list(tmp_path.iterdir()) == []


def test_the_commands(tmp_path: Path) -> None:
    run, folder = CliRunner().invoke, str(tmp_path / "r")
    said = run(main, ["simulate-register", "--rows", "2e3", "--strata", "4", "--psus", "40",
                      "--out", folder])  # fmt: skip
    assert said.exit_code == 0, said.output
    assert said.output.startswith("2,000 rows")
    tables = []
    for engine in ("polars", "duckdb"):
        out = tmp_path / f"{engine}.csv"
        said = run(main, ["estimate", folder, "y10", "revenu", "--weight", "weight", "--strata",
                          "stratum", "--clusters", "psu", "--fpc", "psu_population", "--by", "sexe",
                          "--engine", engine, "--out", str(out)])  # fmt: skip
        assert said.exit_code == 0, said.output
        tables.append(pl.read_csv(out))
    here = Design(read(tmp_path / "r"), "weight", strata="stratum", clusters="psu",
                  fpc="psu_population").tabulate(["y10", "revenu"], "sexe")  # fmt: skip
    for made_there in tables:
        assert made_there["se"].to_list() == pytest.approx(here["se"].to_list(), rel=1e-10)
        assert made_there["domain_value"].to_list() == here["domain_value"].to_list()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere", "y00"], "no Parquet file is there"),
        (["{r}", "y99"], "no such column"),
        (["{r}", "y00", "--out", "table.xlsx"], ".csv or .parquet"),
        (["{r}", "y00", "--engine", "duckdb", "--memory", "much"], "--memory 4GB"),
    ],
)
def test_what_the_command_refuses(arguments: list[str], said: str, tmp_path: Path) -> None:
    write_register(SMALL, tmp_path / "r")
    given = [a.replace("{r}", str(tmp_path / "r")) for a in arguments]
    result = CliRunner().invoke(main, ["estimate", *given, "--weight", "weight"])
    assert result.exit_code != 0
    assert said in result.output + str(result.exception)


def test_a_level_is_no_formula_of_the_table(tmp_path: Path) -> None:
    rows = {"g": ["=HYPERLINK(1)", "b"] * 4, "y": range(8), "w": [1.0] * 8}
    pl.DataFrame(rows).write_parquet(tmp_path / "rows.parquet")
    out = tmp_path / "table.csv"
    arguments = [str(tmp_path / "rows.parquet"), "y", "--weight", "w", "--by", "g"]
    said = CliRunner().invoke(main, ["estimate", *arguments, "--out", str(out)])
    assert said.exit_code == 0, said.output
    assert "'=HYPERLINK(1)" in out.read_text("utf-8")
    assert ",=HYPERLINK" not in out.read_text("utf-8")


def test_an_engine_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    write_register(SMALL, tmp_path / "r")
    monkeypatch.setitem(sys.modules, "duckdb", None)
    result = CliRunner().invoke(main, ["estimate", str(tmp_path / "r"), "y00", "--weight", "weight",
                                       "--engine", "duckdb"])  # fmt: skip
    assert "barometre[duckdb]" in result.output + str(result.exception)
