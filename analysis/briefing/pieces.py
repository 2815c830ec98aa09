"""What a cell of a page returns: a piece of HTML, or a numbered figure."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from analysis.language import say
from analysis.wording import colon, typeset
from analysis.wording.markup import markdown, raw_html, unbroken

_LEADS = (
    *("Lecture", "Champ", "Source", "Note", "Rupture", "Écarts"),
    *("Reading", "Population", "Break", "Differences"),
)


@dataclass(frozen=True, slots=True)
class Html:
    """Markup that the page takes as it is."""

    markup: str

    def _repr_html_(self) -> str:
        return unbroken(self.markup)

    def __str__(self) -> str:
        return self.markup


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that Quarto numbers and that ``@fig-…`` can refer to, with a computed title.

    It is Markdown (``::: {#fig-…}``, content, caption) from a cell whose own label does not
    begin with ``fig-``: the one way to a computed caption in Quarto. The stylesheet lifts the
    caption above the chart.

    key : the id without ``fig-``
    subtitle : measure, unit, population, wave
    notes : the lines under the chart; tools : links; table : markup
    interactive : where the data of the interactive version are, for the script that offers it
    """

    key: str
    title: str
    subtitle: str
    chart: str
    notes: tuple[str, ...]
    tools: str
    table: str
    interactive: str = ""

    @property
    def layout(self) -> str:
        """Where notes stand: below a "large" chart; beside others, those of "cote" on paper too."""
        if 'class="trend"' in self.chart:
            return "large"
        narrow = any(f'class="panels {kind}"' in self.chart for kind in ("tuiles", "slope"))
        return "graphique cote" if narrow else "graphique"

    def html(self) -> str:
        """The content of the figure, without its caption."""
        notes = "".join(f"<p>{_strong_lead(n)}</p>" for n in self.notes)
        return (
            f'<div class="{self.layout}"><p class="sous">{text(self.subtitle)}</p>'
            f"<div{self._offer()}>{self.chart}</div>"
            f'<div class="notes">{notes}</div>'
            f'<div class="outils"><details><summary>{say("Tableau des données", "Table of data")}'
            f"</summary>{self.table}"
            f"</details>{self.tools}</div></div>"
        )

    def _offer(self) -> str:
        return f' data-interactif="{escape(self.interactive)}"' if self.interactive else ""

    def _repr_markdown_(self) -> str:
        content = raw_html(self.html())
        return f"::: {{#fig-{self.key}}}\n{content}\n\n{markdown(self.title)}\n:::\n"


def text(words: str) -> str:
    """Plain words as HTML, for the inside of an element or of a quoted attribute."""
    return escape(typeset(words))


def _strong_lead(note: str) -> str:
    head, mark, rest = note.partition(colon())
    if not mark or not head.startswith(_LEADS):
        return text(note)
    return f"<b>{text(head)}{mark}</b>{text(rest)}"
