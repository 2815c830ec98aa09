"""Shares of a whole, one row a group: what stacked and diverging bars have in common.

Under each bar its shares are named and printed, in the order and with the shade of the bar: there
is no legend to decode, and no share is too thin to be labelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from analysis.charts.svg import pct, tag
from analysis.errors import refuse
from analysis.language import say
from analysis.wording import NBSP, colon, printed

WHOLE = 0.005  # shares may miss 100 % by half a point: answers that the source coded in no category


@dataclass(frozen=True, slots=True)
class Part:
    """One share of a row; ``value`` is a fraction, None where not published.

    step : what the value was rounded to before it came here, as confidential ones are
    """

    label: str
    value: float | None
    shown: str
    fragile: bool = False
    step: float = 0.0

    @property
    def said(self) -> str:
        """Name and value."""
        reserve = say(" (peu fiable)", " (low reliability)")
        return f"{self.label} {self.shown}{reserve if self.fragile else ''}"


def published(parts: Iterable[Part]) -> bool:
    """Whether every share is known: a bar with a hole would tell what is not published."""
    return all(p.value is not None for p in parts)


def check_whole(where: str, label: str, parts: Sequence[Part]) -> None:
    """Refuses shares that do not add to 100 %, each as it was before it was rounded."""
    total, rounded = sum(p.value or 0.0 for p in parts), sum(p.step for p in parts) / 2
    if published(parts) and abs(total - 1) > WHOLE + rounded:
        raise refuse(
            f"{where}, {label}",
            f"shares that add to {100 * total:.1f} %",
            "100 %",
            "show: the kinds of missing that are in the base, or draw answers()",
        )


def rounding(parts: Sequence[Part]) -> str:
    """What printed shares add to, where it is not 100."""
    total = sum(printed(p.value or 0.0, 2) for p in parts)
    said = say(f"Arrondis, le total fait {total}{NBSP}%.", f"Rounded, they add to {total}%.")
    return "" if total == 100 else said


def bar(segments: Iterable[tuple[str, float, float]], *more: str) -> str:
    """A strip; segments are (class, where it begins, width), fractions of the strip."""
    drawn = (
        tag("rect", class_=shade, x=pct(start), width=pct(width), height="100%")
        for shade, start, width in segments
        if width > 0
    )
    return tag("svg", *drawn, *more, class_="barre")


def named(parts: Iterable[tuple[str, Part]]) -> str:
    """The shares in words, each after a square of its shade."""
    return tag("ul", *(tag("li", f'<b class="{shade}"></b>' if shade else "",
                           escape(part.said, quote=False)) for shade, part in parts))  # fmt: skip


def aside(parts: Iterable[Part]) -> list[Part]:
    """Those of the shares outside a bar that are worth a word: "0 %" is left to the table."""
    return [p for p in parts if p.value is None or printed(p.value, 2) > 0]


def row(label: str, *content: str) -> str:
    """A row: its name, then what it holds."""
    name = tag("p", escape(label, quote=False)) if label else ""
    return tag("div", name, tag("div", *content), class_="rang")


def picture(id_: str, title: str, description: str, rows: Iterable[str]) -> str:
    """One image to a screen reader."""
    names = tag("title", escape(title, quote=False), id=f"{id_}-t") + tag(
        "desc", escape(description, quote=False), id=f"{id_}-d"
    )
    parts = (("svg", (names,)), ("div", rows))
    inner = (tag(name, *content, aria_hidden="true") for name, content in parts)
    return tag("div", *inner, class_="panels parts", role="img",
               aria_labelledby=f"{id_}-t", aria_describedby=f"{id_}-d")  # fmt: skip


def sentence(label: str, parts: Iterable[Part]) -> str:
    """A row in words."""
    said = ", ".join(p.said for p in parts)
    return f"{label}{colon()} {said}." if label else f"{said}."


def see_table() -> str:
    """Where a description ends: the numbers themselves are in the table."""
    return say("Valeurs dans le tableau.", "Values are in the table.")
