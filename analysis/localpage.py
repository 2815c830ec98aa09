"""A page that stands alone: a report for whoever has the microdata, never part of the site.

It may quote what a respondent answered or what a file holds, and nothing in it runs: its policy
allows one stylesheet, its own, by its hash.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape


def local_page(title: str, style: str, body: str) -> str:
    """The whole page: ``title`` as text, ``style`` as CSS, ``body`` as HTML."""
    allowed = b64encode(sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="fr"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head>\n"
        f"<body><main>{body}</main></body></html>\n"
    )
