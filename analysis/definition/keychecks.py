"""Which keys belong to which kind of variable and of measure. Each check yields problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from analysis.definition.expand import rank_count
from analysis.definition.models import LEFT_OUT, Indicator, Variable
from analysis.definition.texts import clean
from analysis.definition.yamltext import Path_
from analysis.errors import Problem, quoted
from analysis.expressions import MISSING_KINDS

At = Callable[..., str]

# Keys of a variable that only some types have.
_OF_TYPES = {
    "items": ("multiple", "ranked", "index"),
    "columns": ("ranked",),
    "separator": ("multiple", "ranked"),
    "ranks": ("ranked",),
    "chosen": ("multiple",),
    "not_chosen": ("multiple", "ranked"),
    "none": ("multiple", "ranked"),
    "format": ("date",),
    "rule": ("index",),
    "at_least": ("index",),
}
# Keys of an indicator: measure -> (needed, allowed besides).
_OF_MEASURES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "proportion": (("numerator",), ()),
    "distribution": (("variable",), ("show",)),
    "mean": (("variable",), ()),
    "share_of_respondents": (("variable",), ()),
    "share_of_mentions": (("variable",), ()),
    "battery": ((), ("variable", "items", "at_least")),
    "quantile": (("variable", "shares"), ()),
    "ratio": (("numerator", "denominator"), ("unit",)),
}
_SPECIAL = ("numerator", "denominator", "variable", "items", "at_least", "shares", "unit", "show")


def key_faults(at: At, path: Path_, v: Variable) -> Iterator[Problem]:
    """Keys of a variable that its type has no use for."""
    for key, types in _OF_TYPES.items():
        if getattr(v, key) not in ((), "", None, {}) and v.type not in types:
            yield Problem(
                at(*path, key),
                f"{key}: in a variable of type {v.type}",
                f"type {' or '.join(types)}",
                f"remove {key}:, or correct type:",
            )


def date_faults(at: At, path: Path_, v: Variable) -> Iterator[Problem]:
    """A date says how it is written."""
    if v.type != "date":
        return
    written = ""
    try:
        written = datetime(2031, 12, 28).strftime(v.format)
        sound = datetime.strptime(written, v.format).date() == datetime(2031, 12, 28).date()
    except ValueError:
        sound = False
    if not sound:
        found = quoted(v.format) if v.format else "no format"
        yield Problem(
            at(*path, *(["format"] if v.format else [])),
            f"{found} does not tell a day",
            "day, month and year, as %d/%m/%Y",
            'write e.g. format: "%d/%m/%Y"',
        )
    if v.range:
        yield Problem(
            at(*path, "range"),
            "range: in a date",
            "rules: with expect:",
            "remove range:, and write a rule, as expect: debut >= 2022-06-15",
        )


def several_faults(at: At, name: str, v: Variable) -> Iterator[Problem]:
    """What a multiple or ranked variable needs to be taken apart."""
    path: Path_ = ("variables", name)
    yield from key_faults(at, path, v)
    if not v.items:
        yield Problem(at(*path), f"type {v.type} without items", "what can be ticked or cited",
                      "add items: {code: label}")  # fmt: skip
    if not v.none:
        yield Problem(at(*path), "nothing says what it means that no item is ticked or cited",
                      f"none: {', '.join(MISSING_KINDS)} or answer",
                      "add none: nonresponse")  # fmt: skip
    if v.type == "ranked" and v.none == "answer":
        yield Problem(at(*path, "none"), "answer, for a ranked variable",
                      ", ".join(MISSING_KINDS),
                      "write none: not_applicable, which base: everyone counts as no")  # fmt: skip
    for key in ("categories", "corrections", "range", "unit"):
        if getattr(v, key):
            yield Problem(at(*path, key), f"{key}: in a variable of type {v.type}", "items:",
                          f"remove {key}:")  # fmt: skip
    for code, item in v.items.items():
        yield from _item_faults(at, (*path, "items", code), code, v, bool(item.label))
    yield from _place_faults(at, path, v)
    yield from _text_faults(at, path, v)


def _item_faults(at: At, path: Path_, code: str, v: Variable, named: bool) -> Iterator[Problem]:
    item = v.items[code]
    if not code.replace("_", "").isalnum() or code in MISSING_KINDS or code.isdigit():
        yield Problem(at(*path), f'"{code}" cannot be an item',
                      "letters, digits and _, not digits alone, no kind of missing",
                      "choose another code")  # fmt: skip
    if not named:
        yield Problem(at(*path), f"{code} has no label", "label:", f"write {code}: its label")
    if item.value:
        yield Problem(at(*path, "value"), f"value: in a variable of type {v.type}", "",
                      "remove value:, or write type: index")  # fmt: skip
    own = v.type == "multiple" and not v.separator
    if own != bool(item.column):
        yield Problem(
            at(*path),
            f"{code} {'has no column' if own else f'has the column {item.column}'}",
            "one column an item" if own else "no column of its own",
            "add column:, or a separator: and one column:" if own else "remove column:",
        )


def _place_faults(at: At, path: Path_, v: Variable) -> Iterator[Problem]:
    """One column with a separator, or several columns."""
    if v.separator and not v.column:
        yield Problem(at(*path), "separator: without column:", "the column that it cuts",
                      "add column:")  # fmt: skip
    if v.column and not v.separator:
        yield Problem(at(*path, "column"), "column: without separator:", "the sign between items",
                      'add separator: e.g. ";"')  # fmt: skip
    if v.type != "ranked":
        return
    if v.separator and not v.ranks:
        yield Problem(at(*path), "separator: without ranks:", "how many may be cited",
                      "add ranks: 3")  # fmt: skip
    if bool(v.columns) == bool(v.separator):
        yield Problem(at(*path), f"{len(v.columns)} columns and separator {v.separator!r}",
                      "columns: of rank 1, 2, …, or one column: with separator:",
                      "write one of the two")  # fmt: skip
    elif v.columns and v.ranks:
        yield Problem(at(*path, "ranks"), "ranks: with columns:", "one column a rank",
                      "remove ranks:")  # fmt: skip
    if rank_count(v) > 20:
        yield Problem(at(*path), f"{rank_count(v)} ranks", "20 at most", "correct ranks:")


def _text_faults(at: At, path: Path_, v: Variable) -> Iterator[Problem]:
    """Each text means one item."""
    if v.type == "multiple" and not v.separator:
        return  # each item has its own column
    texts = Counter(clean(t) for item in v.items.values() for t in item.texts)
    for code, item in v.items.items():
        for text in (t for t in map(clean, item.texts) if texts[t] > 1):
            yield Problem(at(*path, "items", code), f"{quoted(text)} is read as two items",
                          "one meaning a text", "correct raw:")  # fmt: skip
        for text in (t for t in item.texts if v.separator and v.separator in t):
            yield Problem(at(*path, "items", code), f"{quoted(text)} holds the separator",
                          "texts between separators", "correct raw: or separator:")  # fmt: skip


def made_from(v: Variable) -> Iterator[tuple[Path_, str]]:
    """The texts that say what a variable is made of, and their place in it."""
    if v.type == "derived":
        yield from ((("categories", k, "when"), c.when) for k, c in v.categories.items())
    if v.type == "index":
        yield from ((("items", k), item.value) for k, item in v.items.items())


def too_many(at: At, path: Path_, at_least: int | None, items: int) -> Iterator[Problem]:
    """No more items may be needed than there are."""
    if at_least and items and at_least > items:
        yield Problem(at(*path, "at_least"), f"{at_least} of {items} items", f"{items} at most",
                      "correct at_least:")  # fmt: skip


def measure_faults(at: At, path: Path_, i: Indicator) -> Iterator[Problem]:
    """Keys that a measure lacks, or has no use for."""
    needed, more = _OF_MEASURES[i.measure]
    given = [k for k in _SPECIAL if getattr(i, k) not in ((), "", None)]
    odd = [k for k in given if k not in (*needed, *more)]
    for key in (k for k in needed if k not in given):
        wanted = " and ".join(f"{k}:" for k in needed)
        wanted += "".join(f"; {k}: for a {', '.join(_measures_with(k))}" for k in odd)
        yield Problem(at(*path), f"measure {i.measure} without {key}:", wanted, f"add {key}: …")
    for key in odd:
        yield Problem(
            at(*path, key),
            f"{key}: with measure {i.measure}",
            " ".join(f"{k}:" for k in (*needed, *more)),
            f"remove it, or correct measure: ({', '.join(_measures_with(key))})",
        )
    if i.measure == "battery" and bool(i.items) == bool(i.variable):
        yield Problem(at(*path), f"{len(i.items)} items and variable {i.variable!r}",
                      "items:, or a multiple variable:", "write one of the two")  # fmt: skip
    for kind in (k for k in i.show if k in LEFT_OUT[i.base]):
        yield Problem(at(*path, "show"), f"{kind} is shown, and out of base: {i.base}",
                      "kinds that the base holds", f"remove {kind}, or widen base:")  # fmt: skip
    yield from too_many(at, path, i.at_least, len(i.items))


def _measures_with(key: str) -> list[str]:
    return [m for m, (needed, more) in _OF_MEASURES.items() if key in (*needed, *more)]
