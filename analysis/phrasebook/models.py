"""Typed models of a YAML file with their texts replaced: those that pages print, and no others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)
Told = Callable[[str, str], str]  # (key, text) -> text


@dataclass(frozen=True)
class Printed:
    """The texts of a file that pages print, by the class of the model that holds them.

    texts : class -> fields that are texts ; mapped : class -> fields that lead from codes to texts
    left : fields that are not looked into
    """

    texts: Mapping[str, tuple[str, ...]]
    mapped: Mapping[str, tuple[str, ...]]
    left: tuple[str, ...] = ()

    def replaced(self, model: M, key: str, say: Told) -> M:
        """The model with each of its texts replaced by what ``say`` gives."""
        return model.model_copy(update=self.changes(model, key, say))

    def changes(self, model: BaseModel, key: str, say: Told) -> dict[str, Any]:
        """Field -> what takes its place, for the fields that hold texts and for what lies below."""
        made: dict[str, Any] = {}
        for name in type(model).model_fields:
            value, below = getattr(model, name), f"{key}.{name}".lstrip(".")
            if name in self.left:
                continue
            if name in _of(self.texts, model) and value:
                made[name] = say(below, value)
            elif name in _of(self.mapped, model):
                made[name] = {k: say(f"{below}.{k}", v) for k, v in value.items()}
            elif changed := dict(self._below(value, below, say)):
                made[name] = changed[""]
        return made

    def _below(self, value: object, key: str, say: Told) -> Iterator[tuple[str, object]]:
        """The one value with the models in it replaced; nothing where it holds none."""
        if isinstance(value, BaseModel):
            yield "", self.replaced(value, key, say)
        elif isinstance(value, dict) and any(isinstance(v, BaseModel) for v in value.values()):
            yield "", {k: self.replaced(v, f"{key}.{k}", say) for k, v in value.items()}
        elif isinstance(value, tuple) and any(isinstance(v, BaseModel) for v in value):
            yield "", tuple(self.replaced(v, f"{key}.{n}", say) for n, v in enumerate(value, 1))


def _of(fields: Mapping[str, tuple[str, ...]], model: BaseModel) -> tuple[str, ...]:
    """Those of the model's class, or of the nearest it is made from."""
    classes = (c.__name__ for c in type(model).__mro__)
    return next((fields[c] for c in classes if c in fields), ())
