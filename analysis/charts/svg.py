"""Writing SVG: elements, short numbers, axes."""

from __future__ import annotations

from html import escape
from math import ceil, floor, log10


def tag(name: str, *content: str, **attributes: str | float | None) -> str:
    """An element; ``class_`` and ``text_anchor`` become ``class`` and ``text-anchor``.

    Attributes are escaped, ``content`` is markup already.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(content)
    return f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>"


def text(content: str, **attributes: str | float | None) -> str:
    """A ``<text>`` element with its content escaped."""
    return tag("text", escape(content, quote=False), **attributes)


def short(value: float) -> str:
    """``12.30`` -> "12.3": at most one decimal, which is a tenth of a pixel or a thousandth."""
    written = f"{value:.1f}".removesuffix(".0")
    return "0" if written == "-0" else written


def pct(share: float) -> str:
    """``0.345`` -> "34.5%"."""
    written = short(100 * share)
    return "0" if written == "0" else f"{written}%"


def picture(
    body: str, *, id_: str, title: str, description: str, height: float, class_: str
) -> str:
    """The outer ``<svg>``: an image with a name and a description, as wide as its place."""
    names = tag("title", escape(title, quote=False), id=f"{id_}-t") + tag(
        "desc", escape(description, quote=False), id=f"{id_}-d"
    )
    return tag("svg", names + body, role="img", aria_labelledby=f"{id_}-t",
               aria_describedby=f"{id_}-d", width="100%", height=height, class_=class_)  # fmt: skip


def ticks(top: float, count: int = 5) -> tuple[float, ...]:
    """Round values from 0 to at least ``top``, about ``count`` steps of 1, 2, 2.5 or 5."""
    raw = top / count
    scale = 10.0 ** floor(log10(raw))
    step = next(m * scale for m in (1, 2, 2.5, 5, 10) if m * scale >= raw * 0.999)
    return tuple(round(i * step, 10) for i in range(ceil(top / step * 0.999) + 1))


def _value(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else short(value)
