"""docs/damages.md: every damage and the message that ``baro`` gives, on demonstration data.

make damages
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from analysis.ingest import packed, raw
from tests.damage import harness
from tests.damage.damages import DAMAGES
from tests.damage.registry import Damage

_LONGEST = 160
_HEAD = """\
# Damages, and what is said of them

Made by `make damages` from `tests/damage/damages.py`, on demonstration data; not to be edited.
{refused} damages are refused, {harmless} are harmless: read as if nothing had been done. A refusal
ends `baro` with exit code 1 within seconds (the large ones in {memory} GiB of addresses), without a
traceback, and changes nothing outside `build/`: see `tests/damage/test_damages.py`. Beside what is
shown, each message says what was expected and what to type.

Bounds: {bounds}.

| kind | damage | where | what is said |
|---|---|---|---|
"""


def listed(text: str) -> list[tuple[str, str]]:
    """Kind and name of each damage in the page."""
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [(r[0].removeprefix("| "), r[1]) for r in rows if r[0] != "| kind"]


def answer(damage: Damage, content: bytes) -> tuple[str, str]:
    """Place and finding of the first problem that is told."""
    with tempfile.TemporaryDirectory() as folder:
        case = harness.lay_out(Path(folder), b"" if damage.alone else content)
        os.environ |= harness.surroundings(case)
        damage.act(case)
        said = harness.run(damage, case)
        if damage.harmless:
            return ("", "read as if nothing had been done") if said.code == 0 else ("", said.err)
        where, found = said.problems[0].split("\n")[:2]
        for name in (folder, str(Path(folder).resolve())):
            where, found = where.replace(name, "…"), found.replace(name, "…")
        return where, found.strip()


def page() -> str:
    """The whole page."""
    content = harness.drawn()
    harmless = sum(d.harmless for d in DAMAGES)
    text = _HEAD.format(memory=harness.MEMORY >> 30, refused=len(DAMAGES) - harmless,
                        harmless=harmless, bounds=_bounds())  # fmt: skip
    for damage in DAMAGES:
        cells = (damage.kind, damage.name, *map(_cell, answer(damage, content)))
        text += f"| {' | '.join(cells)} |\n"
    return text


def _bounds() -> str:
    return (
        f"{packed.MAX_BYTES >> 30} GiB a file, {packed.MAX_ROW >> 20} MiB a row, "
        f"{packed.MAX_RATIO} times what the file takes on the disk, {raw.MAX_COLUMNS} columns, "
        f"{raw.MAX_CELLS} cells in Parquet, Excel, SPSS, Stata and SAS, "
        f"{raw.MAX_TEXTS >> 30} GiB of texts in those of Parquet and Excel; 10 000 000 rows a wave"
    )


def _cell(text: str) -> str:
    short = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    if not short or short.startswith("read as"):
        return short
    return f"`` {short.replace('|', '¦')} ``" if "`" in short else f"`{short.replace('|', '¦')}`"


if __name__ == "__main__":
    target = harness.ROOT / "docs" / "damages.md"
    target.write_text(page(), "utf-8")
