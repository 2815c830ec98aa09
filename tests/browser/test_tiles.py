"""The widest map of squares that a definition may ask for, on a phone and elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from analysis.charts import Tile, TileMap
from analysis.definition.tiles import COLUMNS
from analysis.wording import NBSP, NNBSP
from tests.browser.driver import Browser

AUDIT = Path(__file__).with_name("audit.js").read_text("utf-8")
GONE = f"non publié{NNBSP}: trop peu de réponses"
SHOWN = (f"100{NBSP}%", f"98{NBSP}%", GONE, "aucune réponse")
LEAST_TYPE = 12

pytestmark = pytest.mark.browser


def square(n: int) -> Tile:
    """Every kind of square, with the longest short name, mark and value."""
    value = 0.08 * (n % 13) if n % 4 < 2 else None
    side = (n % 3) - 1 if value is not None else 0
    at = (1 + n % COLUMNS, 1 + n // COLUMNS)
    return Tile(f"Région {n}", f"MM{n:02}", at, value, value, value, SHOWN[n % 4], n % 5 == 1, side)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Path:
    folder = tmp_path_factory.mktemp("tiles")
    for name in ("page.css", "figures.css"):
        shutil.copy(project_root / "reports" / "_assets" / name, folder)
    chart = TileMap("large", "Une carte", tuple(square(n) for n in range(18)))
    made = folder / "page.html"
    made.write_text(
        '<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Carte</title>'
        '<meta name="viewport" content="width=device-width">'
        '<link rel="stylesheet" href="page.css"><link rel="stylesheet" href="figures.css"></head>'
        "<body><main><h1>Carte</h1><figure>"
        f'<div class="graphique cote"><div>{chart.svg()}</div></div></figure></main></body></html>',
        "utf-8",
    )
    return made


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_overflows_and_everything_can_be_read(
    browser: Browser, page: Path, width: int, *, dark: bool
) -> None:
    browser.open(page, width=width, dark=dark)
    found: dict[str, Any] = browser.run(AUDIT)
    assert found["squares"] == 18
    for complaint in ("faint", "small", "spilled", "uneven", "twice", "dangling", "unnamed"):
        assert found[complaint] == [], complaint
    assert found["overflow"] <= 0
    assert found["styled"] == 0
    sizes = browser.run("return [...document.querySelectorAll('.tuiles *')].filter(e => "
                        "e.textContent.trim() && !e.closest('svg'))"
                        ".map(e => parseFloat(getComputedStyle(e).fontSize))")  # fmt: skip
    assert min(sizes) >= LEAST_TYPE


def test_a_screen_reader_meets_one_image(browser: Browser, page: Path) -> None:
    browser.open(page, width=320)
    ((name, described),), said = browser.images()
    assert name == "Une carte"
    assert described.endswith("Valeurs dans le tableau.")
    assert not [s for s in said if "%" in s], "squares are part of the image"


def test_shades_are_printed(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.printed_shades(".tuiles b") == {"exact"}
