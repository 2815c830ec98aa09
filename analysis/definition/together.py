"""What several surveys of one project must not share: names that become the same file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analysis.definition.survey import Survey
from analysis.errors import Problem, quoted

CLAIMS_FILE = "affirmations"  # donnees/affirmations.csv: what people claim, judged


def shared_names(surveys: Iterable[Survey]) -> Iterator[Problem]:
    """Indicators whose file ``donnees/<name>.csv`` another survey, or the claims, would write too.

    The second would silently take the place of the first, so that a link shows other figures.
    """
    taken = {CLAIMS_FILE: "the claims"}
    for survey in surveys:
        for name in survey.spec.indicators:
            if name in taken:
                yield Problem(
                    f"surveys/{survey.id}/survey.yml: indicators.{name}",
                    f"donnees/{name}.csv is already the file of {taken[name]}",
                    "a name that no other survey uses",
                    f"rename it, for instance {quoted(f'{name}_{survey.id}')}",
                )
        taken |= dict.fromkeys(survey.spec.indicators, f"surveys/{survey.id}")
