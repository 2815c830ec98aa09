"""The pages in another language, from the same sources: staged, rendered and checked like the rest.

A page is translated where ``reports/<language>/<page>.po`` stands; all of it then, or the build is
refused. Pages that are not stay French, and links to them say so.
"""

from analysis.translation.catalogues import bring_up_to_date, languages_of, pages_in
from analysis.translation.leftovers import leftovers
from analysis.translation.stage import mark_translated, place_made, stage_language

__all__ = [
    "bring_up_to_date", "languages_of", "leftovers", "mark_translated", "pages_in",
    "place_made", "stage_language",
]  # fmt: skip
