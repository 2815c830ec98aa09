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
from analysis.definition.together import CLAIMS_FILE, shared_names

__all__ = [
    "CLAIMS_FILE",
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
    "shared_names",
    "span",
    "survey_ids",
]
