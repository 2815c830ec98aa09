"""A notice for catalogues: DCAT-AP, with the statistical properties of StatDCAT-AP, as JSON-LD.

Addresses are relative to the notice: whoever publishes the folder need not change them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from analysis.definition import Survey
from analysis.definition.models import WaveFile
from analysis.opendata.columns import CELL, COLUMNS, WAVE
from analysis.wording import made, survey_note
from analysis.wording.citation import Citation

CONTEXT = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "qb": "http://purl.org/linked-data/cube#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "stat": "http://data.europa.eu/s1n/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_MEDIA = "http://www.iana.org/assignments/media-types/"
_FRENCH = "http://publications.europa.eu/resource/authority/language/FRA"
BLANK = "À indiquer par l’organisme qui publie ces fichiers"


def notice(
    survey: Survey, cited: Citation, resources: Sequence[Mapping[str, object]]
) -> dict[str, object]:
    """The dataset and its distributions; publisher and contact are said to be blank.

    resources : the files as the Data Package tells of them, their paths below ``donnees/``
    """
    spec = survey.spec
    warned = [f"{o.title}. {o.warning}" for o in made(cited.origins)]
    return {
        "@context": CONTEXT,
        "@id": "#dataset",
        "@type": "dcat:Dataset",
        "dct:title": _french(cited.title),
        "dct:description": _french(
            " ".join([*warned, survey_note(survey), f"Source : {spec.source}."])
        ),
        "dct:identifier": survey.id,
        "dcat:version": cited.edition,
        "dcat:keyword": [_french(t) for t in spec.themes.values()],
        "dct:language": {"@id": _FRENCH},
        "dct:creator": {"@type": "foaf:Agent", "foaf:name": spec.licence.attribution},
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": BLANK},
        "dcat:contactPoint": {"@type": "vcard:Organization", "vcard:fn": BLANK},
        "dct:spatial": {"@type": "dct:Location", "skos:prefLabel": _french(spec.territory)},
        "dct:temporal": _period(list(survey.waves.values())),
        "dct:provenance": {
            "@type": "dct:ProvenanceStatement",
            "rdfs:label": _french(f"{cited.text()} Source : {spec.source}."),
        },
        "stat:dimension": [_component(c, "Dimension") for c in _columns("key")],
        "stat:attribute": [_component(c, "Attribute") for c in _columns("figure", "fact", "wave")],
        "dcat:distribution": [_distribution(survey, r) for r in resources],
    }


def _french(text: str) -> dict[str, str]:
    return {"@value": text, "@language": "fr"}


def _columns(*roles: str) -> Iterator[str]:
    every = dict.fromkeys((*CELL, *WAVE))
    return (c for c in every if c in COLUMNS and COLUMNS[c].role in roles)


def _component(name: str, kind: str) -> dict[str, object]:
    column = COLUMNS[name]
    return {
        "@id": f"#{name}",
        "@type": f"qb:{kind}Property",
        "rdfs:label": _french(column.title),
        "rdfs:comment": _french(column.text),
    }


def _period(waves: Sequence[WaveFile]) -> dict[str, object]:
    """From the first day of the first wave to the last of the last; their years without days."""
    first, last = waves[0], waves[-1]
    ends = {
        "dcat:startDate": _day(first.field.from_ or "", first.wave),
        "dcat:endDate": _day(last.field.to or "", last.wave),
    }
    return {"@type": "dct:PeriodOfTime", **{k: v for k, v in ends.items() if v}}


def _day(day: str, wave: str) -> dict[str, str] | None:
    if day:
        return {"@value": day, "@type": "xsd:date"}
    year = re.search(r"[12]\d{3}", wave)
    return {"@value": year[0], "@type": "xsd:gYear"} if year else None


def _distribution(survey: Survey, resource: Mapping[str, object]) -> dict[str, object]:
    path, licence = f"../{resource['path']}", survey.spec.licence
    media, packed = str(resource["mediatype"]).partition(";")[0], path.endswith(".gz")
    return {
        "@id": f"#{resource['name']}",
        "@type": "dcat:Distribution",
        "dct:title": _french(str(resource["title"])),
        "dcat:accessURL": {"@id": path},
        "dcat:downloadURL": {"@id": path},
        "dcat:byteSize": {"@value": str(resource["bytes"]), "@type": "xsd:nonNegativeInteger"},
        "dcat:mediaType": {"@id": _MEDIA + media},
        "dct:license": {"@id": licence.url},
        "dct:rights": {
            "@type": "dct:RightsStatement",
            "rdfs:label": _french(f"{licence.name}. À nommer : {licence.attribution}."),
        },
        **({"dcat:compressFormat": {"@id": f"{_MEDIA}application/gzip"}} if packed else {}),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {
                "@value": str(resource["hash"]).removeprefix("sha256:"),
                "@type": "xsd:hexBinary",
            },
        },
    }
