"""Slopes, stacked and diverging shares, distributions: the charts by themselves."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from analysis.charts import (
    DistributionChart,
    DivergingChart,
    DivergingRow,
    DotGroup,
    End,
    Part,
    Slope,
    SlopeChart,
    Spread,
    StackedChart,
    StackedRow,
)
from analysis.charts.slope import lanes, within
from analysis.errors import BaroError
from analysis.wording import NBSP, NNBSP, percent
from tests.test_tiles import contrast

HOSTILE = '<img src=x onerror="1">&'
GONE = f"non publié{NNBSP}: trop peu de réponses"


def end(value: float | None, margin: float = 0.02, **more: Any) -> End:
    if value is None:
        return End(None, None, None, GONE)
    return End(value, value - margin, value + margin, percent(value), **more)


def part(label: str, value: float | None, **more: Any) -> Part:
    return Part(label, value, "non publié" if value is None else percent(value), **more)


SLOPES = SlopeChart(
    "pentes", "Titre & <essai>", ("2020", "2022"),
    (
        Slope("Maîtrise insuffisante des outils numériques", end(0.183), end(0.2546), 1),
        Slope("Équipement & <dépassé>", end(0.111), end(0.116)),
        Slope("En recul", end(0.30), end(0.21), -1),
        Slope("Fragile", end(0.05), end(0.06, fragile=True)),
        Slope("Absent", end(0.07), end(None)),
    ),
)  # fmt: skip
STACKED = StackedChart(
    "parts", "Titre & <essai>",
    (
        StackedRow("Ensemble", (part("Tous les jours", 0.816), part("Chaque semaine", 0.074),
                                part("Plus rarement", 0.025, fragile=True), part("Jamais", 0.084)),
                   (part("Ne sait pas", 0.001),)),
        StackedRow("Jeunes & <b>", (part("Tous les jours", 0.5), part("Chaque semaine", 0.3),
                                    part("Plus rarement", 0.2), part("Jamais", None))),
    ),
)  # fmt: skip
DIVERGING = DivergingChart(
    "avis", "Titre & <essai>",
    (
        DivergingRow("Ordinateur", (part("Pas du tout", 0.06), part("Pas très", 0.12)),
                     (part("Assez", 0.51), part("Très", 0.30)), None, (part("Ne sait pas", 0.01),)),
        DivergingRow("Démarches & <b>", (part("Pas du tout", 0.20), part("Pas très", 0.30)),
                     (part("Assez", 0.25), part("Très", 0.15)), part("Entre les deux", 0.1)),
        DivergingRow("Caché", (part("Pas du tout", None), part("Pas très", 0.5)),
                     (part("Assez", 0.25), part("Très", 0.15))),
    ),
    ("pas compétents", "compétents"),
)  # fmt: skip
SPREADS = DistributionChart(
    "heures", "Titre & <essai>",
    (DotGroup("", (
        Spread("Ensemble", 25.0, 6.0, 60.0, "25,0", False, (15.0, 42.0), "la moitié de 15 à 42"),
        Spread("Fragile & <b>", 30.0, 5.0, 70.0, "30,0", True, (14.0, 45.0), "de 14 à 45"),
        Spread("Absent", None, None, None, GONE),
    )),), None, "", False, "heures",
)  # fmt: skip
CLASSES = DistributionChart(
    "classes", "Titre & <essai>",
    (DotGroup("", (Spread("Jamais", 0.25, 0.2, 0.3, "25 %"),
                   Spread("Parfois", 0.75, 0.7, 0.8, "75 %"))),),
)  # fmt: skip
Chart = SlopeChart | StackedChart | DivergingChart | DistributionChart
EVERY: list[Chart] = [SLOPES, STACKED, DIVERGING, SPREADS, CLASSES]
NAMES = [c.id for c in EVERY]


def parsed(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(chart.svg())


# --- what all charts promise ----------------------------------------------------------------------
@pytest.mark.parametrize("chart", EVERY, ids=NAMES)
def test_one_named_image_small_and_without_style(chart: Chart) -> None:
    svg, root = chart.svg(), parsed(chart)
    assert root.get("role") == "img"
    named = (root.get("aria-labelledby"), root.get("aria-describedby"))
    assert named == tuple(root.find(f"svg/{t}").get("id") for t in ("title", "desc"))  # type: ignore[union-attr]
    assert root.findtext("svg/title") == "Titre & <essai>"
    assert root.findtext("svg/desc") == chart.describe()
    assert chart.describe().endswith("Valeurs dans le tableau.")
    ids = re.findall(r' id="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert "style" not in svg
    assert not re.search(rf"#(?!{chart.id}-g\b)", re.sub(r"&#?\w+;", "", svg)), "no colour here"
    assert len(svg.encode()) <= 6000


@pytest.mark.parametrize("chart", EVERY, ids=NAMES)
def test_hostile_labels_are_text_in_both_outputs(chart: Chart) -> None:
    made: Chart = replace(chart, title=HOSTILE)
    if isinstance(made, SlopeChart):
        made = replace(made, slopes=(Slope(HOSTILE, end(0.1), end(0.2), 1),))
    elif isinstance(made, StackedChart):
        made = replace(made, rows=(StackedRow(HOSTILE, (part(HOSTILE, 0.4), part("b", 0.6))),))
    elif isinstance(made, DivergingChart):
        row = DivergingRow(HOSTILE, (part(HOSTILE, 0.4),), (part("b", 0.6),))
        made = replace(made, rows=(row,), sides=(HOSTILE, HOSTILE))
    else:
        dot = Spread(HOSTILE, 0.5, 0.1, 0.9, HOSTILE, False, (0.3, 0.7), HOSTILE)
        made = replace(made, groups=(DotGroup("", (dot,)),))
    assert "<img" not in made.svg()
    assert not list(parsed(made).iter("img"))
    assert "".join(parsed(made).itertext()).count("onerror") >= 2
    assert "<img" not in json.dumps(made.plotly())


@pytest.mark.parametrize("chart", EVERY, ids=NAMES)
def test_the_same_chart_as_plotly(chart: Chart) -> None:
    figure = chart.plotly()
    assert json.dumps(figure)
    assert figure["data"]
    assert figure["layout"]["separators"] == f",{NNBSP}"
    assert figure["config"]["showSendToCloud"] is False
    assert figure["config"]["plotlyServerURL"] == ""


# --- slopes ---------------------------------------------------------------------------------------
def test_slopes_say_what_the_test_says_and_draw_it_by_weight() -> None:
    root = parsed(SLOPES)
    assert [g.get("class") for g in root.findall(".//g")] == ["net", "net0", "net", "net0"]
    said = [t.text for t in root.iter("text")]
    assert f"hausse de 7{NBSP}points" in said
    assert f"baisse de 9{NBSP}points" in said
    assert said.count("pas d’écart significatif") == 1
    assert "peu fiable" in said
    assert [c.get("class") for c in root.iter("circle")].count("u") == 1
    assert SLOPES.describe().startswith(
        f"Maîtrise insuffisante des outils numériques{NNBSP}: 18{NBSP}% en 2020, 25{NBSP}% en 2022 "
        f"(hausse de 7{NBSP}points)."
    )
    assert f"Non publié{NNBSP}: Absent." in root.findtext("p", "")
    assert f"Non publié{NNBSP}: Absent." in SLOPES.describe()


def test_slopes_have_an_interval_at_both_ends_and_stand_where_they_should() -> None:
    root = parsed(SLOPES)
    first = root.findall(".//g")[0]
    assert SLOPES.axis == (0.0, 0.1, 0.2, 0.3, 0.4)
    bars = [
        (float(e.get("y1", 0)), float(e.get("y2", 0))) for e in first.findall("line[@class='iv']")
    ]
    expected = [(SLOPES.y(v - 0.02), SLOPES.y(v + 0.02)) for v in (0.183, 0.2546)]
    for bar, wanted in zip(bars, expected, strict=True):
        assert bar == pytest.approx(wanted, abs=0.05)  # written with one decimal of a pixel
    assert SLOPES.y(0.4) < SLOPES.y(0)


def test_labels_are_wrapped_and_never_collide() -> None:
    many = replace(SLOPES, slopes=tuple(
        Slope(f"Un libellé vraiment très long, numéro {i}", end(0.1), end(0.1 + i / 1000))
        for i in range(6)
    ))  # fmt: skip
    texts = parsed(many).findall("div/svg")[2].findall("text")[1:]
    heights = sorted(float(t.get("y", 0)) for t in texts)
    assert all(b - a >= 15.9 for a, b in pairwise(heights))
    assert max(len(t.text or "") for t in texts) <= 24
    image = float(parsed(many).findall("div/svg")[2].get("height", 0))
    assert heights[0] > 26
    assert heights[-1] < image
    assert len(many.svg().encode()) <= 6000


def test_intervals_that_cover_each_other_stand_apart() -> None:
    assert lanes([(0.1, 0.2), (0.15, 0.25), (0.3, 0.4), (0.2, 0.3)]) == [0, 1, 0, 2]
    assert lanes([(None, None), (None, None)]) == [0, 0]
    assert within([0.0, 30.0], 10, 300) == [36.0, 66.0]
    assert within([], 10, 300) == []


def test_no_seventh_slope_and_nothing_published() -> None:
    with pytest.raises(BaroError, match="draw two charts"):
        replace(SLOPES, slopes=(SLOPES.slopes[0],) * 7)
    empty = replace(SLOPES, slopes=(SLOPES.slopes[-1],))
    assert empty.describe().startswith("Aucune valeur publiée. Non publié")
    assert empty.svg()


# --- stacked --------------------------------------------------------------------------------------
def test_stacked_shares_are_drawn_to_scale_and_all_named() -> None:
    first, second = parsed(STACKED).findall("div/div")
    drawn = [(r.get("class"), r.get("x"), r.get("width")) for r in first.iter("rect")]
    assert drawn == [("s1", "0", "81.6%"), ("s2", "81.6%", "7.4%"), ("s3", "89%", "2.5%"),
                     ("s4", "91.5%", "8.4%")]  # fmt: skip
    words = ["".join(li.itertext()) for li in first.iter("li")]
    assert words[0] == f"Tous les jours 82{NBSP}%"
    assert words[2] == f"Plus rarement 3{NBSP}% (peu fiable)"
    assert len(words) == 4, "0 % stands in the table"
    assert not list(second.iter("rect")), "a bar with a hole tells what is not published"
    assert "Jamais non publié" in "".join(second.itertext())
    assert "Ne sait pas 0" in STACKED.describe()
    assert f"Arrondis, le total fait 101{NBSP}%." not in STACKED.describe()


def test_rounding_is_said() -> None:
    thirds = (part("a", 1 / 3), part("b", 1 / 3), part("c", 1 / 3))
    assert (
        f"Arrondis, le total fait 99{NBSP}%."
        in StackedChart("t", "T", (StackedRow("", thirds),)).describe()
    )


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([part(f"{i}", 0.2) for i in range(5)], "5 shares.*two to four.*answers"),
        ([part("a", 1.0)], "1 shares"),
        ([part("a", 0.5), part("b", 0.44)], "add to 94.0 %.*kinds of missing"),
    ],
)
def test_what_is_no_whole_is_refused(parts: list[Part], said: str) -> None:
    with pytest.raises(BaroError, match=re.compile(said, re.S)):
        StackedChart("t", "T", (StackedRow("", tuple(parts)),))
    if len(parts) == 2:
        with pytest.raises(BaroError, match=r"add to 94\.0 %"):
            DivergingChart("t", "T", (DivergingRow("", (parts[0],), (parts[1],)),), ("a", "b"))


def test_shares_rounded_before_may_miss_the_whole_by_half_a_step_each() -> None:
    """18.6, 25.6 and 55.8 are 19, 26 and 56."""
    rounded = tuple(part(n, v, step=0.01) for n, v in (("a", 0.19), ("b", 0.26), ("c", 0.56)))
    assert StackedChart("t", "T", (StackedRow("", rounded),)).describe()
    with pytest.raises(BaroError, match=r"add to 101\.0 %"):
        StackedChart("t", "T", (StackedRow("", tuple(replace(p, step=0.0) for p in rounded)),))


def test_rows_are_split_alike() -> None:
    other = StackedRow("x", (part("a", 0.5), part("b", 0.5)))
    with pytest.raises(BaroError, match="2 sets of shares"):
        replace(STACKED, rows=(*STACKED.rows, other))


# --- diverging ------------------------------------------------------------------------------------
def test_sides_meet_in_the_middle_and_who_does_not_know_stands_apart() -> None:
    first, second, third = parsed(DIVERGING).findall("div/div")
    left, right = DIVERGING.reach
    assert (left, right) == pytest.approx((0.55, 0.81))
    middle = left / (left + right)
    for row in (first, second):
        line = row.find(".//line[@class='milieu']")
        assert line is not None
        assert float(line.get("x1", "").rstrip("%")) == pytest.approx(100 * middle, abs=0.05)
    rects = [[float(r.get(k, "").rstrip("%")) for k in ("x", "width")] for r in first.iter("rect")]
    assert [r.get("class") for r in first.iter("rect")] == ["n2", "n1", "p1", "p2"]
    assert sum(rects[1]) == pytest.approx(100 * middle, abs=0.11)
    assert rects[2][0] == pytest.approx(100 * middle, abs=0.11)
    straddling = next(r for r in second.iter("rect") if r.get("class") == "mi")
    start, width = (float(straddling.get(k, "").rstrip("%")) for k in ("x", "width"))
    assert start + width / 2 == pytest.approx(100 * middle, abs=0.11)
    words = ["".join(li.itertext()) for li in first.iter("li")]
    assert words[-1] == f"Ne sait pas 1{NBSP}%"
    assert first.findall(".//li")[-1].find("b") is None, "no shade: it is not in the bar"
    assert not list(third.iter("rect"))


def test_totals_are_summed_before_they_are_rounded() -> None:
    row = DivergingRow("x", (part("a", 0.104), part("b", 0.104)), (part("c", 0.792),))
    chart = DivergingChart("t", "T", (row,), ("contre", "pour"))
    assert [s.text for s in parsed(chart).iter("strong")] == [f"21{NBSP}%{NBSP}contre",
                                                              f"79{NBSP}%{NBSP}pour"]  # fmt: skip


def test_one_or_two_answers_on_a_side() -> None:
    three = tuple(part(f"{i}", 0.2) for i in range(3))
    with pytest.raises(BaroError, match="one or two on each side"):
        DivergingChart("t", "T", (DivergingRow("x", three, (part("d", 0.4),)),), ("a", "b"))
    with pytest.raises(BaroError, match="0 shares against 1"):
        DivergingChart("t", "T", (DivergingRow("x", (), (part("d", 1.0),)),), ("a", "b"))


# --- distributions --------------------------------------------------------------------------------
def test_spreads_have_a_thin_and_a_thick_line_and_a_median() -> None:
    first, fragile, absent = parsed(SPREADS).findall(".//div[@class='lignes']/p")
    thin, thick = first.findall("svg/line")
    assert list(SPREADS.axis) == [0, 20, 40, 60, 80]
    assert (thin.get("class"), thin.get("x1"), thin.get("x2")) == ("fin", "7.5%", "75%")
    assert (thick.get("class"), thick.get("x1"), thick.get("x2")) == (None, "18.8%", "52.5%")
    assert [c.get("cx") for c in first.iter("circle")] == ["31.2%"]
    assert [c.get("class") for c in fragile.iter("circle")] == ["u"]
    assert "(peu fiable)" in "".join(fragile.itertext())
    assert GONE in "".join(absent.itertext())
    said = f"Ensemble la moitié de 15 à 42{NNBSP}; Fragile & <b> de 14 à 45 (peu fiable)"
    assert said in SPREADS.describe()


def test_classes_are_bars_from_zero_with_their_interval() -> None:
    first = parsed(CLASSES).findall(".//div[@class='lignes']/p")[0]
    bar, whisker = first.findall("svg/line")
    assert (bar.get("class"), bar.get("x1"), bar.get("x2")) == ("col", "0", "25%")
    assert (whisker.get("class"), whisker.get("x1"), whisker.get("x2")) == ("iv", "20%", "30%")
    assert not list(first.iter("circle"))


# --- colours --------------------------------------------------------------------------------------
def blend(colour: str, paper: str, opacity: float) -> str:
    def channels(c: str) -> list[int]:
        digits = c.removeprefix("#")
        full = "".join(x * 2 for x in digits) if len(digits) == 3 else digits
        return [int(full[i : i + 2], 16) for i in (0, 2, 4)]

    pairs = zip(channels(colour), channels(paper), strict=True)
    return "#" + "".join(f"{round(a * opacity + b * (1 - opacity)):02x}" for a, b in pairs)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_every_segment_can_be_seen(project_root: Path, theme: str) -> None:
    """Each fill, or the line around it, has 3:1 with the paper; a gap of paper parts the fills."""
    assets = project_root / "reports" / "_assets"
    css = (assets / "page.css").read_text("utf-8")
    own = (assets / "figures.css").read_text("utf-8")
    found = dict(re.findall(r"(--\w+):(#\w{3,6})\b", css.split("@media")[0]))
    if theme != "light":
        dark = next(b for b in css.split("@media") if "prefers-color-scheme:dark" in b)
        part_ = dark.splitlines()[0] if theme == "dark" else css[css.index("@media print") :]
        found |= dict(re.findall(r"(--\w+):(#\w{3,6})\b", part_))
    opacity = float(re.findall(r"\.barre \.s2,\.barre \.p1\{fill-opacity:([.\d]+)", own)[0])
    assert float(re.findall(r"\.n1\{fill-opacity:([.\d]+)", own)[0]) == opacity
    paper = found["--paper"]
    for hue in ("--a", "--b"):
        assert contrast(found[hue], paper) >= 3
        assert contrast(blend(found[hue], paper, opacity), paper) >= 3
    for thin in (".s3", ".s4"):
        assert re.search(rf"\.barre \{thin}\{{[^}}]*stroke:var\(--a\)", own), "drawn by its line"
