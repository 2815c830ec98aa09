"""The report on the file of a wave: one light page in French, and the same as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html import escape

from analysis.arrival.findings import Answer, Draft, Finding, Place
from analysis.errors import printable
from analysis.localpage import local_page

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;margin:1rem auto;max-width:64rem;padding:0 1rem}"
    "div{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "caption{text-align:left;padding:.5rem 0;font-weight:600}"
    "th,td{border:1px solid #767676;padding:.3rem .5rem;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}th[scope=row]{font-weight:400}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#eee}a{color:#9cf}}"
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A comparison as reported.

    file, rows, columns : what was read ; detected : how
    prior : the wave it was compared with, or ""
    snippets : new column -> what to paste in survey.yml to have it read
    """

    survey: str
    title: str
    wave: str
    file: str
    rows: int
    columns: int
    detected: tuple[str, ...]
    prior: str
    wave_file: str
    draft: Draft
    snippets: dict[str, str] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, list[Finding]]:
        """The findings under their headings: first those that ask for a decision."""
        made: dict[str, list[Finding]] = {}
        for f in sorted(self.draft.findings, key=lambda f: not f.answer):
            made.setdefault(f.kind, []).append(f)
        return made


def report_json(a: Arrived) -> str:
    """Everything that was found, for programs."""
    found = {
        "survey": a.survey, "wave": a.wave, "file": a.file, "rows": a.rows, "columns": a.columns,
        "compared_with": a.prior, "wave_file": a.wave_file, "detected": list(a.detected),
        "open": [{"decision": printable(".".join(k)), "proposal": v.value}
                 for k, v in a.draft.open.items()],
        "findings": [f.as_dict() for f in a.draft.findings],
    }  # fmt: skip
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def report_html(a: Arrived) -> str:
    """The page; every text of the file is escaped."""
    title = f"{a.title} : arrivée de la vague {a.wave}"
    against = f"comparé à la vague {a.prior}" if a.prior else (
        "comparé à la définition seule : la vague précédente n’a pas de données ici"
    )  # fmt: skip
    parts = [
        f"<h1>{_safe(title)}</h1>",
        f"<p>Fichier <code>{_safe(a.file)}</code> : {a.rows} lignes, {a.columns} colonnes, "
        f"{_safe(against)}.</p>",
        "<ul>" + "".join(f"<li>{_safe(d)}</li>" for d in a.detected) + "</ul>",
        _decisions(a),
        "<h2>Constats</h2>",
        *(_section(kind, found) for kind, found in a.kinds.items()),
        _new_questions(a),
        "<p>Ce rapport peut citer des réponses : il reste avec les microdonnées.</p>",
    ]
    return local_page(printable(title), _STYLE, "\n" + "\n".join(parts) + "\n")


def _new_questions(a: Arrived) -> str:
    if not a.snippets:
        return ""
    shown = "".join(
        f"<details><summary>{_safe(column)}</summary><pre>{_safe(text)}</pre></details>"
        for column, text in a.snippets.items()
    )
    return (
        "<h2>Questions nouvelles</h2><p>Pour qu’une colonne soit lue, coller sous "
        f"<code>variables:</code> de survey.yml et renommer :</p>{shown}"
    )


def _safe(text: str) -> str:
    return escape(printable(text))


def _decisions(a: Arrived) -> str:
    if not a.draft.open:
        return "<h2>Décisions</h2><p>Aucune décision n’est ouverte.</p>"
    rows = "".join(_decision(k, v) for k, v in a.draft.open.items())
    return (
        f"<h2>Décisions</h2><p>{len(a.draft.open)} lignes à compléter ou à confirmer dans "
        f"<code>{_safe(a.wave_file)}</code> : retirer le « ? » confirme ce qui est proposé.</p>"
        "<div><table><caption>Décisions ouvertes</caption><thead><tr>"
        '<th scope="col">Clé</th><th scope="col">Proposé</th><th scope="col">Ce qui a été vu</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _decision(place: Place, answer: Answer) -> str:
    why = "<br>".join(_safe(w) for w in answer.why)
    return (
        f'<tr><th scope="row"><code>{_safe(" › ".join(place))}</code></th>'
        f"<td>{_safe(answer.value)}</td><td>{why}</td></tr>"
    )


def _section(kind: str, found: list[Finding]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(f.where)}</th><td>{escape(f.seen)}</td>'
        f"<td>{escape(f.expected)}</td><td>{_safe(' › '.join(f.answer)) or '–'}</td></tr>"
        for f in found
    )
    return (
        f"<h3>{_safe(kind)} ({len(found)})</h3>"
        f"<div><table><caption>{_safe(kind)}</caption><thead><tr>"
        '<th scope="col">Où</th><th scope="col">Vu dans le fichier</th>'
        '<th scope="col">Attendu, ou vague précédente</th><th scope="col">Décision</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div>"
    )
