"""What several surveys of one project must not share: names that become the same file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analysis.definition.survey import Survey
from analysis.errors import Problem, quoted

CLAIMS_FILE = "affirmations"  # donnees/affirmations.csv: what people claim, judged
# donnees/<survey>.csv and what stands beside it for the whole survey (analysis.opendata.names).
_ENDINGS = ("", "_indicateurs", "_codes", "_dictionnaire")


def survey_files(survey: str) -> tuple[str, ...]:
    """The files ``donnees/<name>.csv`` that a survey has whatever its indicators, without .csv."""
    return tuple(f"{survey}{ending}" for ending in _ENDINGS)


def shared_names(surveys: Iterable[Survey]) -> Iterator[Problem]:
    """Surveys and indicators whose file ``donnees/<name>.csv`` would be written twice.

    The second would silently take the place of the first, so that a link shows other figures.
    """
    known = list(surveys)
    taken = {CLAIMS_FILE: "the claims"}
    for survey in known:
        place, files = f"surveys/{survey.id}", survey_files(survey.id)
        where, remedy = f"{place}/survey.yml: survey", "rename the survey and its folder"
        yield from (_shared(where, n, taken[n], remedy) for n in files if n in taken)
        taken |= dict.fromkeys(files, f"all of {place}")
    for survey in known:
        place, names = f"surveys/{survey.id}", survey.spec.indicators
        for name in (n for n in names if n in taken):
            where = f"{place}/survey.yml: indicators.{name}"
            remedy = f"rename it, for instance {quoted(f'{name}_{survey.id}')}"
            yield _shared(where, name, taken[name], remedy)
        taken |= dict.fromkeys(names, place)


def _shared(where: str, name: str, owner: str, remedy: str) -> Problem:
    found = f"donnees/{name}.csv is already the file of {owner}"
    return Problem(where, found, "a name that no other survey uses", remedy)
