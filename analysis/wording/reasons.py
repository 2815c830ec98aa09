"""Why a figure is hidden or marked, in the language of the page.

The table of estimates gives the reason in French (:mod:`analysis.disclosure.reliability`).
"""

from __future__ import annotations

import re

from analysis.estimates import SECRET
from analysis.language import SOURCE, Words, spoken
from analysis.wording.numbers import typeset

# Every reason; {} is a threshold.
_REASONS = (
    Words("moins de {} réponses", "fewer than {} answers"),
    Words("moins de {} degrés de liberté", "fewer than {} degrees of freedom"),
    Words("réponses qui en valent moins de {}", "answers worth fewer than {}"),
    Words("effectif efficace inférieur à {}", "effective sample size below {}"),
    Words("intervalle de {} points ou plus", "interval of {} percentage points or more"),
    Words("intervalle de plus de {} points", "interval of more than {} percentage points"),
    Words("intervalle de plus de {} % de la valeur", "interval of more than {}% of the value"),
    Words("coefficient de variation de plus de {} %", "coefficient of variation above {}%"),
    Words("erreur-type trop grande pour la valeur", "standard error too large for the value"),
    Words("erreur-type inconnue", "unknown standard error"),
    Words(
        "trop peu de réponses pour des effectifs arrondis à {}",
        "too few answers for counts rounded to {}",
    ),
    Words(SECRET, "statistical confidentiality"),
)
_ENGLISH = {words.fr: words.en for words in _REASONS}
_NUMBER = re.compile(r"\d+(?:,\d+)?")


def reason_words(reason: str) -> str:
    """A reason as pages say it: "fewer than 30 answers"; "" stays "".

    Raises KeyError for one that has no English here.
    """
    if not reason or spoken() == SOURCE:
        return reason
    bounds = [bound.replace(",", ".") for bound in _NUMBER.findall(reason)]
    return typeset(_ENGLISH[_NUMBER.sub("{}", reason)].format(*bounds))
