"""What an ``estimate:`` check names, held against the definition of the survey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from analysis.claims.evidence import resolved
from analysis.claims.formula import FormulaError, Quantity, parse_formula
from analysis.claims.models import Cell, Claim, EstimateCheck, RegisterFile
from analysis.claims.stated import StatedError, stated
from analysis.claims.units import Dims, times, unit
from analysis.definition import Survey
from analysis.definition.yamltext import Document, Path_
from analysis.errors import Problem, nearest, quoted
from analysis.estimates import WHOLE

NONE = "none"  # a population that a survey has nothing near to


def estimate_problems(
    document: Document, path: Path_, spec: RegisterFile, claim: Claim, check: EstimateCheck,
    quantities: Mapping[str, Quantity], surveys: Mapping[str, Survey],
) -> Iterator[Problem]:  # fmt: skip
    """Names that the survey has not, cells it cannot have, quantities that lack a part."""
    if check.survey not in surveys:
        yield _unknown(document, (*path, "survey"), check.survey, surveys)
        return
    survey = surveys[check.survey]
    group = spec.populations.get(claim.population)
    named = group.surveys.get(check.survey, "") if group else ""
    if group and not named:
        place = document.place(("populations", claim.population))
        yield Problem(place, f"does not say what it is in the survey {check.survey}",
                      "the nearest population of the survey, or none",
                      f"add surveys: {{{check.survey}: …}}")  # fmt: skip
    if named and named not in (*survey.spec.populations, NONE):
        at: Path_ = ("populations", claim.population, "surveys", check.survey)
        yield _unknown(document, at, named, survey.spec.populations)
    for k, cell in enumerate((Cell(), *check.alternatives)):
        inner = path if k == 0 else (*path, "alternatives", k - 1)
        yield from _cell_problems(document, inner, survey, check, cell)
    if check.times:
        yield from _times(document, (*path, "times"), check.times, quantities)
    yield from _words(document, path, claim, check)
    if check.indicator in survey.spec.indicators:
        yield from _units(document, path, claim, check, survey, quantities)


def _unknown(document: Document, path: Path_, name: str, known: Mapping[str, object]) -> Problem:
    return Problem(document.place(path), f"there is no {quoted(name)}", nearest(name, known),
                   "correct the name")  # fmt: skip


def _cell_problems(
    document: Document, path: Path_, survey: Survey, check: EstimateCheck, cell: Cell
) -> Iterator[Problem]:
    asked = check.model_copy(update={k: v for k, v in cell.model_dump().items()
                                     if v and k != "why"})  # fmt: skip
    spec = survey.spec
    if asked.indicator not in spec.indicators:
        yield _unknown(document, (*path, "indicator"), asked.indicator, spec.indicators)
        return
    if asked.domain != WHOLE and asked.domain not in spec.domains:
        yield _unknown(document, (*path, "domain"), asked.domain, spec.domains)
        return
    waves = dict.fromkeys(survey.waves_of(asked.indicator))
    for key, wave in (("wave", asked.wave), ("from", asked.start)):
        if wave and wave not in waves:
            yield _unknown(document, (*path, key), wave, waves)
    levels = {WHOLE: ""} if asked.domain == WHOLE else survey.levels(asked.domain)
    for key, value in (("group", asked.group), ("than", asked.than)):
        if value and value not in levels:
            yield _unknown(document, (*path, key), value, levels)
    categories = survey.categories(asked.indicator)
    if asked.category not in categories:
        yield _unknown(document, (*path, "category"), asked.category, categories)
    yield from _parts(document, path, asked)
    when = resolved(check, cell, survey).wave
    if (
        asked.domain != WHOLE
        and when in survey.waves
        and asked.domain not in survey.domains_in(when)
    ):
        yield Problem(document.place((*path, "domain")), f"{asked.domain} is not formed in {when}",
                      "a wave that has the domain", "name another wave or domain")  # fmt: skip


def _parts(document: Document, path: Path_, check: EstimateCheck) -> Iterator[Problem]:
    """What each quantity needs, and nothing it does not use."""
    needs = {"change": ("start",), "relative_change": ("start",), "difference": ("than",),
             "ratio": ("than",)}.get(check.quantity, ())  # fmt: skip
    for key, typed in (("start", "from"), ("than", "than")):
        given = bool(getattr(check, key))
        if given != (key in needs):
            verb = "does not use" if given else "needs"
            yield Problem(document.place(path), f"quantity: {check.quantity} {verb} {typed}", "",
                          f"{'remove' if given else 'add'} {typed}:")  # fmt: skip
    if check.quantity == "rank" and WHOLE in (check.domain, check.group):
        yield Problem(document.place(path), "quantity: rank needs a domain and a group", "",
                      "add domain: and group:")  # fmt: skip
    if check.complement == "yes" and check.quantity != "level":
        yield Problem(document.place(path), f"complement: yes with quantity: {check.quantity}",
                      "with a level only", "turn the sign of the figure")  # fmt: skip


def _times(
    document: Document, path: Path_, text: str, quantities: Mapping[str, Quantity]
) -> Iterator[Problem]:
    try:
        formula = parse_formula(text)
        unknown = [n for n in formula.names if n not in quantities]
        if unknown:
            yield Problem(document.place(path), f"{unknown[0]} is no constant",
                          nearest(unknown[0], quantities), "correct the name")  # fmt: skip
        elif formula.relation:
            yield Problem(document.place(path), "a relation", "a factor, as adultes or 1 / 7",
                          "write a factor")  # fmt: skip
        else:
            formula.evaluate(quantities)
    except FormulaError as e:
        yield Problem(document.place(path), f"{quoted(text)}: {e}", "a factor, as adultes",
                      "correct the formula")  # fmt: skip


def _words(
    document: Document, path: Path_, claim: Claim, check: EstimateCheck
) -> Iterator[Problem]:
    """A figure of the kind that the quantity is."""
    if check.figure not in claim.figures:
        return
    try:
        said = stated(claim.figures[check.figure], claim.unit)
    except StatedError:
        return
    if (said.relation == "rank") != (check.quantity == "rank"):
        yield Problem(document.place(path),
                      f"{quoted(claim.figures[check.figure])} with quantity: {check.quantity}",
                      "a place (« première », « 3e ») with quantity: rank, and only there",
                      "correct quantity: or says:")  # fmt: skip
    if said.relation == "date":
        yield Problem(document.place(path), "a date has no estimate", "published or quoted",
                      "check it otherwise")  # fmt: skip


def _units(
    document: Document, path: Path_, claim: Claim, check: EstimateCheck, survey: Survey,
    quantities: Mapping[str, Quantity],
) -> Iterator[Problem]:  # fmt: skip
    """A figure in the unit that the estimate has, so that 13 million is not held against 25 %."""
    try:
        said = stated(claim.figures[check.figure], claim.unit).unit
        dims, kinds = _expected(check, survey, quantities)
    except (StatedError, FormulaError, KeyError):
        return  # told elsewhere
    if said.dims != dims or said.kind not in kinds:
        yield Problem(document.place(path),
                      f"{quoted(claim.figures[check.figure])} against {check.indicator}, "
                      f"quantity: {check.quantity}",
                      f"a figure in {' or '.join(_NAMES[k] for k in kinds)}",
                      "correct says:, unit: or quantity:, or add times: (a cited population)",
                      )  # fmt: skip


_NAMES = {"share": "per cent", "points": "points", "count": "units or times",
          "quantity": "a unit of measure"}  # fmt: skip


def _expected(
    check: EstimateCheck, survey: Survey, quantities: Mapping[str, Quantity]
) -> tuple[Dims, tuple[str, ...]]:
    """The dimensions of what a check estimates, and the kinds of figure that say it."""
    if check.quantity == "rank" or (check.quantity == "ratio" and not check.times):
        return (), ("count",)
    if check.quantity == "relative_change":
        return (), ("share",)
    own = unit(survey.unit(check.indicator))
    dims = own.dims
    if check.times:
        factor = parse_formula(check.times).evaluate(quantities).left
        dims = times(dims, factor.dims)
        return dims, ("quantity",) if dims else ("count", "share", "points")
    if survey.percent(check.indicator):
        return (), ("share", "points")
    return dims, ("quantity",) if dims else ("count",)
