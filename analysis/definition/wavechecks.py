"""What must hold wave by wave, and in the files of the waves. Each check yields problems."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from analysis.definition.expand import origins
from analysis.definition.models import Domain, Indicator, Variable, WaveFile
from analysis.definition.survey import Survey, span
from analysis.definition.textchecks import file_faults
from analysis.definition.tiles import tile_faults
from analysis.definition.yamltext import Document, Path_
from analysis.errors import Problem, nearest, quoted
from analysis.expressions import MISSING_KINDS, Expression, ExpressionError, names, parse

WHOLE = "ensemble"  # the domain of everybody


class Parts:
    """The survey, and where its parts stand in the files."""

    def __init__(self, survey: Survey, documents: dict[str, Document]) -> None:
        self.survey, self.spec = survey, survey.spec
        self.documents = documents
        self.codes = {
            k: None if v.numeric else tuple(v.categories) for k, v in self.spec.variables.items()
        }
        self.part_of = origins(survey.multiples)
        d = self.spec.design
        self.design_columns = {c for c in (d.strata, d.clusters, d.fpc) if c}

    def at(self, *path: str | int) -> str:
        """Where a key of survey.yml stands; for a part of a multiple answer, where that does."""
        if path[0] == "variables" and len(path) > 1 and path[1] in self.part_of:
            whole, item = self.part_of[str(path[1])]
            inside = ("items", item) if item and path[2:] in ((), ("column",)) else ()
            path = ("variables", whole, *inside, *path[2:])
        return self.documents["survey.yml"].place(path)


class WaveChecks(Parts):
    """The checks that read which waves a part of the survey is in."""

    def spans(self) -> Iterator[Problem]:
        """Every text that names waves names waves of the survey."""
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
        """In each of its waves: what it is derived from, and what its universe reads."""
        for wave in self.in_waves(v.waves, "variables", name):
            if self.survey.at(v.universe, wave) is None:
                yield Problem(
                    self.at("variables", name, "universe"),
                    f"no universe in {wave}",
                    "one for every wave of the variable",
                    f"add {wave}: …",
                )
            population = self.spec.populations.get(self.survey.universe(name, wave) or "all")
            read = reads_of(v)
            read += names_of(population.when) if population else []
            for absent in self.absent(list(dict.fromkeys(read)), wave):
                yield Problem(
                    self.at("variables", name, "waves"),
                    f"{name} needs {absent}, which is not in wave {wave}",
                    f"the waves of {absent}: {self.spec.variables[absent].waves}",
                    f"shorten the waves of {name} or extend those of {absent}",
                )

    def indicator(self, name: str, i: Indicator) -> Iterator[Problem]:
        """In each of its waves: a population, and whatever the indicator reads."""
        for wave in self.in_waves(i.waves, "indicators", name):
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
                read += names_of(when)
            for absent in self.absent(read, wave):
                yield Problem(
                    self.at("indicators", name, "waves"),
                    f"{absent} is not in wave {wave}",
                    f"the waves of {absent}: {self.spec.variables[absent].waves}",
                    "shorten the indicator's waves or extend the variable's",
                )

    def in_waves(self, text: str, part: str, name: str) -> Iterator[str]:
        """The waves of a span, but for those whose own file leaves ``name`` out."""
        for wave in self.survey.span(text):
            if name not in getattr(self.survey.left_out(wave), part):
                yield wave

    def absent(self, read: list[str], wave: str) -> list[str]:
        """Variables that a wave lacks, derived ones looked through."""
        out = []
        for name in read:
            v = self.spec.variables.get(name)
            if v is None:
                continue
            if wave not in self.survey.span(v.waves) and name not in self.survey.waves[wave].asked:
                out.append(name)
            elif v.made:
                out += self.absent(reads_of(v), wave)
        return list(dict.fromkeys(out))

    def domains(self) -> Iterator[Problem]:
        """A domain is a variable with categories, or several, in each of its waves."""
        for name, domain in self.spec.domains.items():
            wrong = list(self.domain(name, domain))
            yield from wrong
            if wrong:
                continue
            yield from tile_faults(
                self.at, ("domains", name, "tiles"), domain.tiles, self.survey.levels(name),
                crossed=bool(domain.variables),
            )  # fmt: skip
            for wave in self.in_waves(domain.waves, "domains", name):
                for absent in self.absent(list(domain.crossed), wave):
                    yield Problem(
                        self.at("domains", name),
                        f"{absent} is not in wave {wave}",
                        "",
                        "shorten the domain's waves",
                    )

    def domain(self, name: str, domain: Domain) -> Iterator[Problem]:
        """The variables of one domain."""
        if name == WHOLE:
            yield Problem(
                self.at("domains", name),
                f'"{name}" is the whole population',
                "another name",
                "rename the domain",
            )
        if bool(domain.variable) == bool(domain.variables) or len(domain.variables) == 1:
            yield Problem(
                self.at("domains", name),
                f"variable {domain.variable!r} and {len(domain.variables)} variables",
                "variable:, or two or more variables: to cross",
                "write one of the two",
            )
            return
        key = "variables" if domain.variables else "variable"
        for n, read in enumerate(domain.crossed):
            if self.codes.get(read) is None:
                known = [k for k, codes in self.codes.items() if codes is not None]
                yield Problem(
                    self.at("domains", name, key, *([n] if domain.variables else [])),
                    f'"{read}" is not a variable with categories',
                    nearest(read, known),
                    "name one that has categories",
                )
        for n, read in enumerate(domain.variables):
            if read in domain.variables[:n]:
                yield Problem(
                    self.at("domains", name, key, n),
                    f"{read} is crossed with itself",
                    "each variable once",
                    "name another variable",
                )
        for n, read in enumerate(domain.proper):
            if read not in domain.crossed:
                yield Problem(
                    self.at("domains", name, "proper", n),
                    f'"{read}" is no variable of the domain',
                    nearest(read, domain.crossed),
                    "correct the name",
                )

    def names(self) -> Iterator[Problem]:
        """Waves whose names could not be written in a span, or lead to another folder."""
        for wave in self.survey.waves:
            if not re.fullmatch(r"\w{1,40}", wave):
                yield Problem(
                    self.documents[f"waves/{wave}.yml"].place(("wave",)),
                    f"{quoted(wave)} cannot name a wave",
                    "letters, digits and _, 40 at most (a - makes a range of waves)",
                    "rename the wave and its file",
                )

    def waves(self) -> Iterator[Problem]:
        """What a wave's file says of itself, and of the raw file that it reads."""
        for wave, w in self.survey.waves.items():
            document = self.documents[f"waves/{wave}.yml"]
            if w.edition:
                yield from file_faults(document.place(("file",)), w.file)
            if w.file not in self.survey.files:
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
        named: dict[str, Iterable[str]] = {
            "recode": [k for k in w.recode if k != "all"],
            "filled": w.filled,
            "not_asked": w.not_asked,
            "asked": w.asked,
            "universe": w.universe,
            "outside": w.outside,
        }
        several = self.survey.multiples
        for part, keys in named.items():
            known_here = {*variables, *(several if part == "recode" else ())}
            for key in (k for k in keys if k not in known_here):
                yield Problem(
                    document.place((part, key)),
                    f'"{key}" is not a variable',
                    nearest(key, variables),
                    "correct the name",
                )
        yield from self.arrival_keys(w, document)
        columns = {v.column for v in variables.values()} | {self.spec.id, self.spec.weight_column}
        columns = {self.survey.cut_columns.get(c, c) for c in columns}
        columns = (columns | self.design_columns) - {""}
        for key in (k for k in w.rename if k not in columns):
            yield Problem(
                document.place(("rename", key)),
                f'"{key}" is no column of survey.yml',
                nearest(key, columns),
                "correct the name",
            )
        for key, recode in w.recode.items():
            codes: Iterable[str] = ()
            if key == "all":
                codes = {c for v in variables.values() for c in v.categories}
            codes = several[key].items if key in several else codes
            known = {*(self.codes.get(key) or codes), *MISSING_KINDS}
            for text, code in ((t, c) for t, c in recode.items() if c not in known):
                yield Problem(
                    document.place(("recode", key, text)),
                    f'"{code}" is not a category of {key}',
                    nearest(code, known),
                    "write one of its categories or a kind of missing",
                )

    def arrival_keys(self, w: WaveFile, document: Document) -> Iterator[Problem]:
        """Waves, populations and indicators that a wave's file names."""
        earlier = [k for k in self.survey.waves if k < w.wave]
        if w.follows and w.follows not in earlier:
            found = f"{quoted(w.follows)} is no earlier wave"
            yield Problem(document.place(("follows",)), found, nearest(w.follows, earlier),
                          "name an earlier wave")  # fmt: skip
        for key, population in w.universe.items():
            if population != "all" and population not in self.spec.populations:
                yield Problem(
                    document.place(("universe", key)),
                    f'"{population}" is not a population',
                    nearest(population, self.spec.populations),
                    "write one of the populations of survey.yml, or all",
                )
        indicators = self.spec.indicators
        for part, keys in (("breaks", [k for k in w.breaks if k != "all"]),
                           ("no_break", w.no_break), ("without", w.without)):  # fmt: skip
            for key in (k for k in keys if k not in indicators):
                yield Problem(document.place((part, key)), f'"{key}" is not an indicator',
                              nearest(key, indicators), "correct the name")  # fmt: skip


def reads_of(v: Variable) -> list[str]:
    """The variables that a derived variable or an index is made of, each once."""
    texts = [c.when for c in v.categories.values()]
    texts += [item.value for item in v.items.values()]
    found = (n for t in texts for n in ([t] if t.isidentifier() else names_of(t)))
    return list(dict.fromkeys(found))


def names_of(when: str) -> list[str]:
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
    yield from ((("comparable", n, "waves"), g.waves) for n, g in enumerate(spec.comparable))
    for name, indicator in spec.indicators.items():
        yield from (
            (("indicators", name, "comparable", n, "waves"), g.waves)
            for n, g in enumerate(indicator.comparable)
        )
    yield from ((("rules", name, "waves"), r.waves) for name, r in spec.rules.items())
