"""What must hold between the parts of a definition. Each check yields problems; none raises."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.definition.fiches import fiche_faults
from analysis.definition.keychecks import (
    date_faults,
    key_faults,
    made_from,
    measure_faults,
    several_faults,
    too_many,
)
from analysis.definition.models import Comparable, Indicator, Variable
from analysis.definition.rulechecks import RuleChecks
from analysis.definition.secrecychecks import secrecy_faults
from analysis.definition.survey import Survey
from analysis.definition.textchecks import (
    LONGEST_NAME,
    PLAIN,
    name_faults,
    names_files,
    place_faults,
    text_faults,
)
from analysis.definition.texts import clean
from analysis.definition.wavechecks import Parts, WaveChecks, names_of
from analysis.definition.weightchecks import WeightChecks
from analysis.definition.yamltext import Document, Path_
from analysis.errors import Problem, nearest, quoted
from analysis.expressions import (
    MISSING_KINDS,
    Expression,
    ExpressionError,
    explain,
    faults,
    names,
    parse,
)


def check_survey(survey: Survey, folder: str, documents: dict[str, Document]) -> Iterator[Problem]:
    """Every contradiction of a definition whose files are each well formed, once."""
    yield from dict.fromkeys(_contradictions(survey, folder, documents))


def _contradictions(
    survey: Survey, folder: str, documents: dict[str, Document]
) -> Iterator[Problem]:
    checker = _Checks(survey, documents)
    yield from checker.identity(folder)
    yield from checker.columns()
    yield from text_faults(documents)
    yield from name_faults(documents["survey.yml"])
    yield from place_faults(survey.spec, documents["survey.yml"])
    named = list(checker.by_wave.names())
    yield from named
    if named:
        return
    spans = list(checker.by_wave.spans())
    order = list(checker.order())
    yield from (*spans, *order)
    if spans or order:
        return  # what follows needs to know which waves are meant, and what is made of what
    for name, variable in survey.spec.variables.items():
        yield from checker.variable(name, variable)
    for name, population in survey.spec.populations.items():
        yield from checker.expression(("populations", name, "when"), population.when)
    for name, indicator in survey.spec.indicators.items():
        yield from checker.indicator(name, indicator)
    for name, several in survey.multiples.items():
        yield from several_faults(checker.at, name, several)
    yield from checker.comparable(("comparable",), survey.spec.comparable)
    yield from checker.by_wave.domains()
    yield from checker.by_wave.waves()
    yield from RuleChecks(survey, documents).rules()
    weights = WeightChecks(survey, documents)
    yield from weights.frame()
    yield from weights.weightings()
    yield from fiche_faults(checker.at, survey)
    yield from secrecy_faults(checker.at, survey)


class _Checks(Parts):
    """The checks of survey.yml in itself; ``by_wave`` takes them on to each wave."""

    def __init__(self, survey: Survey, documents: dict[str, Document]) -> None:
        super().__init__(survey, documents)
        self.by_wave = WaveChecks(survey, documents)
        self.reserved = {"id", "weight", *self.design_columns}

    def identity(self, folder: str) -> Iterator[Problem]:
        if self.spec.survey != folder:
            yield Problem(
                self.at("survey"),
                f'the survey is "{self.spec.survey}"',
                f'"{folder}", the name of its folder',
                f"write survey: {folder}",
            )
        if not names_files(folder):
            yield Problem(
                self.at("survey"),
                f"{quoted(folder)} cannot name a survey",
                PLAIN,
                "rename the folder, and write its name",
            )
        for name, variable in self.spec.variables.items():
            if name in MISSING_KINDS or not name.isidentifier():
                yield Problem(
                    self.at("variables", name),
                    f'"{name}" cannot name a variable',
                    "letters, digits and _, no kind of missing",
                    "choose another name",
                )
            if name in self.reserved:
                yield Problem(
                    self.at("variables", name),
                    f'"{name}" names another column of the harmonised file',
                    f"none of {', '.join(sorted(self.reserved))}",
                    "choose another name",
                )
            for code in variable.categories:
                plain = code.replace("_", "").isalnum() and len(code) <= LONGEST_NAME
                if code in MISSING_KINDS or not plain:
                    yield Problem(
                        self.at("variables", name, "categories", code),
                        f"{quoted(code)} cannot be a category",
                        f"letters, digits and _, {LONGEST_NAME} at most, no kind of missing",
                        "choose another code",
                    )

    def columns(self) -> Iterator[Problem]:
        """One variable a raw column: two readings of the same answer would drift apart."""
        seen = {self.spec.weight_column: "weight", self.spec.id: "id"}
        for name, v in self.spec.variables.items():
            if v.column and v.column in seen:
                yield Problem(
                    self.at("variables", name, "column"),
                    f"{v.column} is read by {seen[v.column]} already",
                    "one variable a column",
                    f"derive {name} from {seen[v.column]}: type: derived",
                )
            seen.setdefault(v.column, name)

    def order(self) -> Iterator[Problem]:
        """A derived variable reads what stands before it: nothing is made of itself."""
        before: set[str] = set()
        for name, v in self.spec.variables.items():
            for path, text in made_from(v):
                for read in [text] if text.isidentifier() else names_of(text):
                    if read in self.spec.variables and read not in before:
                        yield Problem(
                            self.at("variables", name, *path),
                            f"{name} reads {read}, which is not declared before it",
                            "variables declared above",
                            f"move {read} above {name}",
                        )
            before.add(name)

    def variable(self, name: str, v: Variable) -> Iterator[Problem]:
        path: Path_ = ("variables", name)
        if v.made == bool(v.column):
            yield Problem(
                self.at(*path),
                f"type {v.type} and column {v.column!r}",
                "a column, or type: derived",
                "add column: or type: derived",
            )
        if v.numeric == bool(v.categories):
            yield Problem(
                self.at(*path),
                f"type {v.type} with {len(v.categories)} categories",
                "categories unless numeric, date or index",
                "add categories: or type: numeric",
            )
        if name not in self.part_of:
            yield from key_faults(self.at, path, v)
        yield from date_faults(self.at, path, v)
        if v.type == "index":
            yield from self.index(path, v)
        for code, category in v.categories.items():
            place = (*path, "categories", code)
            if v.type == "derived":
                yield from self.expression((*place, "when"), category.when, required=True)
            elif category.when:
                yield Problem(
                    self.at(*place, "when"),
                    f"when: in a variable of type {v.type}",
                    "raw: the texts of the file",
                    "remove when:, or write type: derived and no column:",
                )
        yield from self.populations((*path, "universe"), v.universe)
        yield from self.recodes(path, v)
        yield from self.by_wave.variable(name, v)

    def recodes(self, path: Path_, v: Variable) -> Iterator[Problem]:
        known = {*v.categories, *MISSING_KINDS}
        for i, correction in enumerate(v.corrections):
            for text, code in correction.recode.items():
                if code not in known:
                    yield Problem(
                        self.at(*path, "corrections", i, "recode", text),
                        f'"{code}" is not a category',
                        nearest(code, known),
                        "write one of the variable's categories or a kind of missing",
                    )
        seen = {
            clean(text): kind
            for missing in (self.spec.missing, v.missing)
            for kind in MISSING_KINDS
            for text in getattr(missing, kind)
        }
        for code, category in v.categories.items():
            for text in map(clean, category.texts if v.type != "derived" else ()):
                if text in seen:
                    yield Problem(
                        self.at(*path, "categories", code),
                        f"{quoted(text)} is read as {seen[text]} and as {code}",
                        "one meaning a text",
                        "correct raw: or missing:",
                    )
                seen[text] = code

    def populations(self, path: Path_, value: str | dict[str, str]) -> Iterator[Problem]:
        for name in [value] if isinstance(value, str) else value.values():
            if name != "all" and name not in self.spec.populations:
                yield Problem(
                    self.at(*path),
                    f'"{name}" is not a population',
                    nearest(name, self.spec.populations),
                    "declare it under populations:",
                )

    def expression(self, path: Path_, text: str, required: bool = False) -> Iterator[Problem]:
        if not text:
            if required:
                yield Problem(self.at(*path), "an expression is missing", "", "add when: …")
            return
        try:
            tree = parse(text)
            found = faults(tree, self.codes, self.survey.dates)
        except ExpressionError as e:
            yield explain(self.at(*path), text, e)
            return
        for fault in found:
            remedy = f"correct the expression: {text}"
            yield Problem(self.at(*path), fault, self.meant(tree), remedy)

    def meant(self, tree: Expression) -> str:
        """The parts of a multiple answer that an expression names as a whole."""
        for name in (n for n in names(tree) if n in self.survey.multiples):
            parts = [part for part, (whole, _) in self.part_of.items() if whole == name]
            return f"{name} is {self.survey.multiples[name].type}: one of {', '.join(parts[:8])}"
        return ""

    def index(self, path: Path_, v: Variable) -> Iterator[Problem]:
        """Items are expressions or numbers, as the rule allows, and there are enough of them."""
        if not v.items or not v.rule:
            yield Problem(
                self.at(*path),
                f"an index with {len(v.items)} items and rule {v.rule!r}",
                "items: and rule: sum, mean, count or share",
                "add what is missing",
            )
        for code, item in v.items.items():
            place = (*path, "items", code)
            if not item.value.isidentifier():
                yield from self.expression(place, item.value, required=True)
            elif self.codes.get(item.value, ()) is not None or item.value in self.survey.dates:
                numeric = [k for k, c in self.codes.items() if c is None]
                yield Problem(
                    self.at(*place),
                    f'"{item.value}" is not a numeric variable',
                    nearest(item.value, numeric),
                    "name one, or write an expression, as: achat == oui",
                )
            elif v.rule in ("count", "share"):
                yield Problem(
                    self.at(*place),
                    f"{item.value} is a number, and rule: {v.rule} counts what is true",
                    "an expression",
                    f"write e.g. {item.value} > 0, or rule: sum",
                )
        yield from too_many(self.at, path, v.at_least, len(v.items))

    def comparable(self, path: Path_, groups: tuple[Comparable, ...]) -> Iterator[Problem]:
        """Each wave is in one group at most."""
        seen: dict[str, int] = {}
        for n, group in enumerate(groups):
            for wave in self.survey.span(group.waves):
                if wave in seen:
                    yield Problem(
                        self.at(*path, n, "waves"),
                        f"{wave} is in the group of {groups[seen[wave]].waves} already",
                        "each wave in one group",
                        "take it out of one of them",
                    )
                seen.setdefault(wave, n)

    def indicator(self, name: str, i: Indicator) -> Iterator[Problem]:
        path: Path_ = ("indicators", name)
        if i.theme not in self.spec.themes:
            yield Problem(
                self.at(*path, "theme"),
                f'"{i.theme}" is not a theme',
                nearest(i.theme, self.spec.themes),
                "declare it under themes:",
            )
        yield from self.split_by(path, i)
        yield from self.populations((*path, "population"), i.population)
        yield from self.comparable((*path, "comparable"), i.comparable)
        wrong = [*measure_faults(self.at, path, i), *self.measured(path, i)]
        yield from wrong
        if not wrong:
            yield from self.by_wave.indicator(name, i)

    def split_by(self, path: Path_, i: Indicator) -> Iterator[Problem]:
        """The domains that an indicator is published by are domains of the survey."""
        for n, domain in enumerate(i.domains or ()):
            if domain not in self.spec.domains:
                yield Problem(
                    self.at(*path, "domains", n),
                    f'"{domain}" is not a domain',
                    nearest(domain, self.spec.domains),
                    "declare it under domains:, or remove it here",
                )

    def measured(self, path: Path_, i: Indicator) -> Iterator[Problem]:
        """What an indicator measures is of the kind that its measure needs."""
        if i.measure == "proportion":
            yield from self.expression((*path, "numerator"), i.numerator)
        for n, item in enumerate(i.items if i.measure == "battery" else ()):
            yield from self.expression((*path, "items", n), item, required=True)
        numeric = [k for k, c in self.codes.items() if c is None and k not in self.survey.dates]
        coded = [k for k, c in self.codes.items() if c is not None]
        several = list(self.survey.multiples)
        needs = {
            "distribution": (coded, "a variable with categories"),
            "mean": (numeric, "a numeric variable"),
            "quantile": (numeric, "a numeric variable"),
            "ratio": (numeric, "numeric variables"),
            "proportion": (coded, ""),
        }
        known, expected = needs.get(i.measure, (several, "a multiple or ranked variable"))
        keys = ("numerator", "denominator") if i.measure == "ratio" else ("variable",)
        for key in keys:
            value = getattr(i, key)
            if value and value not in known and i.measure != "proportion":
                yield Problem(
                    self.at(*path, key),
                    f'"{value}" does not fit a {i.measure}',
                    f"{expected}; {nearest(value, known)}",
                    "name one that fits, or correct measure:",
                )
