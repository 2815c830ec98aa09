"""Reports that stand alone: a policy that allows their own style, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import re

from analysis.localpage import local_page

EVIL = "</title><script>alert(1)</script>"


def test_the_style_is_allowed_by_its_hash_and_nothing_else_is() -> None:
    page = local_page(EVIL, "p{color:red}", "<h1>x</h1>")
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    (style,) = re.findall(r"<style>(.*?)</style>", page)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'", f"style-src 'sha256-{digest}'", "base-uri 'none'",
        "form-action 'none'",
    ]  # fmt: skip
    assert "<script" not in page
