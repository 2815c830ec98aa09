"""The file of the wave as text: each open decision is one line that ends with ``?``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from textwrap import wrap

from analysis.arrival.findings import BLANK, Answer, Draft, Place
from analysis.errors import printable

_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ_][\w .,'’/()+°€-]*", re.UNICODE)
_NUMBERS = re.compile(r"[1-9]\d{0,8}(-\d+)?(, \d+(-\d+)?)*")
_ORDER = ("wave", "file", "edition", "rows", "dialect", "follows", "mode", "field", "size",
          "rename", "recode", "filled", "not_asked", "without", "asked", "universe", "outside",
          "drop", "breaks", "no_break", "ignored", "note")  # fmt: skip
_SAID = {
    "follows": "Ce que survey.yml dit de cette vague vaut aussi pour la nouvelle.",
    "mode": "Mode de collecte, et dates de terrain (celui de la vague précédente est proposé).",
    "rename": "Colonne de survey.yml : son nom dans ce fichier.",
    "recode": "Texte de ce fichier : catégorie, ou sorte d’absence (not_asked, not_applicable, "
              "dont_know, refused, nonresponse). Sous all : dans toutes les variables.",
    "not_asked": "Variables que cette vague n’a pas posées, ou qu’il ne faut pas lire.",
    "without": "Indicateurs que cette vague ne peut pas donner.",
    "asked": "Variables posées de nouveau.",
    "universe": "Variable : population interrogée dans cette vague.",
    "outside": "Variables dont les réponses hors de leur univers ne sont pas lues.",
    "drop": "Lignes du fichier qui ne sont pas des répondants (l’en-tête est la ligne 1).",
    "no_break": "Sauts au-delà de l’erreur d’échantillonnage. Confirmer : de vraies évolutions. "
                "Sinon, retirer l’indicateur d’ici et écrire breaks: {indicateur: raison}.",
    "ignored": "Colonnes nouvelles que rien ne lit (pour information).",
}  # fmt: skip


def draft_text(draft: Draft, headline: list[str]) -> str:
    """The whole file; ``headline`` are the lines of comment at its top."""
    tree: dict[str, object] = {}
    for place, answer in draft.answers.items():
        _put(tree, place, answer)
    lines = [f"# {printable(line)}".rstrip() for line in headline]
    for key in sorted(tree, key=lambda k: _ORDER.index(k) if k in _ORDER else len(_ORDER)):
        lines += _comment(_SAID.get(key, ""), 0)
        value = tree[key]
        lines += (
            _drops(value) if key == "drop" and isinstance(value, dict) else _entry(key, value, 0)
        )
    return "\n".join(lines) + "\n"


def _put(tree: dict[str, object], place: Place, answer: Answer) -> None:
    for step in place[:-1]:
        inner = tree.setdefault(step, {})
        assert isinstance(inner, dict)
        tree = inner
    tree[place[-1]] = answer


def _entry(key: str, value: object, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(value, Answer):
        for why in value.why:
            yield from _comment(why, depth)
        plain = not value.open and key in ("wave", "value", "follows")
        shown = json.dumps(value.value, ensure_ascii=False) if plain else _value(value)
        yield f"{pad}{scalar(key)}: {shown}"
    elif isinstance(value, Mapping):
        if _listlike(value):
            items = ", ".join(scalar(a.value, flow=True) for a in value.values())
            yield f"{pad}{scalar(key)}: [{items}]"
            return
        yield f"{pad}{scalar(key)}:"
        for inner, item in value.items():
            yield from _entry(inner, item, depth + 1)


def _listlike(value: Mapping[str, object]) -> bool:
    return bool(value) and all(k == str(i) for i, k in enumerate(value))


def _drops(value: Mapping[str, object]) -> Iterator[str]:
    rows, reason = value["rows"], value.get("reason", Answer(""))
    assert isinstance(rows, Answer)
    assert isinstance(reason, Answer)
    for why in rows.why:
        yield from _comment(why, 0)
    yield "drop:"
    yield f"  - reason: {scalar(reason.value)}"
    yield f"    rows: {_value(rows)}"


def _value(answer: Answer) -> str:
    if not answer.open:
        return scalar(answer.value)
    if answer.value == BLANK:
        return '"?"'
    written = scalar(answer.value)
    return f'{written[:-1]} ?"' if written.startswith('"') else f"{written} ?"


def _comment(text: str, depth: int) -> list[str]:
    one = " ".join(printable(text.replace("\r", " ")).split())
    return ["  " * depth + f"# {line}" for line in wrap(one, 96 - 2 * depth)]


def scalar(text: str, *, flow: bool = False) -> str:
    """``text`` as YAML reads it back, between quotes unless it is plain."""
    plain = _PLAIN.fullmatch(text) or _NUMBERS.fullmatch(text)
    if plain and text == text.strip() and not (flow and "," in text) and text.isprintable():
        return text
    return printable(json.dumps(text, ensure_ascii=False))
