"""Words and HTML in a document, as pandoc reads them: one paragraph of text, one block of HTML."""

from __future__ import annotations

import json
import subprocess
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.render.convert import pandoc_path
from analysis.wording.markup import markdown, raw_html, unbroken
from analysis.wording.numbers import typeset

ATTACKS = [
    "[x](javascript:a()) ![y](z.png) <b>g</b> `{=html}` $x$ ~~s~~ ^e^ :x: @cle [^1] #titre",
    "1. liste", "- liste", "# titre", "> citation", ": définition", "| ligne", "::: {.a}", "---",
    "a\n\n# titre\n\n:::\n\n```{=html}\n<b>\n```", "    code", "&lt;b&gt;", "\\\\[x]",
    "```\nx\n```", "{{< env HOME >}}", "x | y\n--|--\n1 | 2", "<!-- x -->",
    "a  \nb", "https://example.fr", "% t",
]  # fmt: skip


def read(text: str) -> list[dict[str, object]]:
    """The blocks that pandoc finds."""
    done = subprocess.run([pandoc_path(), "--from", "markdown", "--to", "json"], input=text,
                          capture_output=True, check=True, text=True)  # fmt: skip
    blocks: list[dict[str, object]] = json.loads(done.stdout)["blocks"]
    return blocks


def words(block: dict[str, object]) -> str:
    """The text of a paragraph that holds nothing but text."""
    content = block["c"]
    assert isinstance(content, list)
    assert {part["t"] for part in content} <= {"Str", "Space"}
    return "".join(part.get("c", " ") for part in content)


def check(text: str) -> None:
    (block,) = read(markdown(text))
    assert block["t"] == "Para"
    assert words(block).split() == typeset(text).split()


@pytest.mark.parametrize("text", ATTACKS)
def test_words_are_a_paragraph_of_text(text: str) -> None:
    check(text)


@settings(max_examples=40, deadline=None)
@given(st.text(st.sampled_from(list("a1 \n\t!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~é")), min_size=1))
def test_any_signs_are_a_paragraph_of_text(text: str) -> None:
    check(f"x{text}x")


@pytest.mark.parametrize("end", ["```", "````", "  ```", "~~~", ":::", "> ```", "\n```"])
def test_html_ends_neither_its_block_nor_one_around_it(end: str) -> None:
    html = f"<p>a\n{end}\n\n# titre</p>"
    div, after = read(f"::: {{.a}}\n{raw_html(html)}\n:::\n\nfin\n")
    assert div["t"] == "Div"
    assert after["t"] == "Para"
    attributes, inside = cast(tuple[list[object], list[object]], div["c"])
    assert attributes[1] == ["a"]
    assert inside == [{"t": "RawBlock", "c": ["html", unbroken(html)]}]
    assert unbroken(html).replace("&#10;", "\n") == html, "the same HTML to a browser"
