"""What definitions and pages say in another language: gettext catalogues keyed by the French text.

``surveys/<id>/<language>.po``, ``reports/<language>/<page>.po``, and for a register of claims
``reports/<language>/claims/<register>.po``. A text that changes in French is no longer in its
catalogue: it is refused until somebody has looked at its translation again.
"""

from analysis.phrasebook.catalogue import Catalogue, Message, Say, read_catalogue, updated
from analysis.phrasebook.models import Printed, Told
from analysis.phrasebook.surveys import silent, survey_catalogue, survey_messages, translated

__all__ = [
    "Catalogue",
    "Message",
    "Printed",
    "Say",
    "Told",
    "read_catalogue",
    "silent",
    "survey_catalogue",
    "survey_messages",
    "translated",
    "updated",
]
