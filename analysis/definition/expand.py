"""Multiple and ranked answers as the plain variables that they stand for.

===========  ==============================  ====================================================
declared     becomes                         its categories
===========  ==============================  ====================================================
multiple v   ``v_<item>``                    oui, non
ranked v     ``v_1``, ``v_2``, …             the items
             ``v_<item>``    (derived)       oui, non: cited at any rank
             ``v_<item>_1``  (derived)       oui, non: cited first
===========  ==============================  ====================================================

Everything after the definition sees plain variables only. Where an answer is one raw column, the
variables read columns that are cut from it (:mod:`analysis.validate.several`), named
``COLUMN [item]`` or ``COLUMN [rank]``.
"""

from __future__ import annotations

from collections.abc import Iterator

from analysis.definition.models import (
    Category,
    Expanded,
    Item,
    Missing,
    SurveyFile,
    Variable,
    WaveFile,
)
from analysis.definition.yamltext import Document, Path_
from analysis.errors import Problem
from analysis.expressions import MISSING_KINDS

NOTHING = "[aucun item]"  # stands where nothing was ticked or cited
UNUSED = "[rang non cité]"  # stands at a rank that was left free
YES, NO = "oui", "non"


def expand(spec: SurveyFile, document: Document) -> tuple[SurveyFile, list[Problem]]:
    """The definition in plain variables, and the names that clash."""
    several = {k: v for k, v in spec.variables.items() if v.several}
    if not several:
        return spec, []
    problems: list[Problem] = []
    made: dict[str, Variable] = {}
    for name, v in spec.variables.items():
        if name not in several:
            made[name] = v
            continue
        for part, item, plain in _parts(name, v):
            path: Path_ = ("variables", name, "items", item) if item else ("variables", name)
            if part in made or part in spec.variables:
                problems.append(
                    Problem(
                        document.place(path),
                        f"{name} makes a variable {part}, which is declared already",
                        "one variable a name",
                        f"rename the item, or the variable {part}",
                    )
                )
                continue
            made[part] = plain
    values = {k: getattr(spec, k) for k in SurveyFile.model_fields}
    return Expanded.model_construct(**values | {"variables": made}, multiples=several), problems


def origins(multiples: dict[str, Variable]) -> dict[str, tuple[str, str]]:
    """Plain variable -> the multiple or ranked one it is a part of, and its item or ""."""
    return {p: (name, item) for name, v in multiples.items() for p, item, _ in _parts(name, v)}


def expand_wave(wave: WaveFile, multiples: dict[str, Variable]) -> WaveFile:
    """The wave's file with multiple and ranked variables named by the parts that are read.

    ``recode`` keeps them: its texts are those of the items.
    """
    if not multiples:
        return wave
    parts = {
        name: tuple(p for p, _, plain in _parts(name, v) if plain.column)
        for name, v in multiples.items()
    }
    lists = {
        key: tuple(p for name in getattr(wave, key) for p in parts.get(name, (name,)))
        for key in ("not_asked", "asked", "outside")
    }
    maps = {
        key: {p: v for name, v in getattr(wave, key).items() for p in parts.get(name, (name,))}
        for key in ("universe", "filled")
    }
    return wave.model_copy(update=lists | maps)


def item_name(variable: str, item: str) -> str:
    """The variable that says whether an item was ticked, or cited at any rank."""
    return f"{variable}_{item}"


def rank_name(variable: str, rank: int) -> str:
    """The variable that holds what was cited at a rank."""
    return f"{variable}_{rank}"


def rank_count(v: Variable) -> int:
    """How many ranks a ranked variable has."""
    return v.ranks or len(v.columns)


def source_columns(name: str, v: Variable) -> dict[str, str]:
    """Column that a part reads -> raw column that it is in or is cut from."""
    if v.type == "multiple" and not v.separator:
        return {item_column(name, v, k): item_column(name, v, k) for k in v.items}
    if v.type == "multiple":
        return {item_column(name, v, k): v.column for k in v.items}
    ranks = range(1, rank_count(v) + 1)
    return {rank_column(v, r): rank_column(v, r) if v.columns else v.column for r in ranks}


def item_column(name: str, v: Variable, item: str) -> str:
    """The column that the variable of an item reads."""
    return f"{v.column or name} [{item}]" if v.separator else v.items[item].column


def rank_column(v: Variable, rank: int) -> str:
    """The column that the variable of a rank reads."""
    if rank <= len(v.columns):
        return v.columns[rank - 1]
    return f"{v.column} [{rank}]"


def _parts(name: str, v: Variable) -> Iterator[tuple[str, str, Variable]]:
    """(variable, item or "", its plain declaration)."""
    if v.type == "multiple":
        for code, item in v.items.items():
            yield item_name(name, code), code, _ticked(name, v, code, item)
        return
    for rank in range(1, rank_count(v) + 1):
        yield rank_name(name, rank), "", _ranked(v, rank)
    for code, item in v.items.items():
        cited = " or ".join(f"{rank_name(name, r)} == {code}" for r in range(1, rank_count(v) + 1))
        yield item_name(name, code), code, _cited(name, v, f"{v.label} : {item.label}", cited)
        first = f"{rank_name(name, 1)} == {code}"
        label = f"{v.label} : {item.label}, en premier"
        yield f"{item_name(name, code)}_1", code, _cited(name, v, label, first)


def _kept(v: Variable) -> dict[str, object]:
    return {"question": v.question, "waves": v.waves, "note": v.note}


def _asked(v: Variable) -> dict[str, object]:
    """What a part that is read shares with the whole."""
    named = {kind: getattr(v.missing, kind) for kind in MISSING_KINDS}
    if v.none in MISSING_KINDS:
        named[v.none] = (*named[v.none], NOTHING)
    if v.type == "ranked":
        named["not_applicable"] = (*named["not_applicable"], UNUSED)
    return _kept(v) | {
        "universe": v.universe,
        "skipped": v.skipped,
        "filled": v.filled,
        "missing": Missing(**named),
    }


def _ticked(name: str, v: Variable, code: str, item: Item) -> Variable:
    yes, no = ticked_texts(v, item)
    categories = {
        YES: Category(label="Oui", raw=yes),
        NO: Category(label="Non", raw=no),
    }
    return Variable.model_validate(
        _asked(v)
        | {
            "label": f"{v.label} : {item.label}",
            "column": item_column(name, v, code),
            "categories": categories,
        }
    )


def ticked_texts(v: Variable, item: Item) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The texts of an item's column that mean it was ticked, and that it was not."""
    if v.separator:
        return (YES,), (NO,)
    return item.raw or v.chosen or (item.label,), v.not_chosen or ("",)


def _ranked(v: Variable, rank: int) -> Variable:
    categories = {k: Category(label=i.label, raw=i.texts) for k, i in v.items.items()}
    return Variable.model_validate(
        _asked(v)
        | {
            "label": f"{v.label}, rang {rank}",
            "column": rank_column(v, rank),
            "categories": categories,
        }
    )


def _cited(name: str, v: Variable, label: str, when: str) -> Variable:
    """Derived: said by whoever cites something at the first rank."""
    answered = f"{rank_name(name, 1)} in {{{', '.join(v.items)}}}"
    categories = {
        YES: Category(label="Oui", when=when),
        NO: Category(label="Non", when=answered),
    }
    return Variable.model_validate(
        _kept(v) | {"label": label, "type": "derived", "categories": categories}
    )
