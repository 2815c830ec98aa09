"""Reading a survey's folder: form, types, then meaning; every fault of all files at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from analysis.definition.checks import check_survey
from analysis.definition.models import SurveyFile, WaveFile
from analysis.definition.survey import Survey
from analysis.definition.yamltext import Document, read_yaml
from analysis.errors import BaroError, Problem, nearest, raise_all, refuse

M = TypeVar("M", bound=BaseModel)


def survey_ids(surveys: Path) -> tuple[str, ...]:
    """The surveys below ``surveys/``: folders that hold a ``survey.yml``."""
    return tuple(sorted(p.parent.name for p in surveys.glob("*/survey.yml")))


def load_survey(surveys: Path, survey_id: str) -> Survey:
    """The checked definition of one survey.

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
    _, spec = _typed(documents["survey.yml"], SurveyFile, problems)
    waves: dict[str, WaveFile] = {}
    for name in sorted(k for k in documents if k != "survey.yml"):
        document, wave = _typed(documents[name], WaveFile, problems)
        if wave is not None:
            problems += _misnamed(document, Path(name).stem, wave.wave)
            waves[wave.wave] = wave
    if spec is None or problems:
        raise BaroError(problems)
    survey = Survey(spec, dict(sorted(waves.items())))
    raise_all(check_survey(survey, survey_id, documents))
    return survey


def _read_all(folder: Path, shown: str) -> tuple[dict[str, Document], list[Problem]]:
    documents: dict[str, Document] = {}
    problems: list[Problem] = []
    files = [folder / "survey.yml", *sorted((folder / "waves").glob("*.yml"))]
    for file in files:
        try:
            relative = file.relative_to(folder).as_posix()
            documents[file.name] = read_yaml(file, f"{shown}/{relative}")
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


def _typed(
    document: Document, model: type[M], problems: list[Problem]
) -> tuple[Document, M | None]:
    try:
        return document, model.model_validate(document.data)
    except ValidationError as e:
        problems += [_explain(document, model, dict(fault)) for fault in e.errors()]
        return document, None


def _explain(document: Document, model: type[BaseModel], fault: dict[str, Any]) -> Problem:
    loc = tuple(fault["loc"])
    where = document.place(_in_document(document, loc))
    if fault["type"] == "extra_forbidden":
        known = _fields_at(model, loc[:-1])
        return Problem(
            where,
            f'the key "{loc[-1]}" is not known here',
            nearest(str(loc[-1]), known),
            "correct or remove the key",
        )
    if fault["type"] == "missing":
        return Problem(where, f'the key "{loc[-1]}" is missing', "", f"add {loc[-1]}: …")
    return Problem(
        where, f"{fault['input']!r} does not fit", str(fault["msg"]), "correct the value"
    )


def _in_document(document: Document, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """``loc`` without the steps that pydantic adds (union branches and the like)."""
    path: tuple[str | int, ...] = ()
    for step in loc:
        if (*path, step) in document.lines or step == loc[-1]:
            path = (*path, step)
    return path


def _fields_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """The keys that the model knows at a place; mappings of free keys are passed through."""
    current: Any = model
    for step in loc:
        if isinstance(current, type) and issubclass(current, BaseModel):
            field = current.model_fields.get(str(step))
            current = _inner_model(field.annotation) if field else None
    return list(current.model_fields) if current is not None else []


def _inner_model(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_inner_model(a) for a in getattr(annotation, "__args__", ()))
    return next((m for m in inner if m is not None), None)


def _misnamed(document: Document, stem: str, wave: str) -> list[Problem]:
    if stem == wave:
        return []
    return [
        Problem(
            document.place(("wave",)),
            f'the file is named "{stem}", its wave "{wave}"',
            "the same name",
            f"rename the file to {wave}.yml or write wave: {stem}",
        )
    ]
