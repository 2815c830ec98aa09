"""The accessibility statement, from what an audit of the built site wrote: ``reports/audit.json``.

It claims no more than was checked. Automatic checks are no audit of the RGAA: until a person has
made one (``expert`` in the file), the law's word for the state of a site is "non conforme".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from analysis.briefing.pieces import Html, text
from analysis.errors import refuse
from analysis.project import find_project
from analysis.tables import Row, html_table
from analysis.wording import integer, percent

# check -> what it looks for, and the criterion of the RGAA 4.1 that it is a part of
CHECKS = {
    "unnamed": ("Les graphiques ont un nom et une description", "1.1"),
    "faint": ("Les textes ont un contraste d’au moins 4,5 pour 1", "3.2"),
    "pale": ("Les marques des graphiques ont un contraste d’au moins 3 pour 1", "3.3"),
    "twice": ("Chaque identifiant est unique", "8.2"),
    "lang": ("La langue de la page est indiquée", "8.3"),
    "title": ("Chaque page a un titre, différent des autres", "8.5"),
    "jumps": ("Un seul titre de premier niveau, et aucun niveau sauté", "9.1"),
    "landmarks": ("En-tête, navigation, contenu et pied de page sont balisés", "9.2"),
    "small": ("Aucun texte de moins de 12 pixels", "–"),
    "overflow": ("Aucun défilement horizontal à 320 pixels de large", "10.11"),
    "spacing": ("L’espacement des textes peut être augmenté", "10.12"),
    "skip": ("Le premier lien mène au contenu", "12.7"),
    "dangling": ("Les liens internes mènent quelque part", "–"),
    "scripts": ("Les pages sont complètes sans script", "–"),
}
_KEYS = ("date", "browser", "version", "pages", "looks", "violations", "expert")
_STATES = {
    "total": "totalement conforme",
    "partial": "partiellement conforme",
    "none": "non conforme",
}
_LEAST = 0.5  # of the applicable criteria, from which a site is partly conformant
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Audit:
    """What was checked, and what was found.

    date : ISO day, "" where no audit was recorded
    looks : widths and themes ; violations : (page, check, what)
    expert : of an audit by a person: date, auditor, satisfied and applicable criteria
    """

    date: str = ""
    browser: str = ""
    version: str = ""
    pages_: tuple[str, ...] = ()
    looks: tuple[str, ...] = ()
    violations: tuple[tuple[str, str, str], ...] = ()
    expert: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path | None = None) -> Audit:
        """The results beside the reports; none recorded where there is no file.

        Raises :class:`BaroError` for a file that is no record of an audit.
        """
        path = file or find_project().reports / "audit.json"
        if not path.is_file():
            return cls()
        try:
            found = json.loads(path.read_text("utf-8"))
            return cls._of(found)
        except (ValueError, KeyError, TypeError) as e:
            raise refuse(
                f"reports/{path.name}",
                f"no record of an audit: {e}",
                f"JSON with {', '.join(_KEYS)}",
                "run `make audit` again",
            ) from None

    @classmethod
    def _of(cls, found: Mapping[str, Any]) -> Audit:
        date.fromisoformat(found["date"])
        violations = tuple((str(v["page"]), str(v["check"]), str(v["what"]))
                           for v in found["violations"])  # fmt: skip
        unknown = sorted({check for _, check, _ in violations} - set(CHECKS))
        if unknown:
            raise ValueError(f"unknown checks {', '.join(unknown)}")
        expert = dict(found["expert"] or {})
        if expert:
            date.fromisoformat(expert["date"])
            if not 0 <= int(expert["satisfied"]) <= int(expert["applicable"]) != 0:
                raise ValueError("more criteria satisfied than applicable")
        return cls(found["date"], str(found["browser"]), str(found["version"]),
                   tuple(map(str, found["pages"])), tuple(map(str, found["looks"])),
                   violations, expert)  # fmt: skip

    @property
    def rate(self) -> float | None:
        """The share of applicable criteria that a person found satisfied; None without audit."""
        if not self.expert:
            return None
        return int(self.expert["satisfied"]) / int(self.expert["applicable"])

    @property
    def state(self) -> str:
        """The word of the law: totalement, partiellement or non conforme."""
        if self.rate is None or self.rate < _LEAST:
            return _STATES["none"]
        return _STATES["total"] if self.rate == 1 and not self.violations else _STATES["partial"]

    @property
    def lead(self) -> str:
        """Why that state."""
        if self.rate is None:
            return (
                "Personne n’a encore mené d’audit complet de ce site. La loi impose alors de le "
                "dire non conforme. Des contrôles automatiques ont lieu : voici ce qu’ils montrent."
            )
        return f"{percent(self.rate)} des critères applicables du RGAA sont respectés."

    @property
    def conformity(self) -> str:
        """The state in the words that the model of a statement prescribes."""
        if self.rate is None:
            return (
                f"Ce site est {self.state} avec le RGAA. Il n’existe aucun résultat d’audit en "
                "cours de validité permettant de mesurer le respect des critères."
            )
        return (
            f"Ce site est {self.state} avec le RGAA, selon l’audit du {_day(self.expert['date'])} "
            f"mené par {self.expert['auditor']}."
        )

    @property
    def results(self) -> str:
        """What the automatic checks come to."""
        if not self.date:
            return "Aucun contrôle automatique n’est enregistré."
        checks, pages = integer(len(CHECKS)), integer(len(self.pages_))
        found = f"{integer(len(self.violations))} défauts trouvés"
        said = "aucun défaut trouvé" if not self.violations else found
        return f"Le {_day(self.date)}, {checks} contrôles automatiques sur {pages} pages : {said}."

    @property
    def dated(self) -> str:
        """When the statement was made."""
        return (
            f"Déclaration établie le {_day(self.date)}."
            if self.date
            else ("Déclaration établie sans contrôle enregistré.")
        )

    def table(self) -> Html:
        """A line for each check: criterion, and how many faults were found."""
        if not self.date:
            return Html("")
        count = [check for _, check, _ in self.violations]
        rows = [
            Row(words, (criterion, integer(count.count(key)) if key in count else "aucun"))
            for key, (words, criterion) in CHECKS.items()
        ]
        head = ("Contrôle", "Critère du RGAA", "Défauts")
        return Html(html_table(f"Contrôles automatiques, {_day(self.date)}", head, rows))

    def shortcomings(self) -> Html:
        """What is known not to be accessible, and what is not known."""
        known = [f"{page} : {CHECKS[check][0].lower()} (défaut : {what})"
                 for page, check, what in self.violations[:_SHOWN]]  # fmt: skip
        known += ["La version facile à lire n’a pas été relue par les lecteurs qu’elle vise."]
        clean = bool(self.date) and not self.violations
        first = "Les contrôles automatiques n’ont pas trouvé de défaut. " if clean else ""
        lead = first + "Sans audit complet, d’autres défauts peuvent exister. Sont connus :"
        return Html(f"<p>{text(lead)}</p>{_list(known)}")

    def environment(self) -> Html:
        """Browser, widths and themes."""
        said = [self.browser, f"Baromètre {self.version}", *self.looks] if self.date else []
        return Html(_list(said) if said else f"<p>{text(self.results)}</p>")

    def pages(self) -> Html:
        """The pages that were checked, without links: another build may not have them all."""
        if not self.pages_:
            return Html("")
        names = _list([p.removesuffix(".html") for p in self.pages_])
        count = integer(len(self.pages_))
        return Html(f"<details><summary>{count} pages</summary>{names}</details>")

    def publisher(self, name: str) -> str:
        """Who publishes the site and commits to it, or that it is not said yet."""
        if not name:
            return "L’organisme qui publie ce site est à indiquer ici avant sa mise en ligne."
        return (
            f"{name} publie ce site et s’engage à le rendre accessible, selon l’article 47 de la "
            "loi n° 2005-102 du 11 février 2005."
        )

    def contact(self, where: str) -> str:
        """Where to write, or that it is not said yet."""
        return (
            f"Contact : {where}"
            if where
            else ("L’adresse de contact est à indiquer ici avant la mise en ligne.")
        )


def _list(items: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{text(i)}</li>' for i in items)}</ul>"


_MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
           "octobre", "novembre", "décembre")  # fmt: skip


def _day(iso: str) -> str:
    """A day in French: 2026-11-01 -> "1er novembre 2026"."""
    d = date.fromisoformat(iso)
    return f"{'1er' if d.day == 1 else d.day} {_MONTHS[d.month - 1]} {d.year}"
