"""Every count of respondents that the site prints of the survey, file by file, page by page."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import fastexcel
import lxml.html
import polars as pl
from lxml import etree

from tests.disclosure.attacker import SURVEY

NAMES = {"repondants", "effectif", "base", "n", "df", "N", "DF"}
_SAID = re.compile(r"(\d[\d\u202f\u00a0]*)[\u202f\u00a0 ]r[ée]pon(?:se|dant)")
_SPACES = re.compile(r"[\s\u00a0\u202f]")
Found = tuple[str, str, int]  # file, where, count


def counts(site: Path) -> Iterator[Found]:
    """All of them, zeros too."""
    data = site / "donnees"
    for path in sorted(data.glob("*.csv")):
        if path.stem in _indicators(site) or path.stem.startswith(SURVEY):
            yield from _named(path.name, path.read_text("utf-8-sig"), ";")
    for path in sorted((data / SURVEY).glob("*.csv*")):
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        if ".csv-" not in path.name:
            yield from _named(path.name, raw.decode("utf-8-sig"), ",")
    table = pl.read_parquet(data / SURVEY / "estimates.parquet")
    yield from (("parquet", c, int(x)) for c in ("n", "df") for x in table[c].drop_nulls())
    yield from _study(data / f"{SURVEY}.ddi.xml")
    yield from _book(data / f"{SURVEY}.xlsx")
    yield from _explorer(data / "explorer" / SURVEY)
    for path in sorted(site.glob("*collectivites*.html")):
        yield from _page(path)


def odd(found: Iterable[Found], base: int) -> list[Found]:
    """Those that are no multiple of the base."""
    return [f for f in found if f[2] % base]


def _indicators(site: Path) -> set[str]:
    text = (site / "donnees" / f"{SURVEY}_indicateurs.csv").read_text("utf-8-sig")
    return {r["indicateur"] for r in csv.DictReader(io.StringIO(text), delimiter=";")}


def _named(name: str, text: str, delimiter: str) -> Iterator[Found]:
    for r in csv.DictReader(io.StringIO(text), delimiter=delimiter):
        yield from ((name, c, int(r[c])) for c in NAMES & r.keys() if r[c].isdigit())


def _study(path: Path) -> Iterator[Found]:
    for element in etree.parse(path).iter():
        tag, text = etree.QName(element).localname, (element.text or "").strip()
        plain = element.get("wgtd") == "not-wgtd" and element.get("type") in ("freq", "vald")
        if (plain or tag == "caseQnty") and text.isdigit():
            yield path.name, tag, int(text)


def _book(path: Path) -> Iterator[Found]:
    book = fastexcel.read_excel(path)
    for sheet in book.sheet_names:
        rows = book.load_sheet(sheet, header_row=None).to_polars().rows()
        place: list[int] = []
        for row in rows:
            heads = [i for i, v in enumerate(row) if str(v) == "Répondants"]
            place = heads or place
            for i in () if heads else place:
                text = str(row[i] if row[i] is not None else "").removesuffix(".0")
                if text.isdigit():
                    yield path.name, sheet, int(text)


def _explorer(folder: Path) -> Iterator[Found]:
    for path in sorted(folder.glob("*.js")):
        text = path.read_text("utf-8")
        data = json.loads(text[text.index("{") : text.rindex("}") + 1])
        for block in data["blocks"]:
            for cell in filter(None, block[-1].split(";")):
                yield path.name, "cell", int(cell.split("|")[4] or 0)


def _page(path: Path) -> Iterator[Found]:
    page = lxml.html.fromstring(path.read_bytes())
    for number in _SAID.findall(str(page.text_content())):
        yield path.name, "text", int(_SPACES.sub("", number))
    for table in page.iter("table"):
        heads = [str(h.text_content()) for h in table.xpath("./thead//th")]
        place = [i for i, h in enumerate(heads) if h == "Répondants"]
        for row in table.xpath("./tbody/tr"):
            cells = [_SPACES.sub("", str(c.text_content())) for c in row]
            yield from ((path.name, "table", int(cells[i])) for i in place
                        if i < len(cells) and cells[i].isdigit())  # fmt: skip
