"""One indicator for the explorer: every cell of every domain and wave, and its sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from analysis.briefing.book import Book
from analysis.briefing.figures import cuts
from analysis.briefing.sentences import capital, evolution
from analysis.errors import BaroError
from analysis.estimates import WHOLE
from analysis.explorer.words import fold, unfolded
from analysis.language import SOURCE, say, speaking, spoken
from analysis.wording import (
    NBSP,
    Estimate,
    Told,
    bare,
    bare_bounds,
    champ,
    colon,
    gap,
    integer,
    lecture,
    made,
    per_cent_sign,
    reads_alone,
    source,
    subtitle,
    typeset,
)

SEPARATOR, BETWEEN = "|", ";"  # of what a row holds, and of rows: no number holds them


# Stand for what a sentence tells, while a template is made of it: no definition may hold them.
_MARKS = {"value": "\x01", "low": "\x02", "high": "\x03", "group": "\x04", "wave": "\x05"}


@dataclass
class Templates:
    """Sentences without their values, each once."""

    known: dict[str, int] = field(default_factory=dict)

    def at(self, template: str) -> int:
        """The place of a template, a new one where it is not known."""
        return self.known.setdefault(template, len(self.known))


@dataclass(frozen=True)
class IndicatorCells:
    """The cells of one indicator by domain, wave and answer."""

    book: Book
    indicator: str
    cells: tuple[Estimate, ...]
    _made: dict[tuple[object, ...], str] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def levels(self) -> dict[str, list[str]]:
        """Domain -> its values, in the order of the definition; the whole population first."""
        domains = self.book.survey.spec.domains
        return {WHOLE: [WHOLE]} | {d: list(self.book.survey.levels(d)) for d in domains}

    @cached_property
    def answers(self) -> list[str]:
        """The categories; one unnamed for a proportion or a mean."""
        return list(self.book.survey.categories(self.indicator))

    def data(self) -> dict[str, object]:
        """All that the page needs once the indicator is picked.

        blocks : [domain, wave, answer, lowest, highest, rows], places in the lists of the index;
        lowest and highest are rows whose difference was tested and found significant, -1 and -1
        where it was not found so, -2 and -2 where nothing could be tested
        """
        templates = Templates()
        blocks = [self._block(key, cells, templates) for key, cells in self._blocks()]
        return {
            "blocks": blocks,
            "sentences": list(templates.known),
            "changes": [self._change(a) for a in self.answers],
            **self._traits(),
            **self._over_time(),
        }

    def words(self, source: IndicatorCells) -> dict[str, object]:
        """The same without the numbers, which the page takes from those of ``source``.

        source : the same cells in French
        sentences : one for each template of ``source``; apart : sentences of cells, by their
        places (domain/wave/answer/row), where the language does not follow those templates
        """
        with speaking(SOURCE):
            templates = Templates()
            places = {at: templates.at(source.template(c)) for at, c in source.published()}
        made = {at: self.template(cell) for at, cell in self.published()}
        alike = [Counter[str]() for _ in templates.known]
        for at, template in made.items():
            alike[places[at]][template] += 1
        sentences = [found.most_common(1)[0][0] for found in alike]
        apart = {
            at: unfolded(sentence(self.book, cell))
            for at, cell in self.published()
            if made[at] != sentences[places[at]]
        }
        said = {"sentences": sentences} | ({"apart": apart} if apart else {})
        changes = [self._change(a) for a in self.answers]
        return {**said, "changes": changes, **self._traits(), **self._over_time()}

    def published(self) -> Iterator[tuple[str, Estimate]]:
        """Place and cell of each value that is shown, in their order."""
        for (domain, wave, answer), known in self._blocks():
            at = "/".join(map(str, self._places(domain, wave, answer)))
            for n, level in enumerate(self.levels[domain]):
                cell = known.get(level)
                if cell is not None and cell.published:
                    yield f"{at}/{n}", cell

    def template(self, cell: Estimate) -> str:
        """The sentence of a cell with ``{value}``, ``{low}``, ``{group}``… for what it tells.

        Cells that differ by nothing else share it, so that a file holds each wording once, and
        one sentence is made for many cells.
        """
        alone = reads_alone(self.book.survey, cell)
        ends = cell.bounds is not None
        like = (cell.wave, cell.category, cell.whole, cell.fragile, cell.origin, ends, alone)
        if (key := (spoken(), *like)) not in self._made:
            low, high = (_MARKS["low"], _MARKS["high"]) if ends else ("", "")
            marks = Told(_MARKS["value"], low, high, _MARKS["group"], _MARKS["wave"], alone)
            self._made[key] = _with_names(sentence(self.book, cell, marks))
        return self._made[key]

    def _places(self, domain: str, wave: str, answer: str) -> tuple[int, int, int]:
        """Of a block, in the lists of the index."""
        waves = list(self.book.survey.waves)
        return (list(self.levels).index(domain), waves.index(wave), self.answers.index(answer))

    def _traits(self) -> dict[str, object]:
        """Unit, answers, who it is about, and which waves can be compared (places of waves)."""
        survey, name, waves = self.book.survey, self.indicator, list(self.book.survey.waves)
        answers = survey.categories(name)
        alone = survey.spec.indicators[name].not_comparable
        unit = f"{NBSP}{survey.unit(name)}".rstrip()
        return {
            "unit": per_cent_sign() if survey.percent(name) else unit,
            "percent": survey.percent(name),
            "answers": [[code, typeset(a.label)] for code, a in answers.items() if code],
            "about": self._about(),
            "segments": [[waves.index(w) for w in run] for run in survey.segments(name)],
            "breaks": [[waves.index(b.wave), typeset(b.label)] for b in survey.breaks(name)],
            "alone": [waves.index(b.wave) for b in alone if b.wave in waves],
        }

    def _about(self) -> list[list[object]]:
        """[first wave, subtitle, champ] of each run of waves with the same population."""
        survey, runs = self.book.survey, list[list[object]]()
        for wave in survey.waves_of(self.indicator):
            said = subtitle(survey, self.indicator, wave), champ(survey, self.indicator, wave)
            folded = [fold(text, {"wave": wave}) for text in said]
            if not runs or runs[-1][1:] != folded:
                runs.append([list(survey.waves).index(wave), *folded])
        return runs

    def _blocks(self) -> Iterator[tuple[tuple[str, str, str], dict[str, Estimate]]]:
        """(domain, wave, answer) and its cells by domain value, nobody left out."""
        order = sorted(self.cells, key=_block_of)
        for key, cells in groupby(order, key=_block_of):
            known = {c.domain_value: c for c in cells if c.n > 0}
            if known and key[0] in self.levels:
                yield key, known

    def _block(
        self, key: tuple[str, str, str], known: dict[str, Estimate], templates: Templates
    ) -> list[object]:
        levels = self.levels[key[0]]
        rows = (self._row(known[v], templates) if v in known else "" for v in levels)
        return [*self._places(*key), *self._tested(key[0], known), BETWEEN.join(rows)]

    def _tested(self, domain: str, known: dict[str, Estimate]) -> tuple[int, int]:
        try:
            found = gap([known[v] for v in self.levels[domain] if v in known])
        except BaroError:
            return -2, -2
        ends = (found.lowest.domain_value, found.highest.domain_value)
        low, high = (self.levels[domain].index(v) for v in ends)
        return (low, high) if found.significant else (-1, -1)

    def _row(self, cell: Estimate, templates: Templates) -> str:
        """Value as printed in prose and in tables, bounds, respondents, status, sentence."""
        status = "" if cell.status == "A" else cell.status
        if not cell.published or cell.estimate is None:
            return SEPARATOR.join(["", "", "", "", integer(cell.n), status, ""])
        survey, digits = self.book.survey, 0 if self.book.survey.percent(self.indicator) else 1
        brief, long = (bare(survey, self.indicator, cell.estimate, d) for d in (digits, 1))
        low, high = bare_bounds(survey, cell) or ("", "")
        place = str(templates.at(self.template(cell)))
        return SEPARATOR.join([brief, long, low, high, integer(cell.n), status, place])

    def _change(self, answer: str) -> str:
        """What happened over the latest run of comparable waves; "" where there is none."""
        known = {c.wave: c for c in self._whole(answer) if c.published and not c.fragile}
        alone = {b.wave for b in self.book.survey.spec.indicators[self.indicator].not_comparable}
        runs = (
            [known[w] for w in run if w in known]
            for run in self.book.survey.segments(self.indicator)
            if not alone.issuperset(run)
        )
        long = [run for run in runs if len(run) > 1]
        return evolution(self.book, long[-1][0], long[-1][-1], verb=False) if long else ""

    def _whole(self, answer: str) -> Sequence[Estimate]:
        return [c for c in self.cells if c.whole and c.category == answer]

    def _over_time(self) -> dict[str, object]:
        """What stands beside a figure of all waves, and the indicator's note."""
        book, waves = self.book, sorted({c.wave for c in self.cells})
        first, last = waves[0], waves[-1]
        period = _period(waves)
        measure = subtitle(book.survey, self.indicator, last).removesuffix(f", {last}")
        note = typeset(book.survey.spec.indicators[self.indicator].note)
        return {
            "measure": f"{measure}, {period}{book.stamp(*waves)}",
            "notes": [*cuts(book, [self.indicator]), *self._champs(waves)],
            "source": source(book.survey, (first, last), book.origins(waves)),
            "note": f"Note{colon()} {note}" if note else "",
        }

    def _champs(self, waves: Sequence[str]) -> list[str]:
        """Who the figures are about, with the waves where that changes."""
        runs: dict[str, list[str]] = {}
        for wave in waves:
            runs.setdefault(champ(self.book.survey, self.indicator, wave), []).append(wave)
        if len(runs) < 2:
            return list(runs)
        lead = say("Champ", "Population")
        return [said.replace(lead, f"{lead} ({_period(found)})", 1) for said, found in runs.items()]


def _period(waves: Sequence[str]) -> str:
    return waves[0] if len(waves) == 1 else f"{waves[0]} {say('à', 'to')} {waves[-1]}"


def _with_names(marked: str) -> str:
    """The template of a sentence whose values are marks."""
    template = unfolded(marked)
    for name, mark in _MARKS.items():
        template = template.replace(mark, f"{{{name}}}")
    return template


def _block_of(cell: Estimate) -> tuple[str, str, str]:
    return cell.domain, cell.wave, cell.category


def sentence(book: Book, cell: Estimate, said: Told | None = None) -> str:
    """What may be quoted of a cell: value, population, wave, interval, and what it is worth.

    said : stands for what the cell itself tells
    The "Lecture" line without its name, and whether the microdata are ones that nobody gave.
    """
    line = lecture(book.survey, cell, said)
    head, _, rest = line.partition(f"{colon()} ")
    about = head.removeprefix(say("Lecture", "Reading")).removeprefix(", ")
    line = f"{capital(about)}{colon()} {rest}" if about else capital(rest)
    return line + "".join(f" {capital(o.short)}." for o in made([cell.origin]))
