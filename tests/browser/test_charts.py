"""Charts of shares and change with the longest words they may meet, on a phone and elsewhere."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from analysis.charts import (
    DistributionChart,
    DivergingChart,
    DivergingRow,
    Dot,
    DotChart,
    DotGroup,
    End,
    Part,
    Slope,
    SlopeChart,
    Spread,
    StackedChart,
    StackedRow,
)
from analysis.wording import NBSP
from tests.browser.driver import Browser

AUDIT = Path(__file__).with_name("audit.js").read_text("utf-8")
LONG = "Faire des démarches administratives en ligne, même compliquées"
NARROW, WIDE = 320, 1280

pytestmark = pytest.mark.browser


def end(value: float) -> End:
    return End(value, value - 0.03, value + 0.03, f"{100 * value:.0f}{NBSP}%")


def part(label: str, value: float, **more: Any) -> Part:
    return Part(label, value, f"{100 * value:.0f}{NBSP}%", **more)


def charts() -> list[SlopeChart | StackedChart | DivergingChart | DistributionChart]:
    slopes = tuple(
        Slope(f"{LONG}, {i}" if i % 2 else f"Groupe {i}", end(0.1 + i / 50), end(0.2 + i / 25),
              i % 3 - 1)
        for i in range(6)
    )  # fmt: skip
    shares = (part("Pas du tout compétente ou compétent", 0.03, fragile=True),
              part("Pas très", 0.27), part("Assez", 0.4), part("Très", 0.25))  # fmt: skip
    unknown = (part("Ne sait pas", 0.05),)
    stacked = tuple(StackedRow(label, shares, unknown) for label in ("Ensemble", LONG))
    item = DivergingRow(LONG, shares[:2], shares[2:], None, unknown)
    sides = ("peu ou pas du tout compétentes", "assez ou très compétentes")
    spread = Spread(LONG, 25.0, 6.0, 60.0, "25,0", True, (15.0, 42.0), "…")
    return [
        SlopeChart("pentes", "Des pentes", ("2020", "2022"), slopes),
        StackedChart("parts", "Des parts", stacked),
        DivergingChart("avis", "Des avis", (item,), sides),
        DistributionChart("heures", "Des heures", (DotGroup("", (spread,) * 2),), percent=False),
    ]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Path:
    return page_of([c.svg() for c in charts()], tmp_path_factory.mktemp("charts"), project_root)


def page_of(drawn: list[str], folder: Path, project_root: Path) -> Path:
    """The charts on one page, with the stylesheets of the site."""
    for name in ("page.css", "figures.css"):
        shutil.copy(project_root / "reports" / "_assets" / name, folder)
    figures = "".join(
        f'<figure><div class="graphique"><div>{chart}</div></div></figure>' for chart in drawn
    )
    made = folder / "page.html"
    made.write_text(
        '<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>x</title>'
        '<meta name="viewport" content="width=device-width">'
        '<link rel="stylesheet" href="page.css"><link rel="stylesheet" href="figures.css"></head>'
        f"<body><main><h1>Des graphiques</h1>{figures}</main></body></html>",
        "utf-8",
    )
    return made


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [NARROW, 768, WIDE])
def test_nothing_overflows_and_everything_can_be_read(
    browser: Browser, page: Path, width: int, *, dark: bool
) -> None:
    browser.open(page, width=width, dark=dark)
    found: dict[str, Any] = browser.run(AUDIT)
    for complaint in ("faint", "pale", "small", "outside", "crossed", "askew", "twice", "dangling",
                      "unnamed"):  # fmt: skip
        assert found[complaint] == [], complaint
    assert found["overflow"] <= 0
    assert found["styled"] == 0


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_labels_of_slopes_stand_beside_their_points(
    browser: Browser, page: Path, width: int
) -> None:
    browser.open(page, width=width)
    boxes = browser.run("""
        return [...document.querySelectorAll('.pentes > svg')].map(svg =>
          [...svg.querySelectorAll('text, circle')].map(e => {
            const b = e.getBoundingClientRect(); return [b.left, b.right, b.top, b.bottom]; }))""")
    before, drawn, after = boxes
    assert max(b[1] for b in before) <= min(b[0] for b in drawn)
    assert max(b[1] for b in drawn) <= min(b[0] for b in after)
    lines = sorted((b[2] + b[3]) / 2 for b in after)
    assert min(b - a for a, b in pairwise(lines)) >= 14


def test_sides_share_their_middle(browser: Browser, page: Path) -> None:
    browser.open(page, width=NARROW)
    ends = browser.run("""
        const box = (s) => document.querySelector(s).getBoundingClientRect();
        return [box('.barre .n1').right, box('.barre .p1').left, box('.milieu').left,
                box('.milieu').right]""")
    assert ends[0] == pytest.approx(ends[1], abs=1)
    assert ends[2] - 1 <= ends[0] <= ends[3] + 1


def test_a_screen_reader_meets_one_image_a_chart(browser: Browser, page: Path) -> None:
    browser.open(page, width=NARROW)
    images, said = browser.images()
    assert [name for name, _ in images] == [c.title for c in charts()]
    assert all(described.endswith("Valeurs dans le tableau.") for _, described in images)
    assert not [s for s in said if "%" in s], "shares are part of the image"


def test_shades_are_printed(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.printed_shades(".barre, .rang li b") == {"exact"}


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_the_line_of_the_whole_does_not_cross_the_words_of_a_hidden_row(
    browser: Browser, tmp_path: Path, project_root: Path, width: int
) -> None:
    """It passes behind: the words stand on paper, and on no more of it than they need."""
    rows = (Dot("Départements", None, None, None, "non publié : secret statistique"),
            Dot("Régions", 0.6, 0.5, 0.7, "60 %"))  # fmt: skip
    chart = DotChart("points", "Des points", (DotGroup("", rows),), 0.05, "Ensemble 5 %")
    browser.open(page_of([chart.svg()], tmp_path, project_root), width=width)
    found = browser.run("""
        const words = document.querySelector('.panel i'), box = words.getBoundingClientRect();
        return [getComputedStyle(words).backgroundColor,
                getComputedStyle(document.body).backgroundColor,
                box.width, words.parentElement.getBoundingClientRect().width]""")
    assert found[0] == found[1] != "rgba(0, 0, 0, 0)"
    assert found[2] < found[3] / 1.5 or width == NARROW
