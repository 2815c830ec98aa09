"""What every section of a definition is made of: the model, and the short forms of its values."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

MissingKind = Literal["not_asked", "not_applicable", "dont_know", "refused", "nonresponse"]


class Model(BaseModel):
    """Frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def listed(value: object) -> object:
    """A text alone is a list of one."""
    return [value] if isinstance(value, str) else value


def labelled(value: object) -> object:
    """A text alone is a label."""
    return {"label": value} if isinstance(value, str) else value


def texted(value: object) -> object:
    """A text alone is a text."""
    return {"text": value} if isinstance(value, str) else value


Texts = Annotated[
    tuple[str, ...], BeforeValidator(listed, json_schema_input_type=str | tuple[str, ...])
]
