"""Why a figure is hidden or marked, in the language of the page.

The table of estimates gives the reason in French (:mod:`analysis.disclosure.reliability`).
"""

from __future__ import annotations

import re

from analysis.estimates import SECRET
from analysis.language import SOURCE, spoken
from analysis.wording.numbers import typeset

# The French and the English of every reason; {} is a threshold.
_ENGLISH = {
    "moins de {} réponses": "fewer than {} answers",
    "moins de {} degrés de liberté": "fewer than {} degrees of freedom",
    "réponses qui en valent moins de {}": "answers worth fewer than {}",
    "effectif efficace inférieur à {}": "effective sample size below {}",
    "intervalle de {} points ou plus": "interval of {} percentage points or more",
    "intervalle de plus de {} points": "interval of more than {} percentage points",
    "intervalle de plus de {} % de la valeur": "interval of more than {}% of the value",
    "coefficient de variation de plus de {} %": "coefficient of variation above {}%",
    "erreur-type trop grande pour la valeur": "standard error too large for the value",
    "erreur-type inconnue": "unknown standard error",
    SECRET: "statistical confidentiality",
}
_NUMBER = re.compile(r"\d+(?:,\d+)?")


def reason_words(reason: str) -> str:
    """A reason as pages say it: "fewer than 30 answers"; "" stays "".

    Raises KeyError for one that has no English here.
    """
    if not reason or spoken() == SOURCE:
        return reason
    bounds = [bound.replace(",", ".") for bound in _NUMBER.findall(reason)]
    return typeset(_ENGLISH[_NUMBER.sub("{}", reason)].format(*bounds))
