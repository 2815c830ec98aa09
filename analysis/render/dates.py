"""Dates as Quarto writes them, in French and English."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
}
_SHORT_MONTHS = {
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
}
_DAYS = {
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
}
_NAMED = {
    "fr": {
        "full": "dddd D MMMM YYYY",
        "long": "D MMMM YYYY",
        "medium": "D MMM YYYY",
        "short": "DD/MM/YYYY",
        "iso": "YYYY-MM-DD",
    },
    "en": {
        "full": "dddd, MMMM D, YYYY",
        "long": "MMMM D, YYYY",
        "medium": "MMM D, YYYY",
        "short": "M/D/YY",
        "iso": "YYYY-MM-DD",
    },
}
_TOKEN = re.compile(r"\[([^\]]*)\]|[^\W\d_]+")
LANGUAGES = tuple(_NAMED)


def format_date(written: str, style: str, lang: str) -> str:
    """Write an ISO date (``2024-12-12``) in ``style``: full, long, medium, short, iso, or tokens.

    Tokens are ``D DD dddd M MM MMM MMMM YY YYYY`` and ``[text]``. Raises ValueError, which says
    what is wrong, on another date, token or language.
    """
    language = lang.split("-")[0]
    if language not in _NAMED:
        raise ValueError(f'dates are written in {" and ".join(LANGUAGES)}, not in "{lang}"')
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise ValueError(f'"{written}" is not a date like 2024-12-31') from None
    pattern = _NAMED[language].get(style, style)
    return _TOKEN.sub(lambda m: _token(m, day, language), pattern)


def _token(match: re.Match[str], day: date, language: str) -> str:
    if match[0].startswith("["):
        return match[1]
    values = {
        "YYYY": f"{day.year:04d}",
        "YY": f"{day.year % 100:02d}",
        "MMMM": _MONTHS[language].split()[day.month - 1],
        "MMM": _SHORT_MONTHS[language].split()[day.month - 1],
        "MM": f"{day.month:02d}",
        "M": str(day.month),
        "dddd": _DAYS[language].split()[day.weekday()],
        "DD": f"{day.day:02d}",
        "D": str(day.day),
    }
    if match[0] not in values:
        raise ValueError(f'"{match[0]}" in the date format: known are {", ".join(values)}')
    return values[match[0]]
