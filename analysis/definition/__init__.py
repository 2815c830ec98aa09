"""``surveys/<id>/survey.yml`` and ``waves/*.yml`` read into a frozen, checked :class:`Survey`."""

from analysis.definition.load import load_survey, survey_ids
from analysis.definition.margins import MarginTable
from analysis.definition.models import (
    Break,
    Category,
    Domain,
    Indicator,
    Population,
    Variable,
    Weighting,
)
from analysis.definition.survey import Survey, span

__all__ = [
    "Break",
    "Category",
    "Domain",
    "Indicator",
    "MarginTable",
    "Population",
    "Survey",
    "Variable",
    "Weighting",
    "load_survey",
    "span",
    "survey_ids",
]
