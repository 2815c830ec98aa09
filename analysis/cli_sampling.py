"""``baro sample`` and ``baro precision``: before the field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.definition import Survey, load_survey
from analysis.errors import nearest, printable, quoted, refuse
from analysis.project import Project, find_project

if TYPE_CHECKING:
    from analysis.sampling import Assumed, Domain, Expected, Frame, Plan, Rule, Strata
    from analysis.sampling.plans import Planner

_FILE = click.Path(dir_okay=False, path_type=Path)


def _note_json(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
    ctx.meta["barometre.json"] = value
    return value


_JSON = click.option(
    "--json", "as_json", is_flag=True, callback=_note_json, help="Print JSON, for programs."
)
_OPTIONS = (
    click.option("--wave", default="", help="The wave that is prepared."),
    click.option("--strata", "columns", multiple=True, metavar="COLUMN",
                 help="A column that makes the strata; repeated, they are crossed."),
    click.option("--certainty", default="", metavar="COLUMN",
                 help="Of the frame: 1 for units always taken, with weight 1."),
    click.option("--allocation", "kind", default="proportional", show_default=True,
                 type=click.Choice(["proportional", "neyman", "power"]),
                 help="By N_h, by N_h S_h, or by N_h^q S_h / mean (Bankier)."),
    click.option("--power", "exponent", type=float, default=0.5, show_default=True,
                 help="The exponent q of the power allocation."),
    click.option("--minimum", type=int, default=2, show_default=True,
                 help="Units of a stratum at least, or all of it."),
    click.option("--p", "shares", multiple=True, metavar="[STRATUM=]SHARE",
                 help="Expected share, 0.5 without it; may be repeated."),
    click.option("--response", "rates", multiple=True, metavar="[STRATUM=]RATE",
                 help="Expected response rate, 1 without it; may be repeated."),
    click.option("--assumptions", "assumptions", type=_FILE,
                 help="CSV with the stratum columns and any of n, p, response."),
)  # fmt: skip


def _shared(command: Callable[..., None]) -> Callable[..., None]:
    """The options of both commands."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def default_counts(survey: Survey, wave: str) -> Path | None:
    """The file of stratum counts that the survey declares, ``design: {frame: …}``."""
    name = survey.spec.design.frame
    return find_project().surveys / survey.id / "margins" / f"{name}.csv" if name else None


@click.command()
@click.argument("survey")
@click.option("--frame", "frame_path", type=_FILE, required=True, help="CSV, one line a unit.")
@click.option("--id", "identifier", default="id", show_default=True, metavar="COLUMN",
              help="The column that names each unit.")  # fmt: skip
@click.option("--size", type=int, required=True, help="Units to draw.")
@_shared
@click.option("--seed", type=int, help="Of the draw; made from SURVEY and --wave without it.")
@click.option("--reserve", type=float, default=0.0,
              help="Units to replace others, as a share of each n_h: 0.5.")  # fmt: skip
@click.option("--output", type=_FILE, help="The CSV to write; data/<folder>/sample.csv without it.")
@click.option("--overwrite", is_flag=True, help="Replace another sample that stands there.")
@_JSON
def sample(
    survey: str, frame_path: Path, identifier: str, size: int, seed: int | None, reserve: float,
    output: Path | None, overwrite: bool, as_json: bool, **shared: Any,
) -> None:  # fmt: skip
    """Draw a stratified sample of SURVEY's units from a frame.

    The file written has the frame's columns, stratum, N_h, n_h, inclusion probability and design
    weight; <file>.json beside it says how it was made. The same command gives the same bytes.
    """
    from analysis.sampling import default_seed, draw, sample_files, write_sample

    project, definition = _survey(survey, shared["wave"])
    columns = _columns(project, definition, shared)
    frame = _frame(project, definition, frame_path, identifier, columns, shared["certainty"])
    planner = _planner(project, definition, frame.strata, shared, 1.0)
    sizes = planner.sizes(size)
    seed = default_seed(survey, shared["wave"]) if seed is None else seed
    drawn = draw(frame, sizes, seed, reserve)
    path = output or _default_output(project, definition, shared["wave"])
    if output and not output.parent.is_dir():
        raise refuse(f"--output {output}", "there is no such folder", "a folder that exists",
                     "make it first, or name another")  # fmt: skip
    if path.resolve() == frame_path.resolve():
        raise refuse(f"--output {path}", "this is the frame", "another file", "name a new file")
    how = _how(survey, shared, size, seed, reserve, planner.assumed, frame)
    files = sample_files(frame, sizes, drawn, how | {"id": identifier})
    record = write_sample(path, files, project.shown(path), overwrite=overwrite)
    told: dict[str, Any] = {"sample": project.shown(path), "record": project.shown(record)}
    told |= json.loads(files.record)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _print_sample(told, planner.assumed)


def _how(
    survey: str, shared: dict[str, Any], size: int, seed: int, reserve: float, assumed: Assumed,
    frame: Frame,
) -> dict[str, object]:  # fmt: skip
    """What the record says of the draw, but for the frame and the strata."""
    names = [s.name for s in frame.strata.strata]
    return {
        "survey": survey, "wave": shared["wave"], "seed": seed, "size": size,
        "allocation": shared["kind"],
        "power": shared["exponent"] if shared["kind"] == "power" else None,
        "minimum": shared["minimum"], "reserve": reserve,
        "strata_columns": list(frame.columns), "certainty_column": shared["certainty"],
        "expected_share": dict(zip(names, assumed.p.tolist(), strict=True)),
        "expected_response": dict(zip(names, assumed.response.tolist(), strict=True)),
    }  # fmt: skip


@click.command()
@click.argument("survey")
@click.option("--counts", type=_FILE, help="CSV, one line a stratum, with a column population.")
@click.option("--frame", "frame_path", type=_FILE, help="CSV, one line a unit, to be counted.")
@click.option("--size", type=int, help="Units that will be drawn.")
@_shared
@click.option("--deff", type=float, default=1.0, show_default=True,
              help="Factor on the variances, of a pilot.")  # fmt: skip
@click.option("--domain", "asked", multiple=True, metavar="COLUMN|NAME=STRATUM,STRATUM",
              help="Domains that are unions of strata; may be repeated.")  # fmt: skip
@click.option("--target", type=float,
              help="Half width of the 95 % interval: the smallest size with it.")  # fmt: skip
@click.option("--target-domain", "within", default="", metavar="DOMAIN",
              help="Where: COLUMN=VALUE, NAME or a stratum; everybody without it.")  # fmt: skip
@_JSON
def precision(
    survey: str, counts: Path | None, frame_path: Path | None, size: int | None, deff: float,
    asked: tuple[str, ...], target: float | None, within: str, as_json: bool, **shared: Any,
) -> None:  # fmt: skip
    """Tell what a stratified sample will be worth: margin of error by domain, before the field.

    Variances are of the weighted share in each domain, with the finite population correction.
    """
    from analysis.sampling import by_stratum, expected, whole

    project, definition = _survey(survey, shared["wave"])
    strata = _strata(project, definition, counts, frame_path, shared)
    planner = _planner(project, definition, strata, shared, deff)
    domains = [whole(strata.strata), *strata.domains(asked), *by_stratum(strata.strata)]
    if target is None:
        if within:
            raise refuse(f"--target-domain {within}", "no --target", "the margin to reach",
                         "--target 0.05")  # fmt: skip
        plan, reached = planner.plan(size), None
    else:
        plan, reached = _reach(planner, target, within, domains, size)
    rows = expected(plan, domains)
    head = {"survey": survey, "wave": shared["wave"], "strata_from": strata.shown,
            "size": int(plan.sizes.sum()), "sizes_from": _sizes_from(planner, shared),
            "deff": deff, "df": plan.df, "assumed": list(planner.assumed.said),
            "target": reached}  # fmt: skip
    if as_json:
        told = head | {"domains": [r.as_dict() for r in rows]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _print_precision(head, rows, plan)


def _reach(
    planner: Planner, target: float, within: str, domains: Sequence[Domain], size: int | None
) -> tuple[Plan, dict[str, object]]:
    """The smallest plan with the target, and what to say of it."""
    from analysis.sampling import margin

    if size is not None:
        raise refuse("--target", "--size is given too", "one of the two", "leave one out")
    known = {d.value: d for d in domains if d.value} | {d.label: d for d in domains[1:]}
    if within and within not in known:
        raise refuse(f"--target-domain {within}", "is no domain of this command",
                     nearest(within, known), "name a stratum, or declare it: --domain")  # fmt: skip
    domain = known[within] if within else domains[0]
    plan, before = planner.reach(target, domain)
    return plan, {"margin": target, "domain": domain.label, "size": int(plan.sizes.sum()),
                  "reached": margin(plan, domain.members), "one_unit_less": before}  # fmt: skip


def _survey(survey: str, wave: str) -> tuple[Project, Survey]:
    if not re.fullmatch(r"[\w.-]*", wave) or wave.startswith("."):
        raise refuse(
            f"--wave {quoted(wave)}", "no name of a wave", "letters and digits", "e.g. 2026"
        )
    project = find_project()
    return project, load_survey(project.surveys, survey, drafts="leave out")


def _columns(project: Project, survey: Survey, shared: dict[str, Any]) -> tuple[str, ...]:
    """The stratum columns that are named, else those of the counts that the survey declares."""
    from analysis.sampling import read_counts

    if shared["columns"]:
        return tuple(dict.fromkeys(shared["columns"]))
    path = default_counts(survey, shared["wave"])
    if path is None:
        raise refuse("--strata", "no column of strata", "one, or several to cross",
                     "--strata COLUMN, a column of the file")  # fmt: skip
    variables = survey.spec.variables
    return read_counts(path, project.shown(path), (), shared["wave"], variables).columns


def _frame(
    project: Project, survey: Survey, path: Path, identifier: str, columns: Sequence[str],
    certainty: str,
) -> Frame:  # fmt: skip
    from analysis.sampling import read_frame

    variables = survey.spec.variables
    return read_frame(path, project.shown(path), identifier, columns, variables, certainty)


def _strata(
    project: Project, survey: Survey, counts: Path | None, frame: Path | None,
    shared: dict[str, Any],
) -> Strata:  # fmt: skip
    """N_h from the file that is named, else from the counts that the survey declares."""
    from analysis.sampling import read_counts

    wave = shared["wave"]
    if counts and frame:
        raise refuse("--counts and --frame", "both", "one of the two", "leave one out")
    if frame:
        columns = _columns(project, survey, shared)
        return _frame(project, survey, frame, "", columns, shared["certainty"]).strata
    path = counts or default_counts(survey, wave)
    if path is None:
        raise refuse("--counts", "no strata", "a file of counts, or a frame",
                     "--counts FILE.csv, or --frame FILE.csv --strata COLUMN")  # fmt: skip
    if shared["certainty"]:
        raise refuse("--certainty", "without a frame", "a column of --frame",
                     "name the frame, or leave it out")  # fmt: skip
    named = tuple(dict.fromkeys(shared["columns"]))
    return read_counts(path, project.shown(path), named, wave, survey.spec.variables)


def _planner(
    project: Project, survey: Survey, strata: Strata, shared: dict[str, Any], deff: float
) -> Planner:
    from analysis.sampling import Rule, assume
    from analysis.sampling.plans import Planner

    path: Path | None = shared["assumptions"]
    shown = project.shown(path) if path else ""
    assumed = assume(strata, shared["shares"], shared["rates"], path, shown)
    rule: Rule = Rule(shared["kind"], shared["minimum"], shared["exponent"])
    return Planner(strata, assumed, rule, deff, survey.spec.reliability)


def _default_output(project: Project, survey: Survey, wave: str) -> Path:
    """Beside the microdata that waves bring: never committed, and kept by ``make clean``."""
    name = f"sample-{wave}.csv" if wave else "sample.csv"
    return project.arrived / survey.spec.data.folder / name


def _sizes_from(planner: Planner, shared: dict[str, Any]) -> str:
    if planner.assumed.n.size and bool((planner.assumed.n == planner.assumed.n).any()):
        return "given"
    power = f", power {shared['exponent']:g}" if shared["kind"] == "power" else ""
    return f"{shared['kind']}{power}, minimum {shared['minimum']}"


def _print_sample(told: dict[str, Any], assumed: Assumed) -> None:
    click.echo(
        f"{told['survey']} {told['wave']}".strip() + f": {told['size']} units of "
        f"{told['frame']['units']} drawn, {told['allocation']}, seed {told['seed']}"
    )
    for sentence in assumed.said if told["allocation"] != "proportional" else ():
        click.echo(sentence)
    width = max(8, *(len(printable(s["stratum"])) for s in told["strata"]))
    click.echo(f"{'stratum':{width}} {'N_h':>9} {'n_h':>7} {'reserve':>8} {'probability':>12}"
               f" {'weight':>10}")  # fmt: skip
    for s in told["strata"]:
        click.echo(f"{printable(s['stratum']):{width}} {s['N_h']:>9} {s['n_h']:>7}"
                   f" {s['reserve']:>8} {s['inclusion_probability']:>12.6f}"
                   f" {s['design_weight']:>10.3f}")  # fmt: skip
    if told["frame"]["encoding"] != "utf-8":
        click.echo(f"the frame was read as {told['frame']['encoding']}; the sample is UTF-8")
    if told["neutralised_cells"]:
        click.echo(f"{told['neutralised_cells']} cells got an apostrophe: a spreadsheet would have "
                   "run them")  # fmt: skip
    click.echo(f"sample: {told['sample']}\nrecord: {told['record']}")


def _print_precision(head: dict[str, Any], rows: Sequence[Expected], plan: Plan) -> None:
    answers = float(plan.respondents.sum())
    click.echo(
        f"{head['survey']} {head['wave']}".strip() + f": {head['size']} units drawn "
        f"({head['sizes_from']}), {answers:.0f} respondents expected, df {plan.df:.0f}"
    )
    for sentence in head["assumed"]:
        click.echo(sentence)
    if plan.deff != 1:
        click.echo(f"variances times {plan.deff:g}")
    labels = [printable(f"{r.domain}: {r.value}" if r.value else r.domain) for r in rows]
    width = max(8, *map(len, labels))
    click.echo(f"{'domain':{width}} {'N':>9} {'drawn':>6} {'answer':>7} {'p %':>6} {'se':>5}"
               f" {'± 95 %':>7} {'interval':>13} {'cv %':>6} {'df':>6}  status")  # fmt: skip
    for label, r in zip(labels, rows, strict=True):
        click.echo(f"{label:{width}} {_line(r)}")
    if head["target"]:
        _print_target(head["target"])


def _line(r: Expected) -> str:
    span = "–" if r.ci_low is None or r.ci_high is None else (
        f"{100 * r.ci_low:.1f} to {100 * r.ci_high:.1f}")  # fmt: skip
    half = "–" if r.margin is None else f"{100 * r.margin:.1f}"
    why = f" ({printable(r.note)})" if r.note else ""
    return (f"{r.population:>9} {r.n:>6} {r.respondents:>7.1f} {100 * r.p:>6.1f} {100 * r.se:>5.1f}"
            f" {half:>7} {span:>13} {100 * r.cv:>6.1f} {r.df:>6.1f}  {r.status}{why}")  # fmt: skip


def _print_target(target: dict[str, Any]) -> None:
    less = target["one_unit_less"]
    why = (f"{target['size'] - 1} would give ± {100 * less:.3f}" if less is not None
           else "the minimum by stratum is enough")  # fmt: skip
    click.echo(f"smallest size for ± {100 * target['margin']:g} points in {target['domain']}: "
               f"{target['size']} (± {100 * target['reached']:.3f}; {why})")  # fmt: skip
