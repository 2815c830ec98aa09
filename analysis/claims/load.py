"""Reading registers: form, types, then meaning; every fault of all files at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from analysis.claims.crosschecks import estimate_problems
from analysis.claims.evidence import Sheet
from analysis.claims.formula import FormulaError, Quantity, parse_formula
from analysis.claims.judge import judge
from analysis.claims.models import ArithmeticCheck, Check, Claim, RegisterFile
from analysis.claims.register import Register
from analysis.claims.results import Judgement
from analysis.claims.stated import StatedError, stated
from analysis.claims.told import translated_registers
from analysis.claims.units import dimension_name, unit
from analysis.definition import Survey, load_survey, survey_ids
from analysis.definition.load import typed
from analysis.definition.textchecks import shown_faults
from analysis.definition.yamltext import Document, Path_, read_yaml
from analysis.errors import BaroError, Problem, nearest, quoted, raise_all
from analysis.estimates import read_estimates
from analysis.language import SOURCE, speaking
from analysis.phrasebook import translated
from analysis.project import Project

LONGEST_QUOTE = 15  # words
_CODE = re.compile(r"[A-Za-z]\w{0,39}\Z")


def register_files(project: Project) -> tuple[Path, ...]:
    """The registers of a project: ``reports/claims/*.yml``."""
    return tuple(sorted((project.reports / "claims").glob("*.yml")))


def project_registers(
    project: Project, files: Sequence[Path] | None = None
) -> tuple[list[Register], dict[str, Survey]]:
    """The registers in some files, or all of the project, and the surveys that their checks read.

    Raises :class:`BaroError` with every fault of all files.
    """
    chosen = register_files(project) if files is None else files
    surveys = {
        s: load_survey(project.surveys, s, drafts="leave out") for s in survey_ids(project.surveys)
    }
    registers = load_registers({f: project.shown(f.resolve()) for f in chosen}, surveys)
    named = sorted(frozenset().union(*(r.surveys() for r in registers)))
    return registers, {s: surveys[s] for s in named}


def judge_files(
    project: Project, files: Sequence[Path] | None = None, language: str = SOURCE
) -> Judgement:
    """The claims of some files judged, or of every register of the project; told in a language.

    Reads the table of estimates, as last built, of each survey that they name.
    """
    registers, surveys = project_registers(project, files)
    sheets = {
        name: Sheet(survey, read_estimates(project.estimates(name)),
                    translated(survey, project, language))
        for name, survey in surveys.items()
    }  # fmt: skip
    with speaking(language):
        return judge(translated_registers(registers, project, language), sheets)


def load_registers(files: Mapping[Path, str], surveys: Mapping[str, Survey]) -> list[Register]:
    """The registers in some files, checked against the surveys they read.

    files : path -> as shown in messages

    Raises :class:`BaroError` with every fault of all files.
    """
    problems: list[Problem] = []
    registers: list[Register] = []
    first: dict[str, str] = {}
    for path, shown in files.items():
        try:
            document = read_yaml(path, shown)
        except BaroError as e:
            problems += e.problems
            continue
        _, spec = typed(document, RegisterFile, problems)
        if spec is None:
            continue
        found = [*_misnamed(document, path.stem, spec), *shown_faults(document)]
        found += _faults(document, spec, surveys)
        found += _repeated(document, spec, shown, first)
        problems += found
        registers.append(Register(spec, shown))
    raise_all(problems)
    return registers


def _misnamed(document: Document, stem: str, spec: RegisterFile) -> Iterator[Problem]:
    if spec.name != stem:
        yield Problem(document.place(("register",)),
                      f"the file is named {quoted(stem)}, its register {quoted(spec.name)}",
                      "the same name", f"write register: {stem}")  # fmt: skip


def _repeated(
    document: Document, spec: RegisterFile, shown: str, first: dict[str, str]
) -> Iterator[Problem]:
    """Claims of another register with the same code: links to them could not tell them apart."""
    for code in spec.claims:
        if code in first:
            yield Problem(document.place(("claims", code)),
                          f"the claim {code} is in {first[code]} too", "codes used once",
                          "give one of the two another code")  # fmt: skip
        first.setdefault(code, shown)


def _faults(
    document: Document, spec: RegisterFile, surveys: Mapping[str, Survey]
) -> Iterator[Problem]:
    yield from _day(document, ("occasion", "date"), spec.occasion.date)
    yield from _known(document, ("occasion", "source"), spec.occasion.source, spec.sources)
    yield from _codes(document, spec)
    for code, cited in spec.sources.items():
        if cited.url and not re.fullmatch(r"https?://[^\s\"'<>\\]+", cited.url):
            yield Problem(document.place(("sources", code, "url")), quoted(cited.url),
                          "an address that begins with https://", "correct it")  # fmt: skip
    quantities: dict[str, Quantity] = {}
    for name, constant in spec.constants.items():
        path: Path_ = ("constants", name)
        yield from _known(document, (*path, "source"), constant.source, spec.sources)
        yield from _figure(document, (*path, "value"), constant.value, constant.unit, quantities,
                           name)  # fmt: skip
    for name, claim in spec.claims.items():
        for figure, text in claim.figures.items():
            path = ("claims", name, "says", *((figure,) if figure else ()))
            code = f"{name}.{figure}" if figure else name
            yield from _figure(document, path, text, claim.unit, quantities, code)
    for name, claim in spec.claims.items():
        yield from _claim(document, spec, name, claim, quantities, surveys)
    yield from _contradictions(document, spec, quantities)


def _codes(document: Document, spec: RegisterFile) -> Iterator[Problem]:
    """Codes stand in formulas, in links and in file names of browsers."""
    for section in ("claims", "constants"):
        for code in getattr(spec, section):
            if not _CODE.match(code):
                yield Problem(document.place((section, code)), f"the code {quoted(code)}",
                              "letters, digits and _, a letter first", "rename it")  # fmt: skip
    for code in set(spec.claims) & set(spec.constants):
        yield Problem(document.place(("constants", code)), f"{code} is a claim too",
                      "a name of its own", "rename the constant")  # fmt: skip


def _day(document: Document, path: Path_, text: str) -> Iterator[Problem]:
    try:
        date.fromisoformat(text)
    except ValueError:
        yield Problem(document.place(path), f"{quoted(text)} is no day", "a day, as 2024-12-12",
                      "write year-month-day")  # fmt: skip


def _known(
    document: Document, path: Path_, name: str, known: Mapping[str, object]
) -> Iterator[Problem]:
    if name and name not in known:
        yield Problem(document.place(path), f"{quoted(name)} is not declared in this file",
                      nearest(name, known), "correct the name, or declare it")  # fmt: skip


def _figure(
    document: Document, path: Path_, text: str, unit: str, quantities: dict[str, Quantity],
    name: str,
) -> Iterator[Problem]:  # fmt: skip
    """A figure that is read; what it is worth joins ``quantities``."""
    try:
        s = stated(text, unit)
        quantities[name] = Quantity(s.value, s.low, s.high, s.unit.dims)
    except StatedError as e:
        yield Problem(document.place(path), f"{quoted(text)} is not read as a figure", str(e),
                      "write the figure alone, as docs/claims.md shows")  # fmt: skip


def _claim(
    document: Document, spec: RegisterFile, name: str, claim: Claim,
    quantities: Mapping[str, Quantity], surveys: Mapping[str, Survey],
) -> Iterator[Problem]:  # fmt: skip
    at: Path_ = ("claims", name)
    for key, known in (("speaker", spec.speakers), ("theme", spec.themes),
                       ("source", spec.sources), ("population", spec.populations)):  # fmt: skip
        yield from _known(document, (*at, key), getattr(claim, key), known)
    words = [w for w in claim.quote.split() if any(c.isalnum() for c in w)]
    if not 0 < len(words) <= LONGEST_QUOTE:
        yield Problem(document.place((*at, "quote")), f"a quote of {len(words)} words",
                      f"{LONGEST_QUOTE} at most", "quote less")  # fmt: skip
    for k, check in enumerate(claim.checks):
        path: Path_ = (*at, "checks", k)
        yield from _check(document, path, check)
        yield from _which(document, path, claim, check)
        if check.arithmetic:
            yield from _arithmetic(document, (*path, "arithmetic"), name, claim, check.arithmetic,
                                   quantities)  # fmt: skip
        if check.published:
            inner: Path_ = (*path, "published")
            yield from _known(document, (*inner, "source"), check.published.source, spec.sources)
            yield from _comparable(document, (*inner, "value"), check.published.value, name,
                                   check.published.figure, claim, quantities)  # fmt: skip
        if check.estimate:
            yield from estimate_problems(document, (*path, "estimate"), spec, claim,
                                         check.estimate, quantities, surveys)  # fmt: skip


def _check(document: Document, path: Path_, check: Check) -> Iterator[Problem]:
    if len(check.kinds) != 1:
        found = " and ".join(check.kinds) or "none of them"
        yield Problem(document.place(path), f"a check has {found}",
                      "one of estimate, arithmetic, published, quoted",
                      "write one - for each check")  # fmt: skip


def _which(document: Document, path: Path_, claim: Claim, check: Check) -> Iterator[Problem]:
    """The figure a check is about, where the claim has several."""
    for kind in ("estimate", "arithmetic", "published"):
        one = getattr(check, kind)
        asks = kind == "arithmetic" and one is not None and _relation(one.formula)
        if one is not None and not asks and one.figure not in claim.figures:
            names = [k for k in claim.figures if k]
            yield Problem(document.place((*path, kind)), f"figure: {quoted(one.figure)}",
                          f"one of {', '.join(names)}" if names else "no figure: there is but one",
                          "name the figure that is checked")  # fmt: skip


def _relation(text: str) -> bool:
    return bool(re.search(r"[<>=]", text))


def _arithmetic(
    document: Document, path: Path_, name: str, claim: Claim, check: ArithmeticCheck,
    quantities: Mapping[str, Quantity],
) -> Iterator[Problem]:  # fmt: skip
    texts: list[tuple[Path_, str, str]] = [(("formula",), check.formula, "")]
    texts += [(("alternatives", k, "formula"), a.formula, a.unit)
              for k, a in enumerate(check.alternatives)]  # fmt: skip
    for tail, text, named in texts:
        where = document.place((*path, *tail))
        try:
            formula = parse_formula(text)
            unknown = [n for n in formula.names if n not in quantities]
            for n in unknown:
                yield Problem(where, f"{quoted(text)}: {n} is neither a claim nor a constant",
                              nearest(n, quantities), "correct the name")  # fmt: skip
            if unknown:
                continue
            result = formula.evaluate(quantities)
        except FormulaError as e:
            yield Problem(where, f"{quoted(text)}: {e}", 'e.g. "C07 / C08 - 1"',
                          "correct the formula")  # fmt: skip
            continue
        code = f"{name}.{check.figure}" if check.figure else name
        said = unit(named).dims if named else getattr(quantities.get(code), "dims", None)
        if result.right is None and said is not None and said != result.left.dims:
            yield Problem(where, f"{quoted(text)} gives {dimension_name(result.left.dims)}",
                          f"{dimension_name(said)}, as {'unit:' if named else 'the claim'}",
                          "correct the formula, or the unit of what it reads")  # fmt: skip


def _comparable(
    document: Document, path: Path_, value: str, name: str, figure: str, claim: Claim,
    quantities: Mapping[str, Quantity],
) -> Iterator[Problem]:  # fmt: skip
    """A published figure that is read, in the dimension of the claim."""
    own: dict[str, Quantity] = {}
    yield from _figure(document, path, value, claim.unit, own, "")
    said = quantities.get(f"{name}.{figure}" if figure else name)
    if own and said and own[""].dims != said.dims:
        yield Problem(document.place(path), f"{quoted(value)} is {dimension_name(own[''].dims)}",
                      f"{dimension_name(said.dims)}, as the claim", "give it its unit")  # fmt: skip


def _contradictions(
    document: Document, spec: RegisterFile, quantities: Mapping[str, Quantity]
) -> Iterator[Problem]:
    """Of declared contradictions: names that are known, and figures that do exclude each other."""
    for k, c in enumerate(spec.contradictions):
        path: Path_ = ("contradictions", k, "claims")
        for name in c.claims:
            yield from _known(document, path, name, quantities)
        found = [quantities[n] for n in c.claims if n in quantities]
        together = max((q.low for q in found), default=0) < min((q.high for q in found), default=1)
        if len(c.claims) < 2 or (len(found) == len(c.claims) and together):
            yield Problem(document.place(path), f"{', '.join(c.claims)} can all be true",
                          "two figures or more that exclude each other",
                          "remove the contradiction, or correct the names")  # fmt: skip
