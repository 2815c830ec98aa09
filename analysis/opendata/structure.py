"""The structure of the SDMX message, SDMX-ML 3.0: code lists, concepts, structure, dataflow.

Order and names of elements are those of the schemas of SDMX 3.0 (sdmx.org); a test validates the
document against them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

import analysis
from analysis.definition import Survey
from analysis.dictionary.ddi import legal
from analysis.opendata.codes import Code, unit_name
from analysis.opendata.columns import COLUMNS, Column
from analysis.opendata.sdmx import (
    AGENCY,
    CODED,
    CONFIDENTIALITY,
    attributes,
    dimensions,
    flow_id,
    sdmx_code,
    unit_code,
)
from analysis.wording import survey_note

_BASE = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0"
_MESSAGE, _STRUCTURE, _COMMON = (f"{_BASE}/{part}" for part in ("message", "structure", "common"))
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_URN = "urn:sdmx:org.sdmx.infomodel"
_TYPES = {"string": "String", "integer": "Integer", "number": "Double"}
_OWN = (
    Column("conf_status", "Confidentialité", "Statut de confidentialité, CL_CONF_STATUS de SDMX."),
    Column("unit_measure", "Unité de mesure", "Unité des valeurs de l’indicateur."),
)


def structure_bytes(survey: Survey, title: str, codes: Sequence[Code]) -> bytes:
    """The document as UTF-8 XML; the same definition and codes give the same bytes."""
    for prefix, space in (("mes", _MESSAGE), ("str", _STRUCTURE), ("com", _COMMON)):
        ET.register_namespace(prefix, space)
    lists = _code_lists(survey, codes)
    root = ET.Element(f"{{{_MESSAGE}}}Structure")
    root.append(_header(survey))
    structures = ET.SubElement(root, f"{{{_MESSAGE}}}Structures")
    held = ET.SubElement(structures, _tag("Codelists"))
    held.extend(_code_list(name, of) for name, of in lists.items())
    ET.SubElement(structures, _tag("ConceptSchemes")).append(_concepts(survey, title))
    ET.SubElement(structures, _tag("Dataflows")).append(_dataflow(survey, title))
    ET.SubElement(structures, _tag("DataStructures")).append(_data_structure(survey, title, lists))
    ET.indent(root, " ")
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _tag(name: str) -> str:
    return f"{{{_STRUCTURE}}}{name}"


def _header(survey: Survey) -> ET.Element:
    """Who sends what; the schema asks for a day, which is that of every release."""
    header = ET.Element(f"{{{_MESSAGE}}}Header")
    for name, text in (
        ("ID", flow_id(survey)),
        ("Test", "false"),
        ("Prepared", "1980-01-01T00:00:00Z"),
    ):
        ET.SubElement(header, f"{{{_MESSAGE}}}{name}").text = text
    ET.SubElement(header, f"{{{_MESSAGE}}}Sender", id=AGENCY)
    return header


def _named(kind: str, id_: str, name: str, text: str = "", **more: str) -> ET.Element:
    element = ET.Element(_tag(kind), {"id": id_} | more)
    for said, words in (("Name", name), ("Description", text)):
        if words:
            ET.SubElement(element, f"{{{_COMMON}}}{said}", {_LANGUAGE: "fr"}).text = legal(words)
    return element


def _maintained(kind: str, id_: str, name: str, text: str = "") -> ET.Element:
    return _named(kind, id_, name, text, agencyID=AGENCY, version=analysis.__version__)


# --- code lists ----------------------------------------------------------------------------------


def _code_lists(survey: Survey, codes: Sequence[Code]) -> dict[str, dict[str, list[Code]]]:
    """Component -> code -> what it means, more than once where that depends on another code."""
    coded: dict[str, dict[str, list[Code]]] = {}
    names = {c: COLUMNS[c].id for c in CODED}
    for code in codes:
        of = coded.setdefault(names[code.column], {})
        of.setdefault(sdmx_code(code.code), []).append(code)
    whole = Code("category", "", "", "Sans objet : une seule part ou moyenne")
    coded[names["category"]] = {sdmx_code(""): [whole], **coded.get(names["category"], {})}
    if dimensions(survey)["wave"] == "WAVE":
        coded["WAVE"] = {sdmx_code(w): [Code("wave", "", w, w)] for w in survey.waves}
    coded["CONF_STATUS"] = {k: [Code("", "", k, label)] for k, label in CONFIDENTIALITY.items()}
    units = sorted({unit_name(survey, i) for i in survey.spec.indicators})
    coded["UNIT_MEASURE"] = {unit_code(u): [Code("", "", u, u)] for u in units}
    return coded


def _code_list(component: str, codes: Mapping[str, list[Code]]) -> ET.Element:
    made = _maintained("Codelist", f"CL_{component}", _column(component).title)
    for id_, meanings in codes.items():
        labels = dict.fromkeys(m.label for m in meanings)
        texts = dict.fromkeys(m.text for m in meanings if m.text)
        made.append(_named("Code", id_, " / ".join(labels), " ".join(texts)))
    return made


# --- concepts ------------------------------------------------------------------------------------


def _column(component: str) -> Column:
    """The column that a component is made from."""
    if component in ("TIME_PERIOD", "WAVE"):
        return COLUMNS["wave"]
    return next(c for c in (*COLUMNS.values(), *_OWN) if c.id == component)


def _components(survey: Survey) -> tuple[str, ...]:
    own = tuple(c.id for c in _OWN)
    measured = COLUMNS["estimate"].id
    return (*dimensions(survey).values(), measured, *attributes().values(), *own)


def _concepts(survey: Survey, title: str) -> ET.Element:
    made = _maintained("ConceptScheme", "CONCEPTS", f"Concepts : {title}")
    for component in _components(survey):
        column = _column(component)
        made.append(_named("Concept", component, column.title, column.text))
    return made


# --- structure and dataflow ----------------------------------------------------------------------


def _dataflow(survey: Survey, title: str) -> ET.Element:
    made = _maintained("Dataflow", flow_id(survey), title, survey_note(survey))
    ET.SubElement(made, _tag("Structure")).text = _urn(
        "datastructure.DataStructure", flow_id(survey)
    )
    return made


def _urn(kind: str, id_: str) -> str:
    return f"{_URN}.{kind}={AGENCY}:{id_}({analysis.__version__})"


def _data_structure(
    survey: Survey, title: str, lists: Mapping[str, Mapping[str, list[Code]]]
) -> ET.Element:
    made = _maintained("DataStructure", flow_id(survey), title)
    parts = ET.SubElement(made, _tag("DataStructureComponents"))
    keys = ET.SubElement(parts, _tag("DimensionList"), id="DimensionDescriptor")
    for position, id_ in enumerate(dimensions(survey).values(), 1):
        kind = "TimeDimension" if id_ == "TIME_PERIOD" else "Dimension"
        place = {} if id_ == "TIME_PERIOD" else {"position": str(position)}
        keys.append(_component(kind, id_, lists, **place))
    others = ET.SubElement(parts, _tag("AttributeList"), id="AttributeDescriptor")
    others.extend(_attributes(lists))
    measures = ET.SubElement(parts, _tag("MeasureList"), id="MeasureDescriptor")
    measures.append(_component("Measure", COLUMNS["estimate"].id, lists, usage="optional"))
    return made


def _attributes(lists: Mapping[str, Mapping[str, list[Code]]]) -> Iterator[ET.Element]:
    """Attributes of observations; the unit is one of its indicator."""
    for id_ in (*attributes().values(), *(c.id for c in _OWN)):
        usage = "mandatory" if id_ in ("OBS_STATUS", "CONF_STATUS") else "optional"
        made = _component("Attribute", id_, lists, usage=usage)
        related = ET.SubElement(made, _tag("AttributeRelationship"))
        if id_ == "UNIT_MEASURE":
            ET.SubElement(related, _tag("Dimension")).text = COLUMNS["indicator"].id
        else:
            ET.SubElement(related, _tag("Observation"))
        yield made


def _component(
    kind: str, id_: str, lists: Mapping[str, Mapping[str, list[Code]]], **more: str
) -> ET.Element:
    made = ET.Element(_tag(kind), {"id": id_} | more)
    concept = f"{_urn('conceptscheme.Concept', 'CONCEPTS')}.{id_}"
    ET.SubElement(made, _tag("ConceptIdentity")).text = concept
    held = ET.SubElement(made, _tag("LocalRepresentation"))
    if id_ in lists:
        ET.SubElement(held, _tag("Enumeration")).text = _urn("codelist.Codelist", f"CL_{id_}")
    elif id_ == "TIME_PERIOD":
        ET.SubElement(held, _tag("TextFormat"), textType="ObservationalTimePeriod")
    else:
        ET.SubElement(held, _tag("TextFormat"), textType=_TYPES[_column(id_).kind])
    return made
