"""``baro wave add``: read a file, compare it, and put down file, report and draft, in that order.

Nothing of the survey changes before the draft is there, and the draft comes last: a run that is
killed leaves at most a copy of the file that nothing names.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from analysis.arrival.case import Case
from analysis.arrival.compare import compare
from analysis.arrival.draft import draft_text
from analysis.arrival.findings import BLANK, Draft, Finding, decided
from analysis.arrival.pages import compare_pages
from analysis.arrival.prior import read_prior, wave_before
from analysis.arrival.report import Arrived, report_html, report_json
from analysis.arrival.snippet import snippets
from analysis.definition import Survey, load_survey
from analysis.definition.models import Dialect
from analysis.definition.wavekeys import open_decisions
from analysis.definition.yamltext import Document, read_yaml
from analysis.errors import quoted, refuse
from analysis.ingest import RawFile, companions, read_raw
from analysis.project import Project
from analysis.provenance import sha256_file, write_aside
from analysis.stages import alone

_WAVE = re.compile(r"[A-Za-z0-9_]{1,40}")
_TOLD = {"wave", "file", "size", "edition", "dialect", "ignored"}  # by the file, not by people
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class Added:
    """What was done.

    arrived : the comparison ; draft : the wave's file ; report : the HTML page
    kept : whether an earlier draft was left as it stood, or merged
    """

    arrived: Arrived
    draft: Path
    report: Path
    kept: str


def add_wave(project: Project, survey_id: str, file: Path, wave: str = "") -> Added:
    """Compare ``file`` with the survey, and draw up ``waves/<wave>.yml``.

    Raises :class:`analysis.errors.BaroError` for a file that cannot be read, a wave that cannot
    be told or named, and one that is complete already.
    """
    survey = load_survey(project.surveys, survey_id, drafts="leave out")
    raw = read_raw(file, Dialect(), file.name, None)
    wave = wave or _guessed(survey, file, raw)
    path = _draft_path(project, survey, wave)
    with alone(project):
        earlier = _earlier(project, path)
        sha = sha256_file(file)
        name = _stored_name(project, survey, wave, file)
        case = _case(project, survey, wave, raw, earlier)
        _say_origin(case, name, sha)
        compare(case)
        compare_pages(case, project.reports)
        arrived = _arrived(project, case, name, path)
        _store(project, survey, file, name)
        report = project.arrival(survey_id, wave).with_suffix(".html")
        write_aside(report, report_html(arrived).encode())
        write_aside(report.with_suffix(".json"), report_json(arrived).encode())
        kept = _write_draft(project, path, arrived, earlier, sha)
    return Added(arrived, path, report, kept)


def _guessed(survey: Survey, file: Path, raw: RawFile) -> str:
    """The wave named by the file's name, or by the column that names waves."""
    years: list[str] = [y for y in dict.fromkeys(_YEAR.findall(file.name)) if y not in survey.waves]
    columns = {w.rows.column for w in survey.waves.values() if w.rows} & set(raw.frame.columns)
    for column in sorted(columns):
        values = set(raw.frame[column].unique().to_list()) - set(survey.waves)
        years += sorted(v for v in values if _WAVE.fullmatch(v) and v not in years)
    there = [y for y in _YEAR.findall(file.name) if y in survey.waves]
    if len(years) == 1 or (there and not years):
        return (years or there)[-1]
    raise refuse(
        file.name,
        "no wave is named"
        if not years
        else f"several waves could be meant: {', '.join(years[:8])}",
        "one new wave",
        f"run: baro wave add {survey.id} FILE --wave <wave>",
    )


def _draft_path(project: Project, survey: Survey, wave: str) -> Path:
    if not _WAVE.fullmatch(wave):
        raise refuse(
            f"surveys/{survey.id}/waves",
            f"{quoted(wave)} cannot name a wave",
            "letters of English, digits and _, 40 at most",
            "choose another name: --wave 2023",
        )
    if wave in survey.waves:
        raise refuse(
            f"surveys/{survey.id}/waves/{wave}.yml",
            "the wave is there already, and complete",
            "a new wave, or a draft",
            "edit that file; to draw it up anew, move it away first, or name another --wave",
        )
    return project.surveys / survey.id / "waves" / f"{wave}.yml"


def _earlier(project: Project, path: Path) -> Document | None:
    return read_yaml(path, project.shown(path)) if path.is_file() else None


def _case(
    project: Project, survey: Survey, wave: str, raw: RawFile, earlier: Document | None
) -> Case:
    before = wave_before(survey, wave)
    prior = read_prior(project, survey, before)
    draft = Draft(given=decided(earlier.data) if earlier else {})
    for key in (
        "wave",
        "file",
        "size",
        "edition",
        "dialect",
        "ignored",
    ):  # told by the file, not by people
        draft.given = {k: v for k, v in draft.given.items() if k[0] != key}
    case = Case(survey, wave, raw, prior, draft)
    if before and not prior:
        seen = "ses données ne sont pas ici : comparaison avec la définition seule"
        draft.note(Finding("Vague précédente absente", before, seen))
    return case


def _say_origin(case: Case, name: str, sha: str) -> None:
    """What the file says by itself, what the wave before suggests, and what nobody can guess."""
    draft, survey = case.draft, case.survey
    draft.do(("wave",), case.wave)
    draft.do(("file",), name)
    draft.do(("edition", "title"), f"Données {case.wave}")
    draft.do(("edition", "sha256"), sha)
    if case.raw.encoding:
        draft.do(("dialect", "encoding"), case.raw.encoding)
        draft.do(("dialect", "separator"), case.raw.separator)
        draft.do(("dialect", "decimal"), "," if case.numbers_by_comma else ".")
    before = wave_before(survey, case.wave)
    if before:
        draft.do(("follows",), before)
    draft.ask(("mode",), survey.waves[before].mode if before else BLANK)
    draft.ask(("field",), BLANK)
    _say_rows(case, before)
    draft.do(("size",), str(_size(case)))


def _say_rows(case: Case, before: str) -> None:
    """Where the file names waves in a column, as that of the wave before does."""
    rows = case.survey.waves[before].rows if before else None
    if rows is None or rows.column not in case.raw.frame.columns:
        return
    values = case.raw.frame[rows.column].unique().sort().to_list()
    if case.wave not in values:
        seen = f"{rows.column} : {', '.join(values[:8])}"
        case.draft.note(Finding("Vague non nommée", rows.column, seen, case.wave))
        return
    case.draft.do(("rows", "column"), rows.column)
    case.draft.do(("rows", "value"), case.wave)
    for i, other in enumerate(v for v in values if v != case.wave):
        case.draft.do(("rows", "others", str(i)), other)
        n = int((case.raw.frame[rows.column] == other).sum())
        case.draft.note(
            Finding("Autre vague dans le fichier", other, f"{n} lignes", "non lues ici")
        )


def _size(case: Case) -> int:
    w = case.draft.wave_file().rows
    return int((case.raw.frame[w.column] == w.value).sum()) if w else case.raw.frame.height


def _arrived(project: Project, case: Case, name: str, path: Path) -> Arrived:
    return Arrived(
        case.survey.id,
        case.survey.spec.title,
        case.wave,
        name,
        case.raw.frame.height,
        len(case.columns),
        case.raw.detected,
        case.prior.wave if case.prior else "",
        project.shown(path),
        case.draft,
        snippets(case, [f.where for f in case.draft.findings if f.kind == "Colonne nouvelle"
                        and f.where in case.columns]),
    )  # fmt: skip


def _stored_name(project: Project, survey: Survey, wave: str, file: Path) -> str:
    """The name under which the file is kept: no path, no blank, and no other wave's."""
    here = any(file.resolve() == (f / file.name).resolve() for f in _folders(project, survey))
    if here and re.fullmatch(r"\w[\w.-]*", file.name) and file.name not in survey.files:
        return file.name
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", file.name).strip(".-")[-100:].lstrip(".-") or "data"
    if plain in survey.files or wave not in plain:
        plain = f"{wave}-{plain}"
    return plain


def _folders(project: Project, survey: Survey) -> tuple[Path, Path]:
    below = survey.spec.data.folder
    return project.data / below, project.arrived / below


def _store(project: Project, survey: Survey, file: Path, name: str) -> None:
    """Copy the file, and those that hold its labels, into the project's data folder."""
    folder = _folders(project, survey)[1]
    if any((f / name).is_file() and (f / name).samefile(file) for f in _folders(project, survey)):
        return
    stem = name.removesuffix(".gz").removesuffix(".zip").rsplit(".", 1)[0]
    for source, target in [(file, name), *((c, stem + c.suffix) for c in companions(file))]:
        _copy(source, folder / target)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f".{target.name}.arriving*"):
        left.unlink(missing_ok=True)
    aside = target.with_name(f".{target.name}.arriving")
    shutil.copyfile(source, aside)
    aside.replace(target)


def _write_draft(
    project: Project, path: Path, arrived: Arrived, earlier: Document | None, sha: str
) -> str:
    """Write the draft, unless an earlier one of the same file holds all that is asked."""
    if earlier is not None:
        asked = {_place(p) for p, _ in open_decisions(earlier)}
        same = earlier.data.get("edition", {}).get("sha256") == sha
        if same and set(arrived.draft.open) <= asked:
            return "kept"
        before = project.arrival(arrived.survey, arrived.wave).with_suffix(".yml.before")
        write_aside(before, path.read_bytes())
    for left in path.parent.glob(f".{path.name}.*"):  # of runs that were killed
        left.unlink(missing_ok=True)
    write_aside(path, draft_text(arrived.draft, _headline(arrived)).encode())
    return "merged" if earlier is not None else ""


def _place(path: tuple[str | int, ...]) -> tuple[str, ...]:
    """The place of an open line; there is one for all rows to leave out."""
    return ("drop", "rows") if path[0] == "drop" else tuple(map(str, path))


def _headline(a: Arrived) -> list[str]:
    return [
        f"Vague {a.wave}, tirée de {a.file} par « baro wave add ».",
        f"{len(a.draft.open)} décisions ouvertes : les lignes qui finissent par « ? ».",
        "Retirer le « ? » confirme ce qui est proposé ; sinon écrire autre chose à sa place.",
        f"Rapport : build/{a.survey}/arrivals/{a.wave}.html. Reste : baro wave check {a.survey}",
        "",
    ]
