"""How a survey's results are cited: a sentence, BibTeX, CSL-JSON; all without a date of build."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from analysis.definition import Survey
from analysis.language import say, spoken
from analysis.wording.lines import period
from analysis.wording.numbers import colon, typeset
from analysis.wording.origins import made


def short_digest(hashes: Iterable[str]) -> str:
    """A short hash of all the definitions that a table was computed with."""
    return sha256("".join(sorted(set(hashes))).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Citation:
    """What is cited: results of some waves, by a version of the code and of the definition.

    origins : where the microdata are from; what nobody gave is part of the title
    """

    survey: Survey
    waves: tuple[str, ...]
    origins: tuple[str, ...]
    version: str
    digest: str

    @property
    def title(self) -> str:
        """The survey, its waves, and what was not observed."""
        when = period(self.waves[0], self.waves[-1])
        said = "".join(f" ({o.short})" for o in made(self.origins))
        again = say("résultats recalculés", "results computed again")
        return f"{typeset(self.survey.spec.title)}, {when}, {again}{said}"

    @property
    def edition(self) -> str:
        """Version of the code and hash of the definition, which give the figures again."""
        return f"Baromètre {self.version}, {say('définition', 'definition')} {self.digest}"

    def text(self) -> str:
        """A sentence for a bibliography."""
        spec = self.survey.spec
        return (
            f"{typeset(spec.licence.attribution)} ({self._year}). {self.title}. "
            f"{self.edition}. Licence{colon()} {spec.licence.name}."
        )

    def bibtex(self) -> str:
        """A ``@misc`` entry, for classic BibTeX as for biber."""
        spec = self.survey.spec
        fields = {
            "author": f"{{{_escaped(spec.licence.attribution)}}}",
            "title": f"{{{_escaped(self.title)}}}",
            "year": _escaped(self._year),
            "note": _escaped(f"{self.edition}. Licence{say(' :', ':')} {spec.licence.name}"),
        }
        body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
        return f"@misc{{{self._key},\n{body}\n}}"

    def csl(self) -> str:
        """One item of CSL-JSON, which reference managers import."""
        spec = self.survey.spec
        item = {
            "id": self._key,
            "type": "dataset",
            "title": self.title,
            "author": [{"literal": spec.licence.attribution}],
            "issued": {"date-parts": [[int(self._year)]]} if self._year.isdigit() else {},
            "version": self.edition,
            "license": spec.licence.name,
            "language": spoken(),
        }
        return json.dumps([item], ensure_ascii=False, indent=1)

    @property
    def _year(self) -> str:
        found = re.search(r"\d{4}", self.waves[-1])
        return found[0] if found else self.waves[-1]

    @property
    def _key(self) -> str:
        return re.sub(r"[^A-Za-z0-9_]", "", f"{self.survey.id}_{self.waves[-1]}")


_SIGNS = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"} | {
    sign: f"\\{sign}" for sign in "{}&%$#_"
}


def _escaped(text: str) -> str:
    return "".join(_SIGNS.get(sign, sign) for sign in text)
