"""What must hold between the parts of a definition. Each check yields problems; none raises."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analysis.definition.models import Indicator, Variable, WaveFile
from analysis.definition.survey import Survey, span
from analysis.definition.texts import clean
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
    """Every contradiction of a definition whose files are each well formed."""
    checker = _Checker(survey, documents)
    yield from checker.identity(folder)
    yield from checker.columns()
    spans = list(checker.spans())
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
    yield from checker.domains()
    yield from checker.waves()


class _Checker:
    """The survey, and where its parts stand in the files."""

    def __init__(self, survey: Survey, documents: dict[str, Document]) -> None:
        self.survey, self.spec = survey, survey.spec
        self.documents = documents
        self.codes = {
            k: None if v.numeric else tuple(v.categories) for k, v in self.spec.variables.items()
        }
        d = self.spec.design
        self.design_columns = {c for c in (d.strata, d.clusters, d.fpc) if c}
        self.reserved = {"id", "weight", *self.design_columns}

    def at(self, *path: str | int) -> str:
        return self.documents["survey.yml"].place(path)

    def identity(self, folder: str) -> Iterator[Problem]:
        if self.spec.survey != folder:
            yield Problem(
                self.at("survey"),
                f'the survey is "{self.spec.survey}"',
                f'"{folder}", the name of its folder',
                f"write survey: {folder}",
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
                if code in MISSING_KINDS or not code.replace("_", "").isalnum():
                    yield Problem(
                        self.at("variables", name, "categories", code),
                        f'"{code}" cannot be a category',
                        "letters, digits and _, no kind of missing",
                        "choose another code",
                    )

    def columns(self) -> Iterator[Problem]:
        """One variable a raw column: two readings of the same answer would drift apart."""
        seen = {self.spec.id: "id", self.spec.weight: "weight"}
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
            for code, category in v.categories.items() if v.type == "derived" else ():
                for read in _names_of(category.when):
                    if read in self.spec.variables and read not in before:
                        yield Problem(
                            self.at("variables", name, "categories", code, "when"),
                            f"{name} reads {read}, which is not declared before it",
                            "variables declared above",
                            f"move {read} above {name}",
                        )
            before.add(name)

    def spans(self) -> Iterator[Problem]:
        for path, text in _span_texts(self.survey):
            try:
                span(text, tuple(self.survey.waves))
            except ValueError as e:
                yield Problem(
                    self.at(*path),
                    str(e),
                    "waves: " + ", ".join(self.survey.waves),
                    'write e.g. "2011-2019, 2022"',
                )

    def variable(self, name: str, v: Variable) -> Iterator[Problem]:
        path: Path_ = ("variables", name)
        if (v.type == "derived") == bool(v.column):
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
                "categories unless numeric",
                "add categories: or type: numeric",
            )
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
        yield from self.variable_waves(name, v)

    def variable_waves(self, name: str, v: Variable) -> Iterator[Problem]:
        """In each of its waves: what it is derived from, and what its universe reads."""
        for wave in self.survey.span(v.waves):
            if self.survey.at(v.universe, wave) is None:
                yield Problem(
                    self.at("variables", name, "universe"),
                    f"no universe in {wave}",
                    "one for every wave of the variable",
                    f"add {wave}: …",
                )
            population = self.spec.populations.get(self.survey.universe(name, wave) or "all")
            read = [n for c in v.categories.values() for n in _names_of(c.when)]
            read += _names_of(population.when) if population else []
            for absent in self._absent(list(dict.fromkeys(read)), wave):
                yield Problem(
                    self.at("variables", name, "waves"),
                    f"{name} needs {absent}, which is not in wave {wave}",
                    f"the waves of {absent}: {self.spec.variables[absent].waves}",
                    f"shorten the waves of {name} or extend those of {absent}",
                )

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
            found = faults(parse(text), self.codes)
        except ExpressionError as e:
            yield explain(self.at(*path), text, e)
            return
        for fault in found:
            yield Problem(self.at(*path), fault, "", f"correct the expression: {text}")

    def indicator(self, name: str, i: Indicator) -> Iterator[Problem]:
        path: Path_ = ("indicators", name)
        if i.theme not in self.spec.themes:
            yield Problem(
                self.at(*path, "theme"),
                f'"{i.theme}" is not a theme',
                nearest(i.theme, self.spec.themes),
                "declare it under themes:",
            )
        yield from self.populations((*path, "population"), i.population)
        if (i.measure == "proportion") != bool(i.numerator) or bool(i.numerator) == bool(
            i.variable
        ):
            yield Problem(
                self.at(*path),
                f"measure {i.measure}, numerator {i.numerator!r}, variable {i.variable!r}",
                "numerator: for a proportion, else variable:",
                "write the one that fits",
            )
            return
        numeric = self.codes.get(i.variable, ()) is None
        if i.variable and (i.variable not in self.codes or numeric != (i.measure == "mean")):
            yield Problem(
                self.at(*path, "variable"),
                f'"{i.variable}" does not fit a {i.measure}',
                "a numeric variable for a mean, categories for a distribution",
                nearest(i.variable, self.codes),
            )
            return
        wrong = list(self.expression((*path, "numerator"), i.numerator))
        yield from wrong
        if not wrong:
            yield from self.indicator_waves(name, i)

    def indicator_waves(self, name: str, i: Indicator) -> Iterator[Problem]:
        for wave in self.survey.span(i.waves):
            population = self.survey.at(i.population, wave)
            if population is None:
                yield Problem(
                    self.at("indicators", name, "population"),
                    f"no population in {wave}",
                    "one for every wave",
                    f"add {wave}: …",
                )
                continue
            read = [*self.survey.reads(name)]
            if population in self.spec.populations and (
                when := self.spec.populations[population].when
            ):
                read += _names_of(when)
            for absent in self._absent(read, wave):
                yield Problem(
                    self.at("indicators", name, "waves"),
                    f"{absent} is not in wave {wave}",
                    f"the waves of {absent}: {self.spec.variables[absent].waves}",
                    "shorten the indicator's waves or extend the variable's",
                )

    def _absent(self, read: list[str], wave: str) -> list[str]:
        """Variables that a wave lacks, derived ones looked through."""
        out = []
        for name in read:
            v = self.spec.variables.get(name)
            if v is None:
                continue
            if wave not in self.survey.span(v.waves):
                out.append(name)
            elif v.type == "derived":
                inner = [n for c in v.categories.values() for n in _names_of(c.when)]
                out += self._absent(list(dict.fromkeys(inner)), wave)
        return list(dict.fromkeys(out))

    def domains(self) -> Iterator[Problem]:
        for name, domain in self.spec.domains.items():
            if self.codes.get(domain.variable) is None:
                yield Problem(
                    self.at("domains", name, "variable"),
                    f'"{domain.variable}" is not a variable with categories',
                    nearest(domain.variable, self.codes),
                    "name one that has categories",
                )
                continue
            for wave in self.survey.span(domain.waves):
                for absent in self._absent([domain.variable], wave):
                    yield Problem(
                        self.at("domains", name),
                        f"{absent} is not in wave {wave}",
                        "",
                        "shorten the domain's waves",
                    )

    def waves(self) -> Iterator[Problem]:
        for wave, w in self.survey.waves.items():
            document = self.documents[f"waves/{wave}.yml"]
            if not re.fullmatch(r"\w+", wave):
                yield Problem(
                    document.place(("wave",)),
                    f"{quoted(wave)} cannot name a wave",
                    "letters, digits and _ (a - makes a range of waves)",
                    "rename the wave and its file",
                )
            if w.file not in self.spec.data.files:
                yield Problem(
                    document.place(("file",)),
                    f'"{w.file}" is not a file of the survey',
                    nearest(w.file, self.spec.data.files),
                    "declare it under data.files:",
                )
            first = next(k for k, other in self.survey.waves.items() if other.file == w.file)
            if w.dialect != self.survey.waves[first].dialect:
                yield Problem(
                    document.place(("dialect",)),
                    f"{w.file} has another dialect in waves/{first}.yml",
                    "one dialect a file",
                    "write the same dialect: in both",
                )
            yield from self.wave_keys(w, document)

    def wave_keys(self, w: WaveFile, document: Document) -> Iterator[Problem]:
        """Names that a wave's file uses and survey.yml does not know."""
        variables = self.spec.variables
        for part, keys in (("recode", w.recode), ("filled", w.filled)):
            for key in (k for k in keys if k not in variables):
                yield Problem(
                    document.place((part, key)),
                    f'"{key}" is not a variable',
                    nearest(key, variables),
                    "correct the name",
                )
        columns = {v.column for v in variables.values()} | {self.spec.id, self.spec.weight}
        columns = (columns | self.design_columns) - {""}
        for key in (k for k in w.rename if k not in columns):
            yield Problem(
                document.place(("rename", key)),
                f'"{key}" is no column of survey.yml',
                nearest(key, columns),
                "correct the name",
            )
        for key, recode in w.recode.items():
            known = {*(self.codes.get(key) or ()), *MISSING_KINDS}
            for text, code in ((t, c) for t, c in recode.items() if c not in known):
                yield Problem(
                    document.place(("recode", key, text)),
                    f'"{code}" is not a category of {key}',
                    nearest(code, known),
                    "write one of its categories or a kind of missing",
                )


def _names_of(when: str) -> list[str]:
    """The variables an expression reads; none when it is empty or faulty (said elsewhere)."""
    try:
        tree: Expression = parse(when)
    except ExpressionError:
        return []
    return list(names(tree))


def _span_texts(survey: Survey) -> Iterator[tuple[Path_, str]]:
    """Every place where a definition names waves."""
    spec = survey.spec
    for name, v in spec.variables.items():
        yield ("variables", name, "waves"), v.waves
        for i, c in enumerate(v.corrections):
            yield ("variables", name, "corrections", i, "waves"), c.waves
        for i, f in enumerate(v.filled):
            yield ("variables", name, "filled", i, "waves"), f.waves
        if isinstance(v.universe, dict):
            yield from ((("variables", name, "universe", k), k) for k in v.universe)
    for name, indicator in spec.indicators.items():
        yield ("indicators", name, "waves"), indicator.waves
        for key in ("breaks", "not_comparable"):
            yield from (
                (("indicators", name, key, n), b.wave)
                for n, b in enumerate(getattr(indicator, key))
            )
        if isinstance(indicator.population, dict):
            yield from ((("indicators", name, "population", k), k) for k in indicator.population)
    yield from ((("domains", name, "waves"), d.waves) for name, d in spec.domains.items())
    yield from ((("breaks", n), b.wave) for n, b in enumerate(spec.breaks))
