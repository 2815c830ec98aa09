"""Maps of squares: the chart, its colours, the test behind its marks, the figure of a page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist
from typing import Any
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest

from analysis.briefing import Briefing
from analysis.briefing.book import Book
from analysis.briefing.sentences import sides
from analysis.charts import Tile, TileMap
from analysis.definition import load_survey
from analysis.errors import BaroError
from analysis.estimates import SCHEMA, conform
from analysis.estimation import Design
from analysis.project import Project
from analysis.wording import NBSP, NNBSP, stands_out
from analysis.wording.findings import from_rest
from tests.sample import estimate, row, survey

EXACT = 1e-10  # two ways through the same sums
GONE = f"non publié{NNBSP}: moins de 30 réponses"


def tile(short: str, at: tuple[int, int], value: float | None, **more: Any) -> Tile:
    shown = f"{value:.0%}".replace("%", f"{NBSP}%") if value is not None else GONE
    margin = more.pop("margin", 0.03)
    low, high = (value - margin, value + margin) if value is not None else (None, None)
    return Tile(more.pop("label", short.title()), short, at, value, low, high, shown, **more)


MAP = TileMap(
    "carte", "Titre & <essai>",
    (
        tile("NOR", (2, 1), 0.2),
        tile("OUE", (1, 2), 0.24, side=-1),
        tile("CEN", (2, 2), 0.31, side=1),
        tile("EST", (3, 2), 0.3, fragile=True),
        tile("ILE", (3, 3), None, label="Île & <b>"),
    ),
)  # fmt: skip


def parsed(chart: TileMap) -> ElementTree.Element:
    return ElementTree.fromstring(chart.svg())


def squares(chart: TileMap) -> list[list[str | None]]:
    """Each row of the map: the words of its squares, None where there is none."""
    rows = parsed(chart).findall("div/p")
    return [["|".join(s.itertext()) if s.tag == "b" else None for s in row] for row in rows]


def key(chart: TileMap) -> list[str]:
    return ["".join(li.itertext()) for li in parsed(chart).findall("ul/li")]


# --- the chart ------------------------------------------------------------------------------------
def test_squares_stand_at_their_places_with_name_mark_and_value() -> None:
    assert squares(MAP) == [
        [None, f"NOR|20{NBSP}%", None],
        [f"OUE ▼|24{NBSP}%", f"CEN ▲|31{NBSP}%", f"EST|(30{NBSP}%)"],
        [None, None, "ILE|non publié"],
    ]
    shades = [s.get("class") for s in parsed(MAP).findall("div/p/b")]
    assert shades == ["q1", "q1", "q3", "q3 u", "q0"]


def test_the_key_says_marks_classes_and_names() -> None:
    assert key(MAP) == [
        "▲ significativement au-dessus du reste",
        "▼ significativement au-dessous du reste",
        f"20 à 24{NBSP}%", f"25 à 29{NBSP}%", f"30 à 34{NBSP}%", "(…) peu fiable", GONE,
        f"CEN{NBSP}Cen, EST{NBSP}Est, ILE{NBSP}Île & <b>, NOR{NBSP}Nor, OUE{NBSP}Oue",
    ]  # fmt: skip


def test_the_description_is_the_message() -> None:
    assert MAP.describe() == (
        f"De 20{NBSP}% (Nor) à 31{NBSP}% (Cen). "
        f"Significativement au-dessus du reste de la population{NNBSP}: Cen (31{NBSP}%). "
        f"Significativement au-dessous du reste de la population{NNBSP}: Oue (24{NBSP}%). "
        f"Peu fiable{NNBSP}: Est (30{NBSP}%). Non publié{NNBSP}: Île & <b>. "
        "Valeurs dans le tableau."
    )


def test_one_named_image_without_style_or_colour() -> None:
    root, svg = parsed(MAP), MAP.svg()
    assert (root.get("role"), root.get("class")) == ("img", "panels tuiles")
    named = (root.get("aria-labelledby"), root.get("aria-describedby"))
    assert named == tuple(root.find(f"svg/{t}").get("id") for t in ("title", "desc"))  # type: ignore[union-attr]
    assert root.findtext("svg/title") == "Titre & <essai>"
    assert "style" not in svg
    assert "#" not in svg


def test_hostile_labels_are_text() -> None:
    hostile = '<img src=x onerror="1">&'
    chart = TileMap(
        "h", hostile, (tile("<i>&", (1, 1), 0.5, label=hostile),
                       replace(tile("B", (2, 1), None), shown=hostile, label=hostile)),
    )  # fmt: skip
    assert "<img" not in chart.svg()
    assert not list(parsed(chart).iter("img"))
    assert "".join(parsed(chart).itertext()).count(hostile) == 7  # title, texts, key: as words


def test_classes_are_no_finer_than_the_margin_and_five_at_most() -> None:
    values = [0.2, 0.22, 0.31]

    def made(margin: float, *more: float) -> TileMap:
        every = [*values, *more]
        return TileMap("m", "M", tuple(tile(f"{i}", (1, i + 1), v, margin=margin)
                                       for i, v in enumerate(every)))  # fmt: skip

    assert made(0.049).step == 5
    assert made(0.05).step == 5
    assert made(0.051).step == 10
    assert made(0.2).classes == (f"20 à 39{NBSP}%",)
    assert made(0.001).step == 5, "no more than five classes"
    assert len(made(0.001, 0.999).classes) == 5
    assert made(0.001, 1.0).classes[-1] == f"100{NBSP}%"


def test_a_class_is_that_of_the_printed_value() -> None:
    """24.6 % is printed as 25 %, and so is no "20 à 24 %"."""
    chart = TileMap("r", "R", (tile("A", (1, 1), 0.204), tile("B", (2, 1), 0.246)))
    assert [chart.shade(t) for t in chart.tiles] == [1, 2]
    half = TileMap("r", "R", (tile("A", (1, 1), 0.2), tile("B", (2, 1), 0.245)))
    assert half.shade(half.tiles[1]) == 2, "halves away from zero, as they are printed"


def test_means_have_classes_of_a_decimal() -> None:
    tiles = tuple(Tile(f"G{i}", f"G{i}", (i, 1), v, v - 1.1, v + 1.1, f"{v}".replace(".", ","))
                  for i, v in enumerate((28.8, 30.0, 31.94), 1))  # fmt: skip
    chart = TileMap("m", "M", tiles, percent=False, unit="heures")
    assert chart.step == 20
    assert chart.classes == (f"28,0 à 29,9{NBSP}heures", f"30,0 à 31,9{NBSP}heures")
    assert [chart.shade(t) for t in tiles] == [1, 2, 2]


def test_ties_one_tile_and_nothing_published() -> None:
    three = (("A", 0.2), ("B", 0.203), ("C", 0.4))
    ties = TileMap("t", "T", tuple(tile(s, (i, 1), v) for i, (s, v) in enumerate(three, 1)))
    assert ties.describe().startswith(f"De 20{NBSP}% (A et B) à 40{NBSP}% (C). Aucun écart")
    one = TileMap("o", "O", (tile("A", (1, 1), 0.2),))
    assert one.describe().startswith(f"20{NBSP}% partout.")
    assert squares(one) == [[f"A|20{NBSP}%"]]
    none = TileMap("n", "N", (tile("A", (1, 1), None), tile("B", (2, 1), None)))
    assert none.describe() == (
        f"Aucune valeur publiée. Non publié{NNBSP}: A et B. Valeurs dans le tableau."
    )
    assert key(none) == [GONE, f"A{NBSP}A, B{NBSP}B"]
    assert TileMap("v", "V", ()).svg()


FRANCE = {
    "HDF": (3, 1), "NOR": (2, 2), "IDF": (3, 2), "GES": (4, 2), "BRE": (1, 3), "PDL": (2, 3),
    "CVL": (3, 3), "BFC": (4, 3), "NAQ": (2, 4), "ARA": (3, 4), "OCC": (2, 5), "PAC": (3, 5),
    "COR": (4, 6), "GLP": (1, 8), "MTQ": (2, 8), "GUF": (3, 8), "REU": (4, 8), "MAYT": (5, 8),
}  # fmt: skip


def test_eighteen_regions_are_light() -> None:
    chart = TileMap("dixhuit", "Utilisation de l’intelligence artificielle", tuple(
        tile(s, at, 0.2 + i / 50 if i % 7 else None, side=(i % 3) - 1 if i % 7 else 0,
             fragile=i % 5 == 1, label=f"Provence-Alpes-Côte d’Azur {s}")
        for i, (s, at) in enumerate(FRANCE.items())
    ))  # fmt: skip
    assert len(chart.svg().encode()) <= 6000
    assert sum(s is not None for r in squares(chart) for s in r) == 18
    assert {len(r) for r in squares(chart)} == {5}


def test_the_same_map_as_plotly() -> None:
    figure = MAP.plotly()
    assert json.dumps(figure)
    (trace,) = figure["data"]
    assert list(trace["x"]) == [2, 1, 2, 3, 3]
    assert list(trace["y"]) == [1, 2, 2, 2, 3]
    assert list(trace["text"])[1:4:2] == [f"OUE ▼<br>24{NBSP}%", f"EST<br>(30{NBSP}%)"]
    assert list(trace["marker"]["color"])[-1] == 0, "white: no value"
    assert "peu fiable" in trace["customdata"][3][1]
    assert f"21,0{NBSP}% à 27,0{NBSP}%" in trace["customdata"][1][1]
    assert figure["layout"]["yaxis"]["autorange"] == "reversed"
    assert figure["config"]["displaylogo"] is False


# --- colours --------------------------------------------------------------------------------------
def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    pairs = [c * 2 for c in digits] if len(digits) == 3 else re.findall("..", digits)
    parts = [int(p, 16) / 255 for p in pairs]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def contrast(a: str, b: str) -> float:
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_words_and_borders_can_be_seen_on_every_shade(project_root: Path, theme: str) -> None:
    found: dict[str, str] = {}
    for name in ("page.css", "figures.css"):  # colours of the page, shades of the squares
        css = (project_root / "reports" / "_assets" / name).read_text("utf-8")
        dark = next(b for b in css.split("@media") if "prefers-color-scheme:dark" in b)
        parts = [css.split("@media")[0]]
        if theme != "light":
            parts.append(
                dark.splitlines()[0] if theme == "dark" else css[css.index("@media print") :]
            )
        for part in parts:
            found |= dict(re.findall(r"(--\w+|\.q\d)(?:\{background)?:(#\w{3,6})\b", part))
    shades = [found[f".q{i}"] for i in range(1, 6)]
    for shade in shades:
        assert contrast(found["--ink"], shade) >= 4.5
    assert contrast(found["--soft"], found["--paper"]) >= 3  # the border, against the page
    away = [abs(luminance(s) - luminance(found["--paper"])) for s in shades]
    assert away == sorted(away), "the higher the class, the further from the page"
    assert min(contrast(a, b) for a, b in pairwise(shades)) >= 1.15
    hues = [[int(c, 16) for c in s[1:]] for s in shades]
    assert all(r < g == b for r, g, b in hues), "one hue"


# --- the test behind the marks --------------------------------------------------------------------
def sampled(weights: np.ndarray, seed: int = 7) -> Design:
    rng = np.random.default_rng(seed)
    n = len(weights)
    group = np.where(rng.random(n) < 0.3, "a", "b")
    yes = rng.random(n) < np.where(group == "a", 0.35, 0.25)
    return Design(pl.DataFrame({"w": weights, "g": group, "yes": yes.astype(float)}), "w")


def statistics(design: Design) -> tuple[float, float, float]:
    """z of group a against the rest by the table, by a contrast of the microdata; its share."""
    whole, part = design.mean("yes"), design.mean("yes", by="g").filter(pl.col("g") == "a")
    share = float(part["n_weighted"][0] / whole["n_weighted"][0])
    a, every = (estimate("smartphone", "2022", r["estimate"][0], se=r["se"][0])
                for r in (part, whole))  # fmt: skip
    direct = design.contrast("yes", by="g").row(0, named=True)
    sign = 1 if direct["g_b"] == "a" else -1  # b minus a
    return from_rest(a, every, share), sign * direct["difference"] / direct["se"], share


def test_a_group_against_the_rest_is_the_contrast_of_the_two() -> None:
    """With equal weights the table gives what the microdata give, but for the variance of the
    share itself, which only makes the test a little more careful."""
    n = 900
    z, direct, share = statistics(sampled(np.ones(n)))
    assert 1 / z**2 == pytest.approx(1 / direct**2 + share / (1 - share) / (n - 1), rel=EXACT)
    assert 0.99 < z / direct < 1


def test_with_unequal_weights_it_is_nearly_that() -> None:
    rng = np.random.default_rng(1)
    for seed in range(5):
        z, direct, _ = statistics(sampled(rng.lognormal(0, 0.4, 900), seed))
        assert z == pytest.approx(direct, rel=0.02)  # the two differ by the weights' covariance


def test_independence_is_conservative_and_fragile_cells_are_not_tested() -> None:
    part, whole = (estimate("smartphone", "2022", v, se=s) for v, s in ((0.30, 0.02), (0.25, 0.01)))
    assert from_rest(part, whole) == pytest.approx(0.05 / 0.0005**0.5)
    assert from_rest(part, whole, 0.2) > from_rest(part, whole)
    assert stands_out(part, whole) == 1
    assert stands_out(part, whole, among=2) == 0  # |z| = 2.236; 2.241 is needed
    assert stands_out(part, whole, among=2, share=0.2) == 1
    assert stands_out(part._replace(estimate=0.20), whole) == -1
    assert stands_out(part._replace(status="U"), whole) == 0
    assert stands_out(part._replace(estimate=None), whole) == 0
    assert stands_out(part._replace(se=None), whole) == 0
    assert stands_out(part._replace(se=0.0), whole._replace(se=0.0)) == 0
    assert abs(from_rest(part, whole._replace(estimate=0.3), 1.0)) == 0  # the group is the whole


def test_regions_of_the_real_survey_against_their_rest(
    project_root: Path, real_project: Project, real_estimates: pl.DataFrame
) -> None:
    """Marks made from the table are those that contrasts of the microdata give."""
    name = "barometre_numerique"
    book = Book(load_survey(project_root / "surveys", name), real_estimates)
    cells = book.groups("smartphone", "region", "2022")
    found = sides(book, cells, book.one("smartphone", "2022"))
    frame = pl.read_parquet(real_project.build / name / "waves" / "2022.parquet").select(
        pl.col("weight"), pl.col("region").cast(pl.String),
        yes=(pl.col("smartphone").cast(pl.String) == "oui").fill_null(value=False).cast(pl.Float64),
    )  # fmt: skip
    assert len(found) == 12  # all but Corse, with 8 respondents
    critical = NormalDist().inv_cdf(1 - 0.05 / 12 / 2)
    for region, side in found.items():
        split = frame.with_columns(inside=(pl.col("region") == region).cast(pl.String))
        direct = Design(split, "weight").contrast("yes", by="inside").row(0, named=True)
        z = direct["difference"] / direct["se"]  # true minus false
        assert side == (0 if abs(z) < critical else 1 if z > 0 else -1), region
    assert sum(map(abs, found.values())) == 4


# --- the figure of a page -------------------------------------------------------------------------
LEVELS = {"jeune": "18-24 ans", "moyen": "25-69 ans", "vieux": "70 ans & <plus>"}
CLASSE = {"label": "Âge", "categories": LEVELS}
PLACES = {"jeune": (1, 1, "JEU"), "moyen": (2, 1, "MOY"), "vieux": (2, 2, "VIE")}
TILES = {c: {"at": [x, y], "short": s} for c, (x, y, s) in PLACES.items()}


def mapped(
    *cells: tuple[str, float | None, str], origin: str = "observed", **more: Any
) -> Briefing:
    spec = {
        "variables": survey().spec.model_dump(exclude_defaults=True)["variables"]
        | {"classe": CLASSE},
        "domains": {"age": {"label": "Âge", "variable": "classe", "tiles": TILES},
                    "sexe": {"label": "Sexe", "variable": "sexe"}},
    }  # fmt: skip
    rows = [row("smartphone", "2022", 0.6)]
    rows += [row("smartphone", "2022", v, domain="age", domain_value=g, se=0.02, n=300,
                 n_weighted=300.0, status=s) for g, v, s in cells]  # fmt: skip
    table = conform(pl.DataFrame([r | {"origin": origin} for r in rows], schema=SCHEMA))
    return Briefing(Book(survey(**spec | more), table))


def test_a_figure_with_its_notes_table_and_download() -> None:
    b = mapped(("jeune", 0.90, "A"), ("moyen", 0.55, "U"), ("vieux", None, "Q"))
    figure = b.tiles("carte", "smartphone", "age")
    assert figure.title == "Possession d’un smartphone, par âge"
    for words in ("Lecture", "Champ", "Source", "Écarts", "<table>", "donnees/smartphone.csv"):
        assert words in figure.html()
    assert f"JEU ▲</small>90{NBSP}%" in figure.chart
    assert f"(55{NBSP}%)" in figure.chart
    assert GONE in figure.chart
    assert "70\u00a0ans &amp; &lt;plus&gt;" in figure.chart
    assert "(Bonferroni)" not in figure.html(), "one value is tested: nothing is divided"
    assert "± 3,9 points".replace(" ", NBSP) in figure.html()
    assert "démonstration" not in figure.html()
    assert b.apart("smartphone", "age") == (
        "l’écart avec le reste de la population est significatif pour "
        f"18\u201124{NBSP}ans (90{NBSP}%, au-dessus)"
    )


def test_a_level_without_answers_keeps_its_square() -> None:
    b = mapped(("jeune", 0.61, "A"), ("moyen", 0.59, "A"))
    figure = b.tiles("carte", "smartphone", "age", title="Titre")
    assert figure.title == "Titre"
    assert "VIE</small><small>aucune réponse" in figure.chart
    assert "divisé par 2 (Bonferroni)" in figure.html()
    assert "Aucun écart significatif avec le reste de la population" in figure.chart
    assert b.apart("smartphone", "age") == (
        "aucun écart avec le reste de la population n’est significatif"
    )


def test_values_too_fragile_to_be_tested_are_not_said_to_be_alike() -> None:
    figure = mapped(("jeune", 0.61, "U"), ("moyen", 0.59, "U")).tiles("c", "smartphone", "age")
    assert "aucune valeur n’est assez fiable pour être comparée" in figure.html()
    assert "significatif" not in figure.html()


def test_demonstration_is_said() -> None:
    b = mapped(("jeune", 0.61, "A"), origin="demonstration")
    figure = b.tiles("carte", "smartphone", "age")
    for part in (figure.chart, figure.table, figure.subtitle):
        assert "démonstration" in part


def test_calibrated_weights_leave_the_covariance_out() -> None:
    """Their variances say nothing of the covariance between a group and the whole."""
    weak = (("jeune", 0.649, "A"), ("moyen", 0.60, "A"))  # z 2.19 without, 3.04 with; 2.24 needed
    weighting = {"w": {"label": "W", "role": "published", "margins": "m"}}
    assert "JEU ▲" in mapped(*weak).tiles("c", "smartphone", "age").chart
    assert "JEU ▲" not in mapped(*weak, weighting=weighting).tiles("c", "smartphone", "age").chart


@pytest.mark.parametrize(
    ("domain", "said"),
    [
        ("agee", 'did you mean "age"'),
        ("sexe", "the definition gives it no tiles.*one of age.*by_domain"),
        ("age", "no group is published"),
    ],
)
def test_what_cannot_be_drawn_is_refused(domain: str, said: str) -> None:
    b = mapped(("jeune", None, "Q"), ("moyen", None, "Q"))
    with pytest.raises(BaroError, match=re.compile(said, re.DOTALL)):
        b.tiles("carte", "smartphone", domain)
