"""DDI-Codebook 2.5: the study, its files, each column of each wave.

Order and names of elements are those of the 2.5 schema (ddialliance.org); text is escaped by the
writer, and what XML 1.0 cannot hold is written as an escape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

import polars as pl

from analysis import __version__
from analysis.codebook import PROFILE, TECHNICAL, UNREAD, Entry, WaveEntry, entries, entry_theme
from analysis.definition import Survey
from analysis.dictionary.words import KINDS, theme_label
from analysis.errors import printable
from analysis.wording import made, survey_note
from analysis.wording.origins import Origin

NAMESPACE = "ddi:codebook:2_5"
_XML = "http://www.w3.org/XML/1998/namespace"
_ILLEGAL = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SAMPLING = {
    "probability": "Échantillon probabiliste.",
    "quota": "Échantillon par quotas.",
    "voluntary": "Participation volontaire.",
}
_SUMS = {"mean": "mean", "p50": "medn"}


def ddi_bytes(survey: Survey, table: pl.DataFrame) -> bytes:
    """The document as UTF-8 XML; the same definition and codebook give the same bytes."""
    ET.register_namespace("", NAMESPACE)
    found = entries(table)
    origins = made(table["origin"].unique())
    of_wave = {w: (o,) for w, o in table.select("wave", "origin").unique().iter_rows()}
    root = _element("codeBook", version="2.5")
    root.set(f"{{{_XML}}}lang", "fr")
    root.append(_document(survey, origins=origins))
    root.append(_study(survey, origins=origins))
    for wave in survey.waves:
        root.append(_file(survey, wave, found, origins=made(of_wave.get(wave, ()))))
    root.append(_data(survey, found))
    ET.indent(root, " ")
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _element(
    name: str, content: str = "", attributes: Mapping[str, str] | None = None, **more: str
) -> ET.Element:
    made = ET.Element(
        f"{{{NAMESPACE}}}{name}", {k: legal(v) for k, v in {**(attributes or {}), **more}.items()}
    )
    if content:
        made.text = legal(content)
    return made


def legal(text: str) -> str:
    """``text`` in characters of XML 1.0, invisible ones as escapes."""
    return _ILLEGAL.sub("\ufffd", printable(text))


def _within(parent: ET.Element, *children: ET.Element | None) -> ET.Element:
    parent.extend([c for c in children if c is not None])
    return parent


def _titles(title: str) -> ET.Element:
    return _within(_element("titlStmt"), _element("titl", title))


def _document(survey: Survey, *, origins: Sequence[Origin]) -> ET.Element:
    """What this document is, and what made it."""
    title = f"{survey.spec.title} : dictionnaire des données"
    title += f" ({' ; '.join(o.short for o in origins)})" if origins else ""
    software = _element("software", "Baromètre", version=__version__)
    citation = _within(
        _element("citation"), _titles(title), _within(_element("prodStmt"), software)
    )
    return _within(_element("docDscr"), citation)


def _study(survey: Survey, *, origins: Sequence[Origin]) -> ET.Element:
    spec = survey.spec
    titles = _within(
        _element("titlStmt"), _element("titl", spec.title), _element("IDNo", spec.survey)
    )
    authors = _within(_element("rspStmt"), _element("AuthEnty", spec.licence.attribution))
    publisher = _element("distrbtr", spec.data.publisher)
    citation = _within(
        _element("citation"), titles, authors, _within(_element("distStmt"), publisher)
    )
    return _within(
        _element("stdyDscr"), citation, _information(survey, origins=origins), _method(survey),
        _access(survey),
    )  # fmt: skip


def _information(survey: Survey, *, origins: Sequence[Origin]) -> ET.Element:
    spec, waves = survey.spec, list(survey.waves)
    subject = _within(
        _element("subject"), *(_element("topcClas", label) for label in spec.themes.values())
    )
    note = f"{survey_note(survey)} Source : {spec.source}.".strip()
    note = " ".join([*(f"{o.title}." for o in origins), note])
    summary = _within(
        _element("sumDscr"),
        _element("timePrd", waves[0], event="start"),
        _element("timePrd", waves[-1], event="end"),
        *(_element("collDate", str(_field_text(survey, w)), cycle=w) for w in waves),
        _element("geogCover", spec.territory),
        _element("anlyUnit", "Répondant"),
        _element("universe", _universe(survey)),
        _element("dataKind", "Données d’enquête"),
    )
    return _within(_element("stdyInfo"), subject, _element("abstract", note), summary)


def _field_text(survey: Survey, wave: str) -> str:
    """When people were asked, in the words of the wave's file."""
    field: object = survey.waves[wave].field
    return str(getattr(field, "text", field))


def _universe(survey: Survey) -> str:
    everybody = [p.label for p in survey.spec.populations.values() if not p.when]
    who = everybody[0] if everybody else "Personnes interrogées"
    return f"{who[:1].upper()}{who[1:]}, {survey.spec.territory}"


def _method(survey: Survey) -> ET.Element:
    spec = survey.spec
    sampling = f"{_SAMPLING.get(spec.design.sampling, '')} {spec.design.text}".strip()
    weight = (
        f"Poids de la colonne {spec.weight}." if spec.weight_column else "Chacun a le même poids."
    )
    modes = {w: str(s.mode) for w, s in survey.waves.items()}
    collected = _within(
        _element("dataColl"),
        _element("timeMeth", "Enquête répétée" if len(survey.waves) > 1 else "Enquête unique"),
        _element("sampProc", sampling),
        *(_element("collMode", f"{wave} : {mode}") for wave, mode in modes.items()),
        _element("weight", weight),
    )
    return _within(_element("method"), collected)


def _access(survey: Survey) -> ET.Element:
    licence = survey.spec.licence
    cite = _element("citReq", licence.attribution)
    terms = _element("conditions", f"{licence.name}, {licence.url}")
    return _within(_element("dataAccs"), _within(_element("useStmt"), cite, terms))


def _file(
    survey: Survey, wave: str, found: list[Entry], *, origins: Sequence[Origin]
) -> ET.Element:
    """A file; what it holds is said where nobody gave it."""
    here = [e for e in found if wave in e.waves]
    people = next((e.waves[wave].respondents for e in here), 0)
    size = _within(
        _element("dimensns"), _element("caseQnty", str(people)), _element("varQnty", str(len(here)))
    )
    held = [_element("fileCont", f"{o.title}. {o.warning}") for o in origins]
    name = _element("fileName", survey.waves[wave].file)
    text = _within(_element("fileTxt"), name, *held, size)
    return _within(_element("fileDscr", ID=_file_id(survey, wave)), text)


def _file_id(survey: Survey, wave: str) -> str:
    return f"F{list(survey.waves).index(wave) + 1}"


def _data(survey: Survey, found: list[Entry]) -> ET.Element:
    """Groups by theme, then a var for each column of each wave."""
    ids = {
        (e.column, w): f"V{n}"
        for n, (e, w) in enumerate(((e, w) for e in found for w in e.waves), 1)
    }
    groups: dict[str, list[str]] = {t: [] for t in (*survey.spec.themes, PROFILE, UNREAD)}
    for e in found:
        groups[entry_theme(survey, e)] += [ids[e.column, w] for w in e.waves]
    data = _element("dataDscr")
    for name, members in groups.items():
        if members:
            group = _element("varGrp", type="subject", var=" ".join(members))
            data.append(_within(group, _element("labl", theme_label(survey, name))))
    for e in found:
        for wave, known in e.waves.items():
            data.append(_variable(survey, e, known, ids[e.column, wave]))
    return data


def _variable(survey: Survey, entry: Entry, wave: WaveEntry, id_: str) -> ET.Element:
    kind = "contin" if entry.type == "numeric" else "discrete"
    about = {"ID": id_, "name": entry.column, "files": _file_id(survey, wave.wave), "intrvl": kind}
    var = _element("var", attributes=about)
    if entry.type == "weight":
        var.set("wgt", "wgt")
    v = survey.spec.variables.get(entry.variable)
    if entry.label:
        var.append(_element("labl", entry.label))
    if v is not None and v.question:
        var.append(_within(_element("qstn"), _element("qstnLit", v.question)))
    if v is not None:
        population = survey.spec.populations.get(
            survey.universe(entry.variable, wave.wave) or "all"
        )
        var.extend([_element("universe", population.label)] if population else [])
    if entry.type in TECHNICAL:
        return var
    var.extend(_sums(wave))
    var.extend(_categories(survey, entry, wave))
    if entry.guessed:
        var.append(_element("notes", "Type deviné d’après les textes du fichier."))
    return var


def _sums(wave: WaveEntry) -> Iterator[ET.Element]:
    if wave.n is not None:
        yield _element("sumStat", str(wave.n), type="vald", wgtd="not-wgtd")
    for kind, (value, _, _) in wave.numbers.items():
        if value is not None:
            known = {"type": _SUMS[kind]} if kind in _SUMS else {"type": "other", "otherType": kind}
            yield _element("sumStat", f"{value:.6g}", {**known, "wgtd": "wgtd"})


def _categories(survey: Survey, entry: Entry, wave: WaveEntry) -> Iterator[ET.Element]:
    """Answers with counts, not weighted and weighted, then kinds of missing."""
    v = survey.spec.variables.get(entry.variable)
    for a in wave.answers:
        label = v.categories[a.code].label if v and a.code in v.categories else ""
        label = label or (a.text if a.text else f"{a.others} réponses rares")
        made = _within(
            _element("catgry"), _element("catValu", a.text) if a.text else None,
            _element("labl", label),
        )  # fmt: skip
        if a.n is not None:
            made.append(_element("catStat", str(a.n), type="freq", wgtd="not-wgtd"))
        if a.n_weighted is not None and a.n is not None:
            made.append(_element("catStat", f"{a.n_weighted:.2f}", type="freq", wgtd="wgtd"))
        if a.value is not None:
            made.append(_element("catStat", f"{100 * a.value:.2f}", type="percent", wgtd="wgtd"))
        yield made
    for m in wave.missing:
        made = _within(
            _element("catgry", missing="Y", missType=m.kind),
            _element("catValu", m.text) if m.text else None, _element("labl", str(KINDS[m.kind])),
        )  # fmt: skip
        if m.n is not None:
            made.append(_element("catStat", str(m.n), type="freq", wgtd="not-wgtd"))
        yield made
