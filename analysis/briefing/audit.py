"""The accessibility statement, from what an audit of the built site wrote: ``reports/audit.json``.

It claims no more than was checked. Automatic checks are no audit of the RGAA: until a person has
made one (``expert`` in the file), the law's word for the state of a site is "non conforme".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from analysis.briefing.pieces import Html, text
from analysis.definition.wavemodels import day_words
from analysis.errors import refuse
from analysis.language import Words, say
from analysis.project import find_project
from analysis.tables import Row, html_table
from analysis.wording import colon, integer, percent

# check -> what it looks for, and the criterion of the RGAA 4.1 that it is a part of
CHECKS = {
    "unnamed": (
        Words(
            "Les graphiques ont un nom et une description", "Charts have a name and a description"
        ),
        "1.1",
    ),
    "faint": (
        Words(
            "Les textes ont un contraste d’au moins 4,5 pour 1",
            "Texts have a contrast of at least 4.5 to 1",
        ),
        "3.2",
    ),
    "pale": (
        Words(
            "Les marques des graphiques ont un contraste d’au moins 3 pour 1",
            "Marks of charts have a contrast of at least 3 to 1",
        ),
        "3.3",
    ),
    "twice": (Words("Chaque identifiant est unique", "Each identifier is unique"), "8.2"),
    "lang": (
        Words("La langue de la page est indiquée", "The language of the page is given"),
        "8.3",
    ),
    "title": (
        Words(
            "Chaque page a un titre, différent des autres",
            "Each page has a title, unlike any other",
        ),
        "8.5",
    ),
    "jumps": (
        Words(
            "Un seul titre de premier niveau, et aucun niveau sauté",
            "A single first-level heading, and no level skipped",
        ),
        "9.1",
    ),
    "landmarks": (
        Words(
            "En-tête, navigation, contenu et pied de page sont balisés",
            "Header, navigation, content and footer are marked up",
        ),
        "9.2",
    ),
    "small": (Words("Aucun texte de moins de 12 pixels", "No text of less than 12 pixels"), "–"),
    "overflow": (
        Words(
            "Aucun défilement horizontal à 320 pixels de large",
            "No horizontal scrolling at 320 pixels wide",
        ),
        "10.11",
    ),
    "spacing": (
        Words(
            "L’espacement des textes peut être augmenté", "The spacing of texts can be increased"
        ),
        "10.12",
    ),
    "skip": (
        Words("Le premier lien mène au contenu", "The first link leads to the content"),
        "12.7",
    ),
    "dangling": (
        Words("Les liens internes mènent quelque part", "Internal links lead somewhere"),
        "–",
    ),
    "scripts": (
        Words("Les pages sont complètes sans script", "Pages are complete without scripts"),
        "–",
    ),
}
_KEYS = ("date", "browser", "version", "pages", "looks", "violations", "expert")
_STATES = {
    "total": Words("totalement conforme", "fully compliant"),
    "partial": Words("partiellement conforme", "partially compliant"),
    "none": Words("non conforme", "not compliant"),
}
_LOOK = re.compile(r"(\d+) pixels de large, thème (clair|sombre)")
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
            return str(_STATES["none"])
        clean = self.rate == 1 and not self.violations
        return str(_STATES["total" if clean else "partial"])

    @property
    def lead(self) -> str:
        """Why that state."""
        if self.rate is None:
            return say(
                "Personne n’a encore mené d’audit complet de ce site. La loi impose alors de le "
                "dire non conforme. Des contrôles automatiques ont lieu : voici ce qu’ils "
                "montrent.",
                "Nobody has carried out a full audit of this site yet. French law then requires it "
                "to be called not compliant. Automatic checks are made: this is what they show.",
            )
        share = percent(self.rate)
        return say(
            f"{share} des critères applicables du RGAA sont respectés.",
            f"{share} of the applicable criteria of the RGAA are met.",
        )

    @property
    def conformity(self) -> str:
        """The state in the words that the model of a statement prescribes."""
        if self.rate is None:
            return say(
                f"Ce site est {self.state} avec le RGAA. Il n’existe aucun résultat d’audit en "
                "cours de validité permettant de mesurer le respect des critères.",
                f"This site is {self.state} with the RGAA. There is no valid audit result by which "
                "to measure compliance with its criteria.",
            )
        day, auditor = _day(self.expert["date"]), self.expert["auditor"]
        return say(
            f"Ce site est {self.state} avec le RGAA, selon l’audit du {day} mené par {auditor}.",
            f"This site is {self.state} with the RGAA, according to the audit of {day} by "
            f"{auditor}.",
        )

    @property
    def results(self) -> str:
        """What the automatic checks come to."""
        if not self.date:
            return say(
                "Aucun contrôle automatique n’est enregistré.", "No automatic check is recorded."
            )
        checks, pages = integer(len(CHECKS)), integer(len(self.pages_))
        faults, day = integer(len(self.violations)), _day(self.date)
        none = say("aucun défaut trouvé", "no fault found")
        found = say(f"{faults} défauts trouvés", f"{faults} faults found")
        said = found if self.violations else none
        return say(
            f"Le {day}, {checks} contrôles automatiques sur {pages} pages : {said}.",
            f"On {day}, {checks} automatic checks on {pages} pages: {said}.",
        )

    @property
    def dated(self) -> str:
        """When the statement was made."""
        if not self.date:
            return say(
                "Déclaration établie sans contrôle enregistré.",
                "This statement was made without a recorded check.",
            )
        day = _day(self.date)
        return say(f"Déclaration établie le {day}.", f"This statement was made on {day}.")

    def table(self) -> Html:
        """A line for each check: criterion, and how many faults were found."""
        if not self.date:
            return Html("")
        count = [check for _, check, _ in self.violations]
        none = say("aucun", "none")
        rows = [
            Row(str(words), (criterion, integer(count.count(key)) if key in count else none))
            for key, (words, criterion) in CHECKS.items()
        ]
        head = (
            say("Contrôle", "Check"),
            say("Critère du RGAA", "RGAA criterion"),
            say("Défauts", "Faults"),
        )
        caption = f"{say('Contrôles automatiques', 'Automatic checks')}, {_day(self.date)}"
        return Html(html_table(caption, head, rows))

    def shortcomings(self) -> Html:
        """What is known not to be accessible, and what is not known."""
        fault = say("défaut", "fault")
        known = [
            f"{page}{colon()} {str(CHECKS[check][0]).lower()} ({fault}{colon()} {what})"
            for page, check, what in self.violations[:_SHOWN]
        ]
        known.append(
            say(
                "La version facile à lire n’a pas été relue par les lecteurs qu’elle vise.",
                "The easy-to-read version, which is in French, has not been reviewed by the "
                "readers it is meant for.",
            )
        )
        lead = say(
            "Les contrôles automatiques n’ont pas trouvé de défaut. ",
            "The automatic checks found no fault. ",
        )
        lead = lead if self.date and not self.violations else ""
        lead += say(
            "Sans audit complet, d’autres défauts peuvent exister. Sont connus :",
            "Without a full audit, there may be other faults. These are known:",
        )
        return Html(f"<p>{text(lead)}</p>{_list(known)}")

    def environment(self) -> Html:
        """Browser, widths and themes."""
        said = (
            [self.browser, f"Baromètre {self.version}", *map(_look, self.looks)]
            if self.date
            else []
        )
        return Html(_list(said) if said else f"<p>{text(self.results)}</p>")

    def pages(self) -> Html:
        """The pages that were checked, without links: another build may not have them all."""
        if not self.pages_:
            return Html("")
        names = "".join(f"<li>{_named(p.removesuffix('.html'))}</li>" for p in self.pages_)
        count = integer(len(self.pages_))
        return Html(f"<details><summary>{count} pages</summary><ul>{names}</ul></details>")

    def publisher(self, name: str) -> str:
        """Who publishes the site and commits to it, or that it is not said yet."""
        if not name:
            return say(
                "L’organisme qui publie ce site est à indiquer ici avant sa mise en ligne.",
                "The organisation that publishes this site is to be named here before it goes "
                "online.",
            )
        return say(
            f"{name} publie ce site et s’engage à le rendre accessible, selon l’article 47 de la "
            "loi n° 2005-102 du 11 février 2005.",
            f"{name} publishes this site and undertakes to make it accessible, under article 47 of "
            "French Act No. 2005-102 of 11 February 2005.",
        )

    def contact(self, where: str) -> str:
        """Where to write, or that it is not said yet."""
        if where:
            return say(f"Contact : {where}", f"Contact: {where}")
        return say(
            "L’adresse de contact est à indiquer ici avant la mise en ligne.",
            "The contact address is to be given here before the site goes online.",
        )


def _named(page: str) -> str:
    """A page by its file, whose name is French."""
    return say(text(page), f"<code>{text(page)}</code>")


def _list(items: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{text(i)}</li>' for i in items)}</ul>"


def _look(recorded: str) -> str:
    """A width and a theme, which the record has in French, in the language being written."""
    found = _LOOK.fullmatch(recorded)
    if found is None:
        return recorded
    theme = "light" if found[2] == "clair" else "dark"
    return say(recorded, f"{found[1]} pixels wide, {theme} theme")


def _day(iso: str) -> str:
    """A day in words: 2026-11-01 -> "1er novembre 2026"."""
    return day_words(date.fromisoformat(iso))
