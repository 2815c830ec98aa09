"""Reading a survey's folder: form, types, then meaning; every fault of all files at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from analysis.definition.answers import AnswerTable, read_answers
from analysis.definition.checks import check_survey
from analysis.definition.expand import expand, expand_wave, origins
from analysis.definition.margins import MarginTable, read_margin
from analysis.definition.models import Expanded, SurveyFile, WaveFile
from analysis.definition.survey import Survey
from analysis.definition.wavekeys import open_decisions
from analysis.definition.yamltext import Document, Path_, read_yaml
from analysis.errors import BaroError, Problem, nearest, quoted, raise_all, refuse

M = TypeVar("M", bound=BaseModel)


def survey_ids(surveys: Path) -> tuple[str, ...]:
    """The surveys below ``surveys/``: folders that hold a ``survey.yml``."""
    return tuple(sorted(p.parent.name for p in surveys.glob("*/survey.yml")))


def load_survey(
    surveys: Path, survey_id: str, *, drafts: Literal["refuse", "leave out"] = "refuse"
) -> Survey:
    """The checked definition of one survey.

    drafts : whether waves with open decisions are refused, or left out as if they were not there
    Raises :class:`BaroError` with every fault of survey.yml and of all its waves.
    """
    folder = surveys / survey_id
    if not (folder / "survey.yml").is_file():
        raise refuse(
            f"surveys/{survey_id}",
            "there is no survey.yml",
            nearest(survey_id, survey_ids(surveys)),
            "name one of the surveys",
        )
    shown = f"{surveys.name}/{survey_id}"
    documents, problems = _read_all(folder, shown)
    opened = {k: open_decisions(d) for k, d in documents.items() if k != "survey.yml"}
    for name in (k for k, found in opened.items() if found):
        if drafts == "refuse":
            problems += _undecided(documents[name], opened[name])
        del documents[name]
    if problems:
        raise BaroError(problems)
    _, spec = typed(documents["survey.yml"], SurveyFile, problems)
    waves: dict[str, WaveFile] = {}
    for name in (k for k in documents if k != "survey.yml"):
        document, wave = typed(documents[name], WaveFile, problems)
        if wave is not None:
            problems += _misnamed(document, Path(name).stem, wave.wave)
            waves[wave.wave] = wave
    if spec is None or problems:
        raise BaroError(problems)
    spec, clashes = expand(spec, documents["survey.yml"])
    if isinstance(spec, Expanded):
        waves = {k: expand_wave(w, spec.multiples) for k, w in waves.items()}
    margins, problems = _read_margins(folder, shown, spec, documents["survey.yml"])
    answers, faults = _read_answers(folder, shown, spec, waves, documents)
    problems += faults
    survey = Survey(spec, dict(sorted(waves.items())), margins, answers)
    raise_all([*clashes, *problems, *check_survey(survey, survey_id, documents)])
    return survey


def read_typed(path: Path, shown: str, model: type[M]) -> tuple[Document, M]:
    """A YAML file as a model; raises :class:`BaroError` with every fault, each with its line."""
    problems: list[Problem] = []
    document, made = typed(read_yaml(path, shown), model, problems)
    if made is None:
        raise BaroError(problems)
    return document, made


def _undecided(document: Document, found: list[tuple[Path_, str]]) -> Iterator[Problem]:
    """What is still to be typed in a drafted wave."""
    for path, value in found:
        proposal = value.removesuffix("?").strip()
        remedy = f"remove the ? to confirm {quoted(proposal)}" if proposal else "write it"
        yield Problem(
            document.place(path),
            f"the decision is open: {quoted(value)}",
            "an answer (the reasons are in the comment above the line)",
            remedy if not proposal else f"{remedy}, or write another answer",
        )


def _read_margins(
    folder: Path, shown: str, spec: SurveyFile, document: Document
) -> tuple[dict[str, MarginTable], list[Problem]]:
    """The margins that weightings and the design name, and the faults of their files."""
    margins: dict[str, MarginTable] = {}
    problems: list[Problem] = []
    known = [p.stem for p in sorted((folder / "margins").glob("*.csv"))]
    named: dict[str, Path_] = {spec.design.frame: ("design", "frame")} if spec.design.frame else {}
    named |= {
        m: ("weighting", w, "margins")
        for w in reversed(spec.weighting)
        for m in spec.weighting[w].margins
    }
    for name, path in sorted(named.items()):
        if name not in known:
            place = document.place(path)
            remedy = f"correct the name, or create {shown}/margins/{name}.csv"
            problems.append(Problem(place, f"there is no margins/{name}.csv", nearest(name, known),
                                    remedy))  # fmt: skip
            continue
        file = f"margins/{name}.csv"
        table, faults = read_margin(folder / file, f"{shown}/{file}", spec.variables)
        problems += faults
        if table:
            margins[name] = table
    return margins, problems


def _read_answers(
    folder: Path, shown: str, spec: SurveyFile, waves: dict[str, WaveFile],
    documents: dict[str, Document],
) -> tuple[dict[str, AnswerTable], list[Problem]]:  # fmt: skip
    """The answers that waves are made from, and the faults of their files."""
    several = spec.multiples if isinstance(spec, Expanded) else {}
    parts = origins(several)
    read = {k: v for k, v in spec.variables.items() if not v.made and k not in parts} | several
    known = [p.stem for p in sorted((folder / "answers").glob("*.csv"))]
    tables: dict[str, AnswerTable] = {}
    problems: list[Problem] = []
    for wave, made in ((k, w.made) for k, w in waves.items() if w.made):
        place = documents[f"waves/{wave}.yml"].place(("made", "answers"))
        file = f"answers/{made.answers}.csv"
        if made.answers not in known:
            problems.append(Problem(place, f"there is no {file}", nearest(made.answers, known),
                                    f"correct the name, or create {shown}/{file}"))  # fmt: skip
            continue
        table, faults = read_answers(folder / file, f"{shown}/{file}", read)
        problems += faults
        size = waves[wave].size
        if table and size not in (None, table.size):
            problems.append(Problem(documents[f"waves/{wave}.yml"].place(("size",)), f"{size}",
                                    f"{table.size}, the respondents of {file}",
                                    f"write size: {table.size}"))  # fmt: skip
        if table:
            tables[made.answers] = table
    return tables, problems


def _read_all(folder: Path, shown: str) -> tuple[dict[str, Document], list[Problem]]:
    documents: dict[str, Document] = {}
    problems: list[Problem] = []
    files = [folder / "survey.yml", *sorted((folder / "waves").glob("*.yml"))]
    problems += [
        Problem(
            f"{shown}/waves/{file.name}",
            "no wave is read from a .yaml file",
            "a .yml file a wave",
            f"rename it to {file.stem}.yml",
        )
        for file in sorted((folder / "waves").glob("*.yaml"))
    ]
    for file in files:
        relative = file.relative_to(folder).as_posix()
        try:
            documents[relative] = read_yaml(file, f"{shown}/{relative}")
        except BaroError as e:
            problems += e.problems
    if len(files) == 1:
        problems.append(
            Problem(
                f"{shown}/waves",
                "holds no wave",
                "a .yml file a wave",
                f"add {shown}/waves/<wave>.yml",
            )
        )
    raise_all(problems)
    return documents, problems


def typed(document: Document, model: type[M], problems: list[Problem]) -> tuple[Document, M | None]:
    """The document as a model; None, and its faults added to ``problems``, where it is none."""
    try:
        return document, model.model_validate(document.data)
    except ValidationError as e:
        found: dict[str, Problem] = {}
        for fault in e.errors():
            problem = _explain(document, model, dict(fault))
            found.setdefault(problem.where, problem)  # a union faults once a branch
        problems += found.values()
        return document, None


def _explain(document: Document, model: type[BaseModel], fault: dict[str, Any]) -> Problem:
    loc = tuple(fault["loc"])
    where = document.place(_in_document(document, fault))
    if fault["type"] == "extra_forbidden":
        known = _fields_at(model, loc[:-1])
        return Problem(
            where,
            f'the key "{loc[-1]}" is not known here',
            nearest(str(loc[-1]), known),
            "correct or remove the key",
        )
    if fault["type"] == "missing" and isinstance(loc[-1], int):
        return Problem(where, f"{loc[-1]} values", "one more", "write the value that is missing")
    if fault["type"] == "missing":
        return Problem(where, f'the key "{loc[-1]}" is missing', "", f"add {loc[-1]}: …")
    value = fault["input"]
    found = quoted(value) if isinstance(value, str) else f"a {_SHAPES.get(type(value), 'value')}"
    return Problem(where, f"{found} does not fit", str(fault["msg"]), "correct the value")


_SHAPES: dict[type, str] = {dict: "mapping of keys", list: "list"}


def _in_document(document: Document, fault: dict[str, Any]) -> tuple[str | int, ...]:
    """The fault's place without the steps that pydantic adds (union branches and the like)."""
    path: tuple[str | int, ...] = ()
    for step in fault["loc"]:
        if (*path, step) in document.lines:
            path = (*path, step)
    return (*path, fault["loc"][-1]) if fault["type"] == "missing" else path


def _fields_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """The keys that the model knows at a place."""
    current: Any = model
    for step in loc:
        current = _below(current, step)
    if get_origin(current) is Annotated:
        current = get_args(current)[0]
    current = next((a for a in get_args(current) if _is_model(a)), current)
    if not _is_model(current):
        return []
    return [f.alias or name for name, f in current.model_fields.items()]


def _below(annotation: Any, step: str | int) -> Any:
    """The type of what stands under a key of a model or a mapping, or in a list."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _below(inner[0], step)
    if _is_model(annotation):
        field = annotation.model_fields.get(str(step))
        return field.annotation if field else None
    value = {dict: 1, tuple: 0}.get(origin)
    found = [inner[value]] if value is not None else [_below(a, step) for a in inner]
    return next((a for a in found if a is not None), None)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _misnamed(document: Document, stem: str, wave: str) -> list[Problem]:
    if stem == wave:
        return []
    return [
        Problem(
            document.place(("wave",)),
            f'the file is named "{stem}", its wave "{wave}"',
            "the same name",
            f"rename the file to {wave}.yml or write wave: {stem}"
            if re.fullmatch(r"\w{1,40}", wave)
            else f"write wave: {stem}",
        )
    ]
