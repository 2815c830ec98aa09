from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from analysis.charts import Dot, DotChart, DotGroup, KeyFigure, Point, Rupture, Series, TrendChart
from analysis.charts.svg import short, ticks
from analysis.charts.trend import apart
from analysis.errors import BaroError

DOTS = DotChart(
    "essai", "Titre & <essai>",
    (
        DotGroup("Âge", (Dot("jeunes", 0.2, 0.15, 0.25, "20 %"),
                         Dot("vieux", 0.95, 0.9, 1.0, "95 %", fragile=True))),
        DotGroup("Sexe", (Dot("hommes", None, None, None, "non publié : trop peu de réponses"),)),
    ),
    reference=0.4, reference_label="Ensemble 40 %",
)  # fmt: skip
TREND = TrendChart(
    "courbe", "Équipement", ("2017", "2018", "2019", "2020", "2022"),
    (
        Series("Un", ((Point("2017", 0.1, 0.08, 0.12), Point("2018", 0.2, 0.18, 0.22),
                       Point("2019", 0.3, 0.28, 0.32)),
                      (Point("2020", 0.5, 0.4, 0.6), Point("2022", 0.6, 0.5, 0.7))), "60 %"),
        Series("Deux", ((Point("2018", 0.2, None, None), Point("2019", 0.2, None, None)),
                        (Point("2022", 0.61, 0.5, 0.7),)), "61 %", (Point("2020", 0.1, 0, 0.2),)),
    ),
    (Rupture("2020", "mode & <web>"),),
)  # fmt: skip


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<div>{svg}</div>")


@pytest.mark.parametrize("chart", [DOTS, TREND], ids=["dots", "trend"])
def test_svg_is_sound_named_small_and_without_style(chart: DotChart | TrendChart) -> None:
    svg = chart.svg()
    root = parsed(svg)
    images = root.findall(".//*[@role='img']")
    ids = re.findall(r' id="([^"]+)"', svg)
    assert images
    for image in images:
        named = {image.get("aria-labelledby"), image.get("aria-describedby")}
        assert named == {next(image.iter(t)).get("id") for t in ("title", "desc")}
    assert len(ids) == len(set(ids))
    assert "style" not in svg
    assert not re.search(r"#(?!essai-g\b)", re.sub(r"&#?\w+;", "", svg))  # no colour here
    assert len(svg.encode()) <= 6000


def rows(panel: ElementTree.Element) -> list[ElementTree.Element]:
    return panel.findall("div[@class='lignes']/p")


def test_dots_stand_where_they_should() -> None:
    root = parsed(DOTS.svg())
    first = root.findall(".//div[@class='panel']")[0]
    assert DOTS.axis == (0.0, 0.25, 0.5, 0.75, 1.0)
    assert [c.get("cx") for c in first.iter("circle")] == ["20%", "95%"]
    interval = rows(first)[0].findall("svg/line")[0]
    assert (interval.get("x1"), interval.get("x2")) == ("15%", "25%")
    reference = root.findall(".//line[@class='ref']")[0]
    assert (reference.get("x1"), reference.get("x2")) == ("40%", "40%")
    assert [t.text for t in first.findall("p[@class='axe']//text")] == [
        "0", "25", "50", "75", "100\u00a0%"]  # fmt: skip
    # name and value are text beside the strip: no mark or line can cross them
    assert [r.findtext("span") for r in rows(first)] == ["jeunes", "vieux "]
    assert [r.findtext("b") for r in rows(first)] == ["20 %", "95 %"]


def test_unreliable_is_marked_in_words_and_suppressed_is_said() -> None:
    first, second = parsed(DOTS.svg()).findall(".//div[@class='panel']")
    assert [c.get("class") for c in first.iter("circle")] == [None, "u"]
    assert "(peu fiable)" in [t.text for t in first.iter("small")]
    assert list(second.iter("circle")) == []
    assert "non publié : trop peu de réponses" in [t.text for t in second.iter("i")]
    assert "Sexe\u202f: aucune valeur publiée." in DOTS.describe()
    assert "Âge\u202f: de 20 % (jeunes) à 95 % (vieux, peu fiable)." in DOTS.describe()


def test_lines_are_cut_at_the_break() -> None:
    svg = TREND.svg()
    lines = re.findall(r'class="ln" d="([^"]+)"', svg)
    assert [path.count("L") + 1 for path in lines] == [3, 2, 2]  # two runs, then one
    assert 'class="cut"' in svg
    assert "Rupture 2020" in svg
    assert "mode &amp; &lt;web&gt;" in svg
    assert svg.count('class="mk u"') == 1  # the lone wave is hollow, and on no line
    assert "Série coupée en 2020" in TREND.describe()
    assert "Un : 10\u00a0% en 2017, 60 % en 2022." in TREND.describe()


def test_end_labels_never_collide() -> None:
    for wanted in ([10, 12, 11, 100], [0, 0, 0, 0], [50, 10, 30, 31]):
        placed = apart([float(w) for w in wanted], 18)
        order = sorted(placed)
        assert all(b - a >= 18 - 1e-9 for a, b in pairwise(order))
        for a, b in zip(wanted, placed, strict=True):
            assert abs(a - b) <= 18 * 2
    assert apart([10.0, 100.0], 18) == [10.0, 100.0]


def test_at_most_four_series() -> None:
    with pytest.raises(BaroError, match="draw two charts"):
        replace(TREND, series=TREND.series * 3)


def test_ticks_and_numbers() -> None:
    assert ticks(0.43, 4) == (0.0, 0.2, 0.4, 0.6)
    assert ticks(38, 4) == (0, 10, 20, 30, 40)
    assert [short(x) for x in (12.3, 12.0, -0.01, -3.25)] == ["12.3", "12", "0", "-3.2"]


def test_key_figure_is_drawn_on_its_scale() -> None:
    svg = KeyFigure("x", "25 %", 0.25, 0.24, 0.27).svg()
    assert 'aria-hidden="true"' in svg
    assert 'x1="24%"' in svg
    assert 'x2="27%"' in svg
    assert "style" not in svg


@pytest.mark.parametrize(
    "chart", [DOTS, TREND, KeyFigure("x", "25 %", 0.25, 0.24, 0.27)], ids=["dots", "trend", "key"]
)
def test_the_same_chart_as_plotly(chart: DotChart | TrendChart | KeyFigure) -> None:
    figure = chart.plotly()
    assert json.dumps(figure)
    assert figure["data"]
    assert figure["layout"]["separators"] == ",\u202f"
    assert figure["config"]["displaylogo"] is False
    assert "sendDataToCloud" in figure["config"]["modeBarButtonsToRemove"]


def test_breaks_are_drawn_between_the_waves_of_the_interactive_trend() -> None:
    """Waves are numbered on that axis: plotly would take "2020" for the number."""
    layout = TREND.plotly()["layout"]
    (line,) = layout["shapes"]
    assert (line["x0"], line["x1"]) == (2.5, 2.5)
    assert line["label"]["text"] == "Rupture 2020"
    assert list(layout["xaxis"]["range"]) == [-0.5, 4.5]
    assert list(layout["yaxis"]["range"]) == [0, 80]
    assert layout["yaxis"]["ticksuffix"] == "\u00a0%"
