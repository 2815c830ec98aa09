"""A register in another language: its notes replaced, its figures and quotes beside the French.

Figures are read in French whatever the page speaks, so that a verdict cannot depend on a
translation: what a figure or a quote is in English stands in :attr:`Register.words`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from analysis.claims.register import Register, is_worded
from analysis.claims.stated import stated
from analysis.claims.units import Unit, unit
from analysis.errors import BaroError, Problem, quoted, raise_all
from analysis.language import NAMES, SOURCE
from analysis.phrasebook import Catalogue, Message, Printed, Told, read_catalogue
from analysis.project import Project

# The texts that pages print, by the class of the model that holds them. Left out: where in a
# document a claim stands, which is cited as it is there, and what only files for download hold.
_PRINTED = Printed(
    texts={
        "Speaker": ("name", "function"),
        "Source": ("title", "date", "note"),
        "Group": ("label",),
        "Cell": ("why",),
        "EstimateCheck": ("note",),
        "ArithmeticCheck": ("meaning", "note"),
        "Variant": ("why",),
        "PublishedCheck": ("label", "population", "period", "note"),
        "QuotedCheck": ("text",),
        "Claim": ("note",),
        "Contradiction": ("about", "explanation"),
    },
    mapped={"RegisterFile": ("themes",)},
)
_OWN = ("", "fois", "date", "rang")  # units that the code names itself
_PER_CENT = 0.01
_NUMBER = re.compile(r"\d+(?:[.,\s\u00a0\u202f]\d+)*")


def register_messages(register: Register) -> list[Message]:
    """Every text of a register that pages print, once."""
    found: dict[str, Message] = {}

    def note(key: str, text: str) -> str:
        found.setdefault(text, Message(text, f"{register.file}: {key}"))
        return text

    _told(register, note)
    return list(found.values())


def translated_register(register: Register, project: Project, language: str) -> Register:
    """The register in a language; itself in French.

    Raises :class:`BaroError` with every text that has no translation, every translation of what
    is no longer said, and every one whose numbers are not those of its text.
    """
    if language == SOURCE:
        return register
    path = project.register_catalogue(register.spec.name, language)
    catalogue = read_catalogue(path, project.shown(path), language)
    wrong: list[Problem] = []

    def find(key: str, text: str) -> str:
        said = catalogue.find(Message(text, f"{register.file}: {key}", context=key))
        wrong.extend(_other_numbers(catalogue, key, text, said))
        return said

    made = _told(register, find)
    raise_all([*catalogue.problems(), *wrong])
    return made


def translated_registers(
    registers: Iterable[Register], project: Project, language: str
) -> list[Register]:
    """The registers in a language; raises :class:`BaroError` with what is wrong in any."""
    problems: list[Problem] = []
    made: list[Register] = []
    for register in registers:
        try:
            made.append(translated_register(register, project, language))
        except BaroError as e:
            problems += e.problems
    raise_all(problems)
    return made


def _told(register: Register, say: Told) -> Register:
    """The register with its texts replaced by what ``say`` gives, and its words noted."""

    def worded(key: str, text: str) -> str:
        return say(key, text) if is_worded(text) else text

    spec = _PRINTED.replaced(register.spec, "", worded)
    words = {text: say(key, text) for key, text in _figures(register) if is_worded(text)}
    return replace(register, spec=spec, words=words)


def _figures(register: Register) -> Iterator[tuple[str, str]]:
    """Quotes, figures and units, each with its key."""
    spec = register.spec
    for code, claim in spec.claims.items():
        yield f"claims.{code}.quote", claim.quote
        for name, text in claim.figures.items():
            key = f"claims.{code}.says{f'.{name}' if name else ''}"
            yield key, text
            yield from _unit(key, stated(text, claim.unit).unit)
        for n, check in enumerate(claim.checks, 1):
            key = f"claims.{code}.checks.{n}"
            if check.published:
                yield f"{key}.published.value", check.published.value
            if check.arithmetic:
                own = (check.arithmetic.unit, *(a.unit for a in check.arithmetic.alternatives))
                for typed in own:
                    yield from _unit(f"{key}.arithmetic", unit(typed))
    for code, constant in spec.constants.items():
        yield f"constants.{code}.value", constant.value
        yield from _unit(f"constants.{code}", stated(constant.value, constant.unit).unit)


def _unit(key: str, found: Unit) -> Iterator[tuple[str, str]]:
    """The name of a unit, where it is printed as it was written."""
    signed = found.dims == (("€", 1),) or found.kind == "points" or found.scale == _PER_CENT
    if found.name not in _OWN and not signed:
        yield f"{key}.unit", found.name


def _other_numbers(catalogue: Catalogue, key: str, text: str, said: str) -> Iterator[Problem]:
    """A translation that tells another figure than its text."""
    told, meant = (sorted(_digits(t)) for t in (said, text))
    if told != meant:
        yield Problem(
            f"{catalogue.shown}: {key}",
            f"{quoted(said)} has the numbers {', '.join(told) or 'none'}",
            f"those of {quoted(text)}, in {NAMES[catalogue.language]}",
            "correct its msgstr",
        )


def _digits(text: str) -> list[str]:
    """The numbers of a text, without what separates their digits."""
    return [re.sub(r"\D", "", n) for n in _NUMBER.findall(text)]
