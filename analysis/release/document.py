"""A page of a release as a Quarto document without a cell: no kernel is started for it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from analysis.briefing.catalogue import notice
from analysis.briefing.pieces import Html, text
from analysis.definition import Survey
from analysis.dictionary.words import MARKUP
from analysis.language import Words
from analysis.release.manifest import MadeFrom

_TAG = re.compile(r"(<[^>]*>)")
KICKER = Words("Baromètres d’opinion et d’usages", "Barometers of opinion and use")


def document(
    page: str, title: str, description: str, above: Html, heading: str, lead: str,
    parts: Iterable[str],
) -> str:  # fmt: skip
    """Front matter, then one block of HTML.

    page : its file without suffix ; above : notices of answers that nobody gave
    """
    body = (
        f'{above}<p class="kicker">{text(str(KICKER))}</p><h1>{text(heading)}</h1>'
        f'<p class="chapo">{text(lead)}</p>{"".join(parts)}'
    )
    said = (("title", title), ("description", description))
    front = [*(f"{k}: {json.dumps(v, ensure_ascii=False)}" for k, v in said),
             "titre-calcule: true", f"ici: {{{page}: true}}"]  # fmt: skip
    return "\n".join(["---", *front, "---", "", "```{=html}", _inert(body), "```", ""])


def notices(facts: MadeFrom, surveys: Sequence[Survey]) -> Html:
    """A notice for each kind of answers that nobody gave, with the surveys that have them."""
    return notice((s.spec.short, origins(facts, s.id)) for s in surveys)


def origins(facts: MadeFrom, survey: str) -> set[str]:
    """Where the answers of a survey are from; nothing where the release has no such survey."""
    known = facts.surveys.get(survey)
    return {w.origin for w in known.waves.values()} if known else set()


def _inert(body: str) -> str:
    """HTML on one line in which Quarto and pandoc find nothing to read.

    Labels of another release and names of files may hold anything.
    """
    parts = _TAG.split(body.replace("\n", " "))
    texts = (MARKUP.sub(lambda m: f"{m[0]}<wbr>", p) if k % 2 == 0 else p
             for k, p in enumerate(parts))  # fmt: skip
    return "".join(texts).replace("{", "&#123;").replace("`", "&#96;")


def section(key: str, title: str, *parts: str) -> str:
    """A section that its heading names."""
    return (
        f'<section aria-labelledby="{key}"><h2 id="{key}">{text(title)}</h2>'
        f"{''.join(parts)}</section>"
    )


def paragraph(words: str) -> str:
    """A paragraph of plain words."""
    return f"<p>{text(words)}</p>"


def details(summary: str, body: str) -> str:
    """A part that is folded away."""
    return f"<details><summary>{text(summary)}</summary>{body}</details>"


def _broken(markup: str) -> str:
    """A fingerprint of 64 digits may end its line after any 16."""
    return re.sub(r"[0-9a-f]{16}(?=[0-9a-f]{16})", r"\g<0><wbr>", markup)


def terms(pairs: Iterable[tuple[str, str]]) -> str:
    """A list of terms and what each is; those that are "" are left out."""
    said = "".join(f"<dt>{text(k)}</dt><dd>{_broken(text(v))}</dd>" for k, v in pairs if v)
    return f"<dl>{said}</dl>"
