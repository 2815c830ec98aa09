"""The only module a ``.qmd`` imports: prose and calls there, lookups and sentences here.

``b = Briefing("<survey>")`` reads the definition and the published table. Methods
return text for prose, or pieces that a page takes as they are. No number is typed in a page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

import analysis
from analysis.briefing import figures, figures_change, figures_shares, files, sentences
from analysis.briefing.audit import Audit
from analysis.briefing.book import Book
from analysis.briefing.catalogue import catalogue, notices
from analysis.briefing.claims import Claims
from analysis.briefing.corrections import corrections
from analysis.briefing.pieces import Figure, Html, text
from analysis.briefing.printed import printed_table
from analysis.briefing.published import reproduced
from analysis.briefing.weights import Weights, moves_table, spread_table
from analysis.charts import KeyFigure, People
from analysis.estimates import WHOLE
from analysis.language import say
from analysis.tables import groups_table
from analysis.wording import (
    NBSP,
    called,
    champ,
    colon,
    integer,
    listed,
    made,
    meanings,
    method_brief,
    method_html,
    one_in,
    population_name,
    quoted,
    sampling_note,
    semicolon,
    share,
    shown,
    shown_interval,
    source,
    typeset,
)
from analysis.wording.method import respondents
from analysis.wording.origins import Origin

__all__ = [
    "Audit", "Briefing", "Claims", "Figure", "Html", "Weights", "catalogue", "corrections",
    "notices", "page_head",
]  # fmt: skip

_PERSONS = re.compile(r"^personnes de (?=\d)")  # "18 ans ou plus" reads by itself on a card


class Briefing:
    """One survey, ready to be written about.

    Every lookup of a cell that does not exist or is not published raises
    :class:`analysis.errors.BaroError`, so that the page is not made.
    """

    def __init__(self, survey: str | Book) -> None:
        self.book = survey if isinstance(survey, Book) else Book.of(survey)
        self.survey = self.book.survey

    @property
    def wave(self) -> str:
        """The latest wave."""
        return self.book.wave

    @property
    def waves(self) -> tuple[str, ...]:
        """Every wave of the definition, oldest first."""
        return tuple(self.survey.waves)

    @property
    def respondents(self) -> str:
        """How many people the latest wave interviewed."""
        return integer(respondents(self.survey, self.wave, self.book.whole))

    # ------------------------------------------------------------------ numbers and sentences
    def value(
        self, indicator: str, wave: str = "", domain: str = WHOLE, group: str = WHOLE, *,
        category: str = "", digits: int | None = None, interval: bool = False,
        population: bool = False, caution: bool = True,
    ) -> str:  # fmt: skip
        """A number for prose: "25 %", "25 % des adultes", "25 % (de 24,0 % à 26,9 %)".

        Where the latest wave has no such figure it is that of an earlier one, which is said; so
        is what is unreliable, unless the sentence itself says it (``caution=False``).
        """
        cell = self.book.one(indicator, wave, domain, group, category)
        out = shown(self.survey, cell, digits)
        if population:
            who = population_name(self.survey, indicator, cell.wave)
            out += f" {say('des', 'of')} {who}"
        aside = [shown_interval(self.survey, cell)] if interval else []
        reserve = say("peu fiable", "low reliability") if caution and cell.fragile else ""
        aside += filter(None, [self.book.dated(cell, wave), reserve])
        return f"{out} ({f'{semicolon()} '.join(aside)})" if aside else out

    def interval(
        self, indicator: str, wave: str = "", domain: str = WHOLE, group: str = WHOLE, *,
        category: str = "",
    ) -> str:  # fmt: skip
        """The interval alone: "de 0,0 % à 33,6 %"."""
        return shown_interval(self.survey, self.book.one(indicator, wave, domain, group, category))

    def share(
        self, indicator: str, one: str, many: str, verbs: tuple[str, str], wave: str = ""
    ) -> str:
        """The start of a headline: "Un adulte sur quatre dit", "47 % des adultes disent"."""
        cell = self.book.one(indicator, wave)
        said, when = share(cell, one, many, verbs), self.book.dated(cell, wave)
        return say(f"En {when}, {said}", f"In {when}, {said}") if when else sentences.capital(said)

    def change(self, indicator: str, run: int = -1) -> str:
        """What happened over comparable waves; see :func:`analysis.briefing.sentences.change`."""
        return sentences.change(self.book, indicator, run)

    def moved(self, indicator: str, run: int = -1) -> str:
        """The same for a heading, after a colon: "de 18 % en 2020 à 25 % en 2022"."""
        return sentences.moved(self.book, indicator, run)

    def extremes(self, indicator: str, domain: str, wave: str = "") -> str:
        """The extreme groups: "de 16 % (25-39 ans) à 36 % (70 ans et plus)"."""
        return sentences.extremes(self.book, indicator, domain, wave)

    def width(self, indicator: str, domain: str, wave: str = "") -> str:
        """The widest difference between the groups of a domain: "20 points"."""
        return sentences.width(self.book, indicator, domain, wave)

    def base(
        self, indicator: str, wave: str = "", domain: str = WHOLE, group: str = WHOLE
    ) -> str:  # fmt: skip
        """What a figure rests on: "9 réponses pour 31 762 collectivités"."""
        return sentences.base(self.book, self.book.one(indicator, wave, domain, group))

    def reliable(self, indicator: str, domain: str, wave: str = "") -> str:
        """The groups whose figure is reliable: "44 % (Métropoles)"; "aucun groupe"."""
        return sentences.reliable(self.book, indicator, domain, wave)

    def near_census(self, indicator: str, domain: str, wave: str = "") -> str:
        """The groups of which half or more answered: "18 des 21 métropoles"."""
        return sentences.near_census(self.book, indicator, domain, wave)

    def apart(self, indicator: str, domain: str, wave: str = "") -> str:
        """Which groups a test sets apart; see :func:`analysis.briefing.sentences.apart`."""
        return sentences.apart(self.book, indicator, domain, wave)

    def dividing(self, indicator: str, domains: Mapping[str, str], wave: str = "") -> str:
        """A headline on which criteria divide most; neutral where no difference is clear."""
        return sentences.dividing(self.book, indicator, domains, wave)

    def simple(
        self, indicator: str, nouns: tuple[str, str], said: tuple[str, str],
        domain: str = WHOLE, group: str = WHOLE,
    ) -> str:  # fmt: skip
        """Easy to read: "Environ 1 adulte sur 3 est loin du numérique." (singular, plural)."""
        return sentences.simple(self.book, self.book.one(indicator, "", domain, group), nouns, said)

    @property
    def sampling(self) -> str:
        """What the kind of sample makes of the intervals."""
        return sampling_note(self.survey)

    # ---------------------------------------------------------------------------- page pieces
    def banner(self, *waves: str) -> Html:
        """A notice for each kind of microdata that nobody gave; empty where all were observed.

        waves : those the page is about, all without
        """
        return Html(
            "".join(
                f'<p class="demo" role="note"><strong>{text(o.title)}{self._since(o)}.</strong> '
                f"{text(o.warning)}</p>"
                for o in made(self.book.origins(waves))
            )
        )

    def _since(self, origin: Origin) -> str:
        """The waves of an origin, where others have another: " (vague 2023)"."""
        waves = [w for w in self.waves if origin in made(self.book.origins((w,)))]
        if len(self.book.origins()) == 1:
            return ""
        several = "s" if len(waves) > 1 else ""
        return f" ({say('vague', 'wave')}{several} {listed(waves)})"

    def called(self, wave: str) -> str:
        """A wave in a heading, by what its answers are: "Scénario 2024", "Enquête 2024"."""
        return "".join(called(o, wave) for o in self.book.origins((wave,)))

    def origin(self, wave: str) -> str:
        """What the answers of a wave are, as a sentence; empty where somebody gave them."""
        return " ".join(f"{o.title}." for o in made(self.book.origins((wave,))))

    def where_made(self, wave: str, *paragraphs: str) -> Html:
        """A box that is there as long as nobody gave the answers of a wave."""
        if not made(self.book.origins((wave,))):
            return Html("")
        said = "".join(f"<p>{text(p)}</p>" for p in paragraphs)
        return Html(f'<div class="encadre">{said}</div>')

    def opening(self, title: str, lead: str, *, kicker: str = "") -> Html:
        """The notice of demonstration data, then the title of the page and what it comes to."""
        above = kicker or f"{self.survey.spec.title}, {say('vague', 'wave')} {self.wave}"
        return Html(
            f'{self.banner()}<p class="kicker">{text(above)}</p><h1>{text(title)}</h1>'
            f'<p class="chapo">{text(lead)}</p>'
        )

    def cards(self, *cards: tuple[str, str], wave: str = "") -> Html:
        """Key figures: pairs of an indicator and what is said of it after the number.

        "ia_deja, strate = metropole" is the indicator in a group.
        """
        return Html(f'<ul class="cartes">{"".join(self._card(i, t, wave) for i, t in cards)}</ul>')

    def _card(self, named: str, words: str, wave: str) -> str:
        indicator, domain, group = _named(named)
        cell = self.book.one(indicator, wave, domain, group)
        low, high = cell.bounds or (None, None)
        number = shown(self.survey, cell)
        mean = not self.survey.percent(indicator)
        top = 1.0 if not mean else 2 * (cell.estimate or 1.0)
        drawn = KeyFigure(words, number, cell.estimate or 0.0, low, high, top).svg()
        who = population_name(self.survey, indicator, cell.wave, short=False)
        who = sentences.capital(_PERSONS.sub("", who))
        group = quoted(self.book.group(cell))
        who += "" if cell.whole else say(f", groupe {group}", f", group {group}")
        margin = shown_interval(self.survey, cell)
        stamp = say(" Valeur peu fiable.", " Low reliability.") if cell.fragile else ""
        about = say(f"Intervalle à 95{NBSP}%", "95% interval") + colon()
        stamp += "".join(f" {sentences.capital(o.short)}." for o in made([cell.origin]))
        return (
            f'<li><p><strong class="chiffre">{_number(number)}</strong> {text(words)}</p>'
            f"{'' if mean else drawn}<p><small>{text(who)}, {cell.wave}. {about} "
            f'<span class="ni">{text(margin)}.</span>{stamp}</small></p></li>'
        )

    def people(self, indicator: str, nouns: tuple[str, str], said: tuple[str, str]) -> Html:
        """The same drawn as people, some of them filled, above the sentence."""
        sentence = self.simple(indicator, nouns, said)
        chart = People(f"gens-{indicator}", *one_in(self.book.one(indicator)), sentence)
        return Html(f"{chart.svg()}<p>{text(sentence)}</p>")

    # ------------------------------------------------------------------------ figures, tables
    def by_domain(
        self, key: str, indicator: str, domains: Sequence[str], *, title: str = "", wave: str = ""
    ) -> Figure:
        """Dots and intervals by groups; ``key`` is the id without ``fig-``."""
        return figures.domain_figure(
            self.book, key, indicator, domains, title=title or self.book.label(indicator), wave=wave
        )

    def tiles(
        self, key: str, indicator: str, domain: str, *, title: str = "", wave: str = ""
    ) -> Figure:
        """A map of squares, for a domain whose definition has ``tiles``."""
        return figures.tile_figure(self.book, key, indicator, domain, title=title, wave=wave)

    def answers(
        self, key: str, indicator: str, *, title: str = "", wave: str = "", ordered: bool = False
    ) -> Figure:
        """Dots and intervals of the answers to one question."""
        label = title or self.book.label(indicator)
        return figures.answers_figure(
            self.book, key, indicator, title=label, wave=wave, ordered=ordered
        )

    def battery(
        self, key: str, indicators: Sequence[str], *, title: str, measure: str,
        waves: Sequence[str] = (),
    ) -> Figure:  # fmt: skip
        """Dots and intervals of several indicators, a panel for each wave."""
        return figures.battery_figure(
            self.book, key, indicators, title=title, measure=measure, waves=waves
        )

    def trend(self, key: str, series: Mapping[str, str], *, title: str, measure: str) -> Figure:
        """Lines over the waves; ``series`` gives each indicator its name in the chart."""
        return figures.trend_figure(
            self.book, key, tuple(series.items()), title=title, measure=measure
        )

    def slope(
        self, key: str, *indicators: str, domain: str = "", waves: Sequence[str] = (),
        title: str = "", measure: str = "",
    ) -> Figure:  # fmt: skip
        """Change between two comparable waves: of the groups of a domain, or of indicators."""
        return figures_change.slope_figure(
            self.book, key, indicators, domain=domain, waves=waves, title=title, measure=measure
        )

    def stacked(
        self, key: str, indicator: str, *, domain: str = "", title: str = "", wave: str = ""
    ) -> Figure:
        """Up to four answers as shares of a bar, for everybody and by groups."""
        return figures_shares.stacked_figure(
            self.book, key, indicator, domain=domain, title=title, wave=wave
        )

    def diverging(
        self, key: str, items: Mapping[str, str], *, sides: tuple[str, str], measure: str,
        title: str = "", wave: str = "",
    ) -> Figure:  # fmt: skip
        """Ordinal questions around their middle; ``items`` gives each its name in the chart."""
        return figures_shares.diverging_figure(
            self.book, key, tuple(items), sides=sides, measure=measure,
            names=tuple(items.values()), title=title, wave=wave,
        )  # fmt: skip

    def distribution(
        self, key: str, indicator: str, *, domain: str = "", title: str = "", wave: str = ""
    ) -> Figure:
        """Five quantiles, or the ordered classes of one answer."""
        return figures_shares.distribution_figure(
            self.book, key, indicator, domain=domain, title=title, wave=wave
        )

    def table(self, indicators: Sequence[str] = (), *, wave: str = "") -> Html:
        """Indicators of one wave by theme: value, interval, respondents."""
        when = wave or self.wave
        spec = self.survey.spec
        known = {c.indicator: c for c in self.book.whole if c.wave == when and not c.category}
        names = [i for i in (indicators or spec.indicators) if i in known]
        groups = [
            (typeset(label), [known[i] for i in names if spec.indicators[i].theme == theme])
            for theme, label in spec.themes.items()
        ]
        labels = [self.book.label(c.indicator) for _, cells in groups for c in cells]
        caption = say(
            "Tous les indicateurs, ensemble de chaque population, ",
            "All indicators, whole of each population, ",
        )
        caption += when + self.book.stamp(when)
        return Html(groups_table(self.survey, caption, say("Indicateur", "Indicator"), groups,
                                 labels=labels, populations=True))  # fmt: skip

    def downloads(self) -> Html:
        """Links to the workbook and to the files of the whole survey, with type and size."""
        return files.main_links(self.book)

    def files(self) -> Html:
        """Every file of the survey: type, size, what it holds."""
        return files.files(self.book)

    def facts(self) -> Html:
        """Waves, date of the last and of the next, licence, source."""
        return files.facts(self.book)

    def marks(self) -> Html:
        """Every mark that tables may print, and what it means."""
        items = (f"<dt>[{m}]</dt><dd>{text(words)}</dd>" for m, words in meanings().items())
        return Html(f"<dl>{''.join(items)}</dl>")

    def cite(self) -> Html:
        """How to cite the survey's results: a sentence, BibTeX, CSL-JSON."""
        return files.cite(self.book)

    # ------------------------------------------------------------------------------- weightings
    def weighting(self, name: str, wave: str = "") -> Weights:
        """A declared weighting, see :class:`analysis.briefing.weights.Weights`."""
        return Weights.of(self.book, name, wave)

    def moves(self, *several: Weights) -> Html:
        """The key figures with the published weights and with others, in one table."""
        return moves_table(several)

    def printed(
        self, weights: Weights, indicators: Sequence[str], columns: Mapping[str, str]
    ) -> Html:
        """Raw and weighted figures side by side, see :mod:`analysis.briefing.printed`."""
        return printed_table(weights, indicators, columns)

    def spread(self, *several: Weights) -> Html:
        """What each set of weights costs in precision."""
        return spread_table(several)

    # ---------------------------------------------------------------------------------- method
    def champ(self, indicator: str) -> str:
        """The "Champ" line of an indicator in the latest wave that has it."""
        return champ(self.survey, indicator, self.book.latest(indicator))

    def not_compared(self, indicator: str) -> Html:
        """Why waves of an indicator are not compared, group by group."""
        reasons = sentences.not_compared(self.book, indicator)
        items = "".join(f"<li>{text(said)}</li>" for said in reasons)
        return Html(f"<ul>{items}</ul>")

    def method(self) -> Html:
        """The method, generated from the definition."""
        return Html(method_html(self.survey, self.wave, self.book.whole))

    def method_brief(self) -> Html:
        """The method in a few lines, and where the whole of it stands."""
        return Html(method_brief(self.survey, self.wave, self.book.whole))

    def reproduced(self) -> Html:
        """How many printed figures come out of the table; see :mod:`analysis.briefing.printed`."""
        return Html(f"<p>{text(reproduced(self.book))}</p>")

    def provenance(self) -> Html:
        """Definition, code, origin and licence of everything on the page."""
        spec = self.survey.spec
        digest = self.book.digest
        origin = source(self.survey, (self.waves[0], self.waves[-1]), self.book.origins())
        version = f"<code>{escape(analysis.__version__)}</code>"
        title = say("D’où viennent ces chiffres", "Where these figures come from")
        licence = say("Licence des données", "Licence of the data") + colon()
        again = say(
            f"Définition <code>{digest}</code>, code Baromètre {version}. Les mêmes données, "
            "définition et code redonnent la même page, octet pour octet.",
            f"Definition <code>{digest}</code>, code of Baromètre {version}. The same data, "
            "definition and code give the same page again, byte for byte.",
        )
        return Html(
            '<section class="provenance" aria-labelledby="origine"><h2 id="origine">'
            f"{title}</h2><p>{text(origin)} {licence} "
            f'<a href="{escape(spec.licence.url)}">{text(spec.licence.name)}</a>, '
            f"{text(spec.licence.attribution)}.</p><p>{again}</p></section>"
        )


def page_head(kicker: str, title: str, lead: str, *about: Briefing) -> Html:
    """The head of a page about no single survey, with the notices of those it speaks of."""
    notices = dict.fromkeys(b.banner().markup for b in about)
    return Html(
        f'{"".join(notices)}<p class="kicker">{text(kicker)}</p><h1>{text(title)}</h1>'
        f'<p class="chapo">{text(lead)}</p>'
    )


def _named(text: str) -> tuple[str, str, str]:
    """Indicator, domain and group of "ia_deja, strate = metropole"."""
    indicator, _, rest = text.partition(",")
    domain, _, group = (part.strip() for part in rest.partition("="))
    return indicator.strip(), domain or WHOLE, group or WHOLE


def _number(shown_: str) -> str:
    """The number large and its unit smaller."""
    if shown_.endswith("%") and NBSP not in shown_:
        return f"{text(shown_[:-1])}<span>%</span>"
    value, space, unit = shown_.partition(NBSP)
    return f"{text(value)}<span>{space}{text(unit)}</span>" if unit else text(value)
