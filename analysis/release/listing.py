"""Every change of a revision in a file, as French spreadsheets open it."""

from __future__ import annotations

import csv
import io

from analysis.release.figures import Figure
from analysis.release.revision import Revision
from analysis.spreadsheets import neutral

FILE = "revisions-toutes.csv"  # no name of an indicator has a hyphen: nothing takes its place
_COLUMNS = (
    "changement", "enquete", "vague", "indicateur", "libelle", "modalite", "domaine", "groupe",
    *(f"{c}_{when}" for when in ("avant", "apres")
      for c in ("valeur", "borne_basse", "borne_haute", "erreur_type", "repondants", "statut")),
)  # fmt: skip
_WORDS = {
    "sampling": "au-delà de la marge d’erreur", "printed": "au-delà de l’arrondi",
    "margin": "intervalle ou répondants", "digits": "chiffres non écrits dans les tableaux",
    "suppressed": "retirée", "shown": "rétablie", "status": "statut", "new": "nouvelle",
    "gone": "disparue",
}  # fmt: skip


def revision_csv(revision: Revision) -> bytes:
    """Every change on a line; the same bytes for the same revision.

    A figure that is no longer published is named without its numbers: what was hidden since
    would be told here again.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for c in revision.changes:
        old, new = revision.figures[c.survey]
        label = (new if c.after else old).label("indicateur", c.key[1])
        wave, indicator, *rest = c.key
        words = (_WORDS[c.kind], c.survey, wave, indicator, label, *rest)
        former = _cells(c.before if c.told else None)
        writer.writerow([*map(neutral, words), *former, *_cells(c.after)])
    return out.getvalue().encode("utf-8-sig")


def _cells(figure: Figure | None) -> tuple[str, ...]:
    if figure is None:
        return ("",) * 6
    numbers = (figure.value, figure.low, figure.high, figure.error)
    written = ("" if x is None else f"{x:f}".replace(".", ",") for x in numbers)
    return (*written, str(figure.n), figure.status)
