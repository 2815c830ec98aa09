"""JSON Schema (draft 2020-12) of ``survey.yml`` and ``waves/*.yml``, for editors.

Made from the typed models and the words of their docstrings. The loader reads every scalar as
text; an editor reads ``2022`` as a number and ``true`` as a Boolean: where a text may stand, so
may they. What holds between the parts of a definition (names, waves, universes) is left to
``baro validate``.
"""

from __future__ import annotations

import re
from typing import Any, Literal, get_args

from pydantic.json_schema import GenerateJsonSchema

from analysis.definition import models, rulemodels
from analysis.definition.models import SurveyFile, WaveFile
from analysis.definition.shapes import Model

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCALAR = ["string", "number", "boolean"]
_NUMBER = r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
_KEY = re.compile(r"^(?P<keys>[a-z][a-z_0-9]*(?:, [a-z][a-z_0-9]*)*) : (?P<text>.*)$")


class _Schema(GenerateJsonSchema):
    """Texts take what YAML reads as a number or a Boolean; numbers take texts."""

    def str_schema(self, schema: Any) -> dict[str, Any]:
        """Any scalar."""
        return {"type": list(_SCALAR)}

    def int_schema(self, schema: Any) -> dict[str, Any]:
        """A whole number, or a text that is one."""
        bounds = {"minimum": schema["ge"]} if "ge" in schema else {}
        return {"anyOf": [{"type": "integer", **bounds},
                          {"type": "string", "pattern": "^[0-9]+$"}]}  # fmt: skip

    def float_schema(self, schema: Any) -> dict[str, Any]:
        """A number, or a text that is one."""
        names = {"gt": "exclusiveMinimum", "lt": "exclusiveMaximum", "ge": "minimum",
                 "le": "maximum"}  # fmt: skip
        bounds = {json: schema[k] for k, json in names.items() if k in schema}
        return {"anyOf": [{"type": "number", **bounds}, {"type": "string", "pattern": _NUMBER}]}

    def literal_schema(self, schema: Any) -> dict[str, Any]:
        """One of the words."""
        return {"enum": [word for word in schema["expected"] if word != ""]}

    def default_schema(self, schema: Any) -> dict[str, Any]:
        """Defaults are said in words, and stay out of what editors type."""
        return self.generate_inner(schema["schema"])

    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        """A key without a value is no value: the key is left out."""
        return self.generate_inner(schema["schema"])


def definition_schema(part: Literal["survey", "wave"] = "survey") -> dict[str, Any]:
    """The schema of survey.yml, or of a wave's file."""
    model: type[Model] = SurveyFile if part == "survey" else WaveFile
    return schema_of(model, "survey.yml" if part == "survey" else "waves/<wave>.yml")


def schema_of(model: type[Model], title: str) -> dict[str, Any]:
    """The schema of a file of that model, described by the docstrings of all it holds."""
    made = model.model_json_schema(by_alias=True, mode="validation", schema_generator=_Schema)
    documented = {c.__name__: c for c in [*_models(), *_below(model)]}
    for name, schema in [*made.get("$defs", {}).items(), (model.__name__, made)]:
        if name in documented:
            _describe(schema, documented[name])
    _tidy(made)
    return {"$schema": DIALECT, "title": title, **made}


def _models() -> list[type[Model]]:
    """Every model of a definition."""
    return _below(*(
        m for module in (models, rulemodels) for m in vars(module).values()
        if isinstance(m, type) and issubclass(m, Model) and m is not Model
    ))  # fmt: skip


def _below(*roots: type[Model]) -> list[type[Model]]:
    """Some models and every model that their fields name."""
    found = {id(m): m for m in roots}
    pending = list(roots)
    while pending:  # those of other modules, that a field names
        for inner in _inner_models(pending.pop()):
            if id(inner) not in found:
                found[id(inner)] = inner
                pending.append(inner)
    return list(found.values())


def _inner_models(model: type[Model]) -> list[type[Model]]:
    found: list[type[Model]] = []
    stack: list[Any] = [f.annotation for f in model.model_fields.values()]
    while stack:
        annotation = stack.pop()
        if isinstance(annotation, type) and issubclass(annotation, Model):
            found.append(annotation)
        stack += get_args(annotation)
    return found


def _describe(schema: dict[str, Any], model: type[Model]) -> None:
    """Descriptions of a model and of its keys, from its docstring."""
    summary, keys = key_texts(model)
    schema["description"] = summary
    for key, inner in schema.get("properties", {}).items():
        if key in keys:
            inner["description"] = keys[key]


def key_texts(model: type[Model]) -> tuple[str, dict[str, str]]:
    """The first sentence of a model's docstring, and what it says of each key."""
    lines = [line.strip() for line in (model.__doc__ or "").strip().splitlines()]
    keys: dict[str, str] = {}
    current: tuple[str, ...] = ()
    for line in lines[1:]:
        match = _KEY.match(line)
        if match:
            current = tuple(match["keys"].split(", "))
            keys |= dict.fromkeys(current, match["text"])
        elif line and current:
            keys |= {k: f"{keys[k]} {line}" for k in current}
        else:
            current = ()
    return _plain(lines[0]), {k: _plain(t) for k, t in keys.items()}


def _plain(text: str) -> str:
    """Without the markup of docstrings."""
    return re.sub(r":\w+:`\.?([^`]*)`", r"\1", text).replace("``", "")


def _tidy(schema: Any) -> None:
    """Titles that only repeat the key, and choices between nothing, are noise in an editor."""
    if isinstance(schema, list):
        for value in schema:
            _tidy(value)
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("title"), str):
        del schema["title"]
    if "anyOf" in schema:
        some = [c for c in schema["anyOf"] if c != {"enum": []}]
        words = [c for c in some if set(c) == {"enum"}]
        if len(words) > 1:
            every = [w for c in words for w in c["enum"]]
            some = [c for c in some if c not in words] + [{"enum": every}]
        schema["anyOf"] = some
        if len(some) == 1:
            del schema["anyOf"]
            schema.update(some[0])
    for value in list(schema.values()):
        _tidy(value)
