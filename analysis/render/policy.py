"""The Content-Security-Policy of a page: that it is there and strict, and what it would drop.

A page may load scripts, styles and pictures that stand beside it, and nothing else: should a text
ever get into a page as markup, the browser runs nothing of it. The same holds from ``file://`` and
from a server: ``'self'`` then means any file beside the page (tests/browser/test_hostile.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from analysis.render.pages import Page, is_external

Fault = tuple[int, str, str, str]  # line, text that tells its place, what is found, what to type
_NONE, _SELF = frozenset({"'none'"}), frozenset({"'self'"})
# What a policy must say, and the most that it may allow besides.
_REQUIRED = {"default-src": _NONE, "base-uri": _NONE, "form-action": _NONE}
_ALLOWED = {
    "script-src": _SELF,
    "style-src": _SELF,
    "font-src": _SELF,
    "img-src": _SELF | {"data:"},
}
_REMEDY = "write the policy of reports/_assets/page.html in the head of the template"


def policy_faults(page: Page) -> Iterator[Fault]:
    """The faults of a page's policy, and what a strict one drops from the page."""
    yield from ((line, "", found, _REMEDY) for line, found in _meta_faults(page))
    for what, line in page.breaches:
        yield (line, "", f"a strict policy drops {what}",
               "use a class, and the stylesheet or script of the site")  # fmt: skip
    for reference in page.references:
        drawn = reference.url.startswith("data:image/") and reference.tag in ("img", "link")
        if reference.loads and is_external(reference.url) and not drawn:
            yield (reference.line, reference.url,
                   f"<{reference.tag}> fetches {reference.url} from another host",
                   "put a copy below _assets and name that")  # fmt: skip


def _meta_faults(page: Page) -> Iterator[tuple[int, str]]:
    if len(page.policies) != 1:
        yield 1, f"{len(page.policies)} policies (Content-Security-Policy)"
        return
    text, line = page.policies[0]
    said = directives(text)
    for name, sources in said.items():
        most = _REQUIRED.get(name) or _ALLOWED.get(name, frozenset())
        if not sources <= most:
            yield line, f"the policy allows {name} {' '.join(sorted(sources - most))}"
    for name in (n for n in _REQUIRED if not said.get(n)):
        yield line, f"the policy does not say {name} 'none'"
    early = [r for r in page.references if r.loads and r.line < line]
    if early:
        yield early[0].line, f"{early[0].url} is loaded before the policy"
    scripts = [r.line for r in page.references if r.tag == "script"]
    if scripts and not said.get("script-src"):
        yield scripts[0], "a script, and a policy that drops it: no script-src"


def directives(policy: str) -> dict[str, frozenset[str]]:
    """Directive -> its sources; of a directive that is there twice the first counts."""
    said: dict[str, frozenset[str]] = {}
    for part in policy.split(";"):
        name, *sources = part.split() or [""]
        if name:
            said.setdefault(name.lower(), frozenset(sources))
    return said
