"""A declared weighting on a page: margins, ratios, spread, largest weights, key figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Literal

from analysis.briefing.book import Book
from analysis.briefing.interactive import data_file
from analysis.briefing.pieces import Figure, Html, text
from analysis.charts import BarChart, Dot, DotGroup
from analysis.definition import Weighting
from analysis.errors import nearest, refuse
from analysis.estimates import read_estimates
from analysis.language import Words, say
from analysis.project import find_project
from analysis.tables import INTERVALS, Row, html_table, respondents, with_marks
from analysis.weights import RatioBin, Spread, WeightSummary, read_summary
from analysis.wording import (
    NBSP,
    NNBSP,
    Estimate,
    between,
    colon,
    integer,
    letters,
    marks_note,
    number,
    percent,
    points,
    quoted,
    sampling_note,
    source,
    typeset,
)

Which = Literal["start", "published", "after"]
_FEW = Words("moins de 5", "fewer than 5")
_PUBLISHED = Words("Poids publiés", "Published weights")
_UNWEIGHTED = Words("Sans poids", "Unweighted")
_START = Words("Rapport au poids de départ", "Ratio to starting weight")


@dataclass(frozen=True)
class Weights:
    """One weighting of one wave; ``other`` holds the key indicators with the other weights."""

    book: Book
    summary: WeightSummary
    other: Book | None = None

    @classmethod
    def of(cls, book: Book, name: str, wave: str = "") -> Weights:
        """What the project built; refuses a weighting or a wave that is not declared."""
        survey, when = book.survey, wave or book.wave
        declared = survey.spec.weighting
        if name not in declared:
            raise refuse(f"weighting {name}", "not in the definition", nearest(name, declared),
                         "correct the name")  # fmt: skip
        if when not in survey.span(declared[name].waves):
            raise refuse(f"weighting {name}, wave {when}", "it has not this wave",
                         f"waves: {declared[name].waves}", "name one of them")  # fmt: skip
        project = find_project()
        made = read_summary(project.weights(survey.id, name, when))
        if not declared[name].key:
            return cls(book, made)
        table = read_estimates(project.comparison(survey.id, name))
        return cls(book, made, Book(survey, table))

    @property
    def declared(self) -> Weighting:
        """As the definition declares it."""
        return self.book.survey.spec.weighting[self.summary.weighting]

    @property
    def label(self) -> str:
        """The name of the other weights: the alternative's, or those before the published ones."""
        published = self.declared.role == "published"
        before = say("Avant calage", "Before calibration")
        return before if published else typeset(self.declared.label)

    @property
    def note(self) -> str:
        """What must be known to read it."""
        return typeset(self.declared.note)

    @property
    def reason(self) -> str:
        """Why it has not all waves."""
        return typeset(self.declared.reason)

    # ------------------------------------------------------------------------------- for prose
    def deff(self, which: Which = "after") -> str:
        """What unequal weights cost: "1,17"."""
        return number(self._spread(which).deff, 2)

    def n_eff(self, which: Which = "after") -> str:
        """How many respondents of equal weights the sample is worth."""
        return integer(round(self._spread(which).n_eff))

    def _spread(self, which: Which) -> Spread:
        spread: Spread = getattr(self.summary, which)
        return spread

    @property
    def lowest(self) -> str:
        """The least ratio of final to starting weight: "0,66"."""
        return number(self.summary.ratios["0"], 2)

    @property
    def highest(self) -> str:
        """The greatest such ratio."""
        return number(self.summary.ratios["1"], 2)

    def margin(self, *categories: str, which: str = "target") -> str:
        """A share of a margin: of the target, the "start", the "published" or the final weights."""
        for row in self.summary.margins:
            if row.category == categories:
                total = sum(getattr(r, which) for r in self.summary.margins
                            if r.margin == row.margin)  # fmt: skip
                return percent(getattr(row, which) / total, 1)
        known = [", ".join(r.category) for r in self.summary.margins]
        raise refuse(f"weighting {self.summary.weighting}: margin", ", ".join(categories),
                     nearest(", ".join(categories), known), "correct the categories")  # fmt: skip

    @property
    def widest(self) -> str:
        """By how much the share that moves most moves: "4,0 points"."""
        return points(abs(self._widest[2]), 1)

    @property
    def widest_indicator(self) -> str:
        """Which key figure that is."""
        return self.book.label(self._widest[0].indicator)

    @property
    def _widest(self) -> tuple[Estimate, Estimate, float]:
        """Among shares: means are in units of their own."""
        indicators = self.book.survey.spec.indicators
        moved = [m for m in self._moves if indicators[m[0].indicator].measure != "mean"]
        if not moved:
            raise refuse(f"weighting {self.summary.weighting}", "no key figure is a share",
                         "one or more", "name one under key:")  # fmt: skip
        return max(moved, key=lambda m: abs(m[2]))

    @property
    def outside(self) -> str:
        """How many key figures leave their interval: "5 des 12 chiffres clés sortent de …"."""
        out = sum(not _within(p, o) for p, o, _ in self._moves)
        every = len(self._moves)
        if out > 1:
            return say(
                f"{out} des {every} chiffres clés sortent de leur intervalle publié",
                f"{out} of the {every} key figures leave their published interval",
            )
        one = say("1 des {} chiffres clés sort", "1 of the {} key figures leaves")
        none = say("aucun des {} chiffres clés ne sort", "none of the {} key figures leaves")
        verb = (one if out else none).format(every)
        return say(f"{verb} de son intervalle publié", f"{verb} its published interval")

    @cached_property
    def _moves(self) -> tuple[tuple[Estimate, Estimate, float], ...]:
        """(published, other, difference) of the key figures of the wave, as declared."""
        found = tuple(
            (p, o, (o.estimate or 0.0) - (p.estimate or 0.0))
            for p, o in self.pairs() if p.published and o.published
        )  # fmt: skip
        if not found:
            raise refuse(f"weighting {self.summary.weighting}, wave {self.summary.wave}",
                         "no key figure is published", "one or more",
                         "name indicators of the wave under key:")  # fmt: skip
        return found

    def pairs(self) -> Iterator[tuple[Estimate, Estimate]]:
        """Published and other estimate of each key indicator of the wave."""
        wave = self.summary.wave
        for name in self.declared.key if self.other else ():
            if name in self.book.survey.indicators_in(wave):
                for category in self.book.survey.categories(name):
                    assert self.other is not None
                    yield (self.book.row(name, wave, category=category),
                           self.other.row(name, wave, category=category))  # fmt: skip

    # -------------------------------------------------------------------------- page pieces
    def margins(self) -> Html:
        """Each category: respondents, share before, with the published weights, target, after."""
        rows: list[Row] = []
        wave, survey = self.summary.wave, self.book.survey
        tables = {t.name: t for t in (survey.margin(m, wave) for m in self.declared.margins)}
        for name, group in groupby(self.summary.margins, key=lambda r: r.margin):
            t, members = tables[name], list(group)
            rows.append(Row(f"{self._crossed(t.columns)} ({typeset(t.base)}, {t.year})",
                            heading=True))  # fmt: skip
            totals = {k: sum(getattr(r, k) for r in members)
                      for k in ("start", "published", "target", "after")}  # fmt: skip
            for r in members:
                shares = (percent(getattr(r, k) / (totals[k] or 1.0), 1) for k in totals)
                rows.append(Row(self._category(t.columns, r.category), (integer(r.n), *shares)))
        equal = self.declared.start == "equal"
        first = str(_UNWEIGHTED) if equal else say("Au départ", "At the start")
        head = (
            say("Catégorie", "Category"),
            respondents(),
            first,
            str(_PUBLISHED),
            say("Cible", "Target"),
            say("Après calage", "Calibrated"),
        )
        caption = say(
            "Structure de l’échantillon et de la population, en %",
            "Structure of the sample and of the population, in %",
        )
        return self._table(caption, head, rows)

    def _crossed(self, columns: Sequence[str]) -> str:
        labels = [typeset(self.book.survey.spec.variables[c].label) for c in columns]
        et = say("et", "and")
        return labels[0] + "".join(f" {et} {x[:1].lower()}{x[1:]}" for x in labels[1:])

    def _category(self, columns: Sequence[str], category: Sequence[str]) -> str:
        variables = self.book.survey.spec.variables
        return ", ".join(
            typeset(variables[c].categories[code].label)
            for c, code in zip(columns, category, strict=True)
        )

    def ratios(self, key: str, *, title: str = "") -> Figure:
        """How far weights moved: share of the respondents by ratio of final to starting weight."""
        s = self.summary
        ratio = say(
            "Rapport du poids calé au poids de départ", "Ratio of calibrated to starting weight"
        )
        span = between(self.lowest, self.highest)
        title = title or say(f"Rapports de poids {span}", f"Ratios of weights: {span}")
        measure = say(
            "Répondants selon le rapport du poids calé au poids de départ, en",
            "Respondents by ratio of calibrated to starting weight, in",
        )
        measure += f"{NBSP}%, {s.wave}"
        chart = BarChart(key, ratio + self.stamp, tuple(self._panels()))
        rows = [Row(self._class(b), (percent(b.n / s.n, 1), integer(b.n))) for b in s.bins]
        head = (say("Rapport", "Ratio"), say("Part", "Share"), respondents())
        table = html_table(measure + self.stamp, head, rows)
        origin = source(self.book.survey, (s.wave,), self.book.origins((s.wave,)))
        return Figure(key, title, measure + self.stamp, chart.svg(),
                      (self._reading(), self._who(), origin), "",
                      table, interactive=data_file(self.book, chart))  # fmt: skip

    def _reading(self) -> str:
        """The class that holds most respondents, as a sentence."""
        s = self.summary
        most = max(s.bins, key=lambda b: b.n)
        share, within = percent(most.n / s.n), quoted(self._class(most))
        return say(
            f"Lecture{NNBSP}: pour {share} des répondants, le rapport est dans la classe {within}.",
            f"Reading: for {share} of respondents, the ratio is in the class {within}.",
        )

    def _who(self) -> str:
        """Whose weights they are, and what a ratio says."""
        n, wave = integer(self.summary.n), self.summary.wave
        return say(
            f"Champ{NNBSP}: {n} répondants, {wave}. Un rapport de 1 laisse le poids inchangé. Les "
            "classes de moins de cinq répondants sont réunies à leur voisine.",
            f"Population: {n} respondents, {wave}. A ratio of 1 leaves the weight unchanged. "
            "Classes of fewer than five respondents are merged with the next one.",
        )

    def _panels(self) -> Iterator[DotGroup]:
        """Weights that fell, weights that rose; one panel where a class holds both."""
        bins = self.summary.bins
        if any((b.low or 0.0) < 1 < (b.high or 1.0) for b in bins):
            yield DotGroup("", tuple(map(self._bar, bins)))
            return
        fell = [b for b in bins if b.high is not None and b.high <= 1]
        for label, group in (
            (say("Poids diminué", "Weight reduced"), fell),
            (say("Poids augmenté", "Weight increased"), bins[len(fell) :]),
        ):
            if group:
                yield DotGroup(label, tuple(map(self._bar, group)))

    def _bar(self, b: RatioBin) -> Dot:
        share = b.n / self.summary.n
        return Dot(self._class(b), share, None, None, percent(share, 1))

    def _class(self, b: RatioBin) -> str:
        """A class of ratios in words, all with as many decimals."""
        edges = [x for other in self.summary.bins for x in (other.low, other.high) if x is not None]
        digits = max((len(f"{x:g}".partition(".")[2]) for x in edges), default=0)
        low, high = (None if x is None else number(x, digits) for x in (b.low, b.high))
        if low is None:
            return say(f"moins de {high}", f"below {high}") if high else say("tous", "all")
        return between(low, high) if high else say(f"{low} ou plus", f"{low} or above")

    def largest(self) -> Html:
        """The largest distinct weights; how many carry each, never who."""
        equal = self.declared.start == "equal"  # the ratio is then the weight itself
        rows = [
            Row(number(w.weight, 2), (
                *(() if equal else (number(w.ratio, 2),)),
                str(_FEW) if w.n is None else integer(w.n),
            ))
            for w in self.summary.largest
        ]  # fmt: skip
        ratio = () if equal else (str(_START),)
        weight = say(f"Poids calé (moyenne{NNBSP}: 1)", "Calibrated weight (mean: 1)")
        caption = say("Les plus grands poids", "The largest weights")
        head = (weight, *ratio, respondents())
        return self._table(f"{caption}, {typeset(self.declared.label)}", head, rows)

    def sources(self) -> Html:
        """Where each margin is from, who it counts, and what was assumed."""
        items = []
        for name in self.declared.margins:
            t = self.book.survey.margin(name, self.summary.wave)
            said = [f"{self._crossed(t.columns)}{colon()} {t.base}, {t.year}. ",
                    f"{'; '.join(t.sources)}."]  # fmt: skip
            said += [f" {'. '.join(n[:1].upper() + n[1:] for n in t.notes)}."] if t.notes else []
            items.append(f"<li>{text(''.join(said))}</li>")
        return Html(f"<ul>{''.join(items)}</ul>")

    @property
    def stamp(self) -> str:
        """What is added to a caption where data were not observed."""
        return self.book.stamp(self.summary.wave)

    def _table(self, caption: str, head: Sequence[str], rows: Sequence[Row]) -> Html:
        return Html(html_table(f"{caption}, {self.summary.wave}{self.stamp}", head, rows))


def moves_table(several: Sequence[Weights]) -> Html:
    """The key figures of one wave with the published weights and with others, side by side."""
    first = several[0]
    survey = first.book.survey
    found = {(p.indicator, p.category): p for w in several for p, _ in w.pairs()}
    others = [{(o.indicator, o.category): o for _, o in w.pairs()} for w in several]
    rows = [
        Row(_labelled(first.book, p), (
            with_marks(survey, p, bounds=True),
            *(c for known in others for c in _moved(first.book, p, known.get(key))),
        ))
        for key, p in found.items()
    ]  # fmt: skip
    head = [say("Indicateur", "Indicator"), str(_PUBLISHED)]
    for w in several:
        head += [w.label, say("Écart, en points", "Difference, in points")]
    known = [c for row in (found, *others) for c in row.values()]
    marks = marks_note(m for c in known for m in letters(survey, c))
    note = " ".join(filter(None, (str(INTERVALS), marks, sampling_note(survey))))
    caption = say("Les chiffres clés selon la pondération", "The key figures by weighting")
    caption += f", {first.summary.wave}{first.stamp}"
    return Html(html_table(caption, head, rows, note=note))


def spread_table(several: Sequence[Weights]) -> Html:
    """Design effect and effective size of each set of weights of one wave."""
    first = several[0]
    equal = [w for w in several if w.declared.start == "equal"]
    known = {str(_UNWEIGHTED): w.summary.start for w in equal}
    known[str(_PUBLISHED)] = first.summary.published
    known |= {typeset(w.declared.label): w.summary.after for w in several}
    rows = [Row(k, (number(s.deff, 2), integer(round(s.n_eff)))) for k, s in known.items()]
    caption = say("Ce que coûtent des poids inégaux", "What unequal weights cost")
    caption += f", {first.summary.wave}{first.stamp}"
    head = (
        say("Poids", "Weights"),
        say("Effet de plan", "Design effect"),
        say("Effectif efficace", "Effective sample size"),
    )
    return Html(html_table(caption, head, rows))


def _labelled(book: Book, cell: Estimate) -> str:
    label = book.label(cell.indicator)
    if not cell.category:
        return label
    answer = book.survey.categories(cell.indicator)[cell.category].label
    return f"{label}{colon()} {typeset(answer)}"


def _moved(book: Book, published: Estimate, other: Estimate | None) -> tuple[str, str]:
    """The other value, and what it differs by; a mark where it leaves the published interval."""
    if other is None:
        return "–", "–"
    if not (published.published and other.published):
        return with_marks(book.survey, other), "–"
    mean = not book.survey.percent(other.indicator)
    gap = (other.estimate or 0.0) - (published.estimate or 0.0)
    said = number(gap if mean else 100 * gap, 1)
    sign = "+" if gap > 0 and said != number(0.0, 1) else ""
    mark = "" if _within(published, other) else f"{NBSP}*"
    return with_marks(book.survey, other, bounds=True), f"{sign}{said}{mark}"


def _within(published: Estimate, other: Estimate) -> bool:
    low, high = published.bounds or (float("-inf"), float("inf"))
    return low <= (other.estimate or 0.0) <= high
