"""The accessibility statement claims what was checked, and no more."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from analysis.briefing import Audit
from analysis.briefing.audit import CHECKS
from analysis.errors import BaroError

RECORD: dict[str, Any] = {
    "date": "2026-11-01",
    "browser": "Chrome 120",
    "version": "0.1.0",
    "pages": ["index.html", "methode.html"],
    "looks": ["320 pixels de large, thème clair"],
    "violations": [],
    "expert": None,
}
FAULT = {"page": "index.html", "check": "faint", "what": "2.10 <p>"}
NN = "\u202f"


def audit(folder: Path, **changes: Any) -> Audit:
    file = folder / "audit.json"
    file.write_text(json.dumps(RECORD | changes), "utf-8")
    return Audit.read(file)


def expert(satisfied: int, applicable: int = 60) -> dict[str, Any]:
    return {"date": "2026-10-02", "auditor": "Un cabinet", "satisfied": satisfied,
            "applicable": applicable}  # fmt: skip


def test_without_an_audit_by_a_person_the_site_is_not_conformant(tmp_path: Path) -> None:
    a = audit(tmp_path)
    assert a.state == "non conforme"
    assert "aucun résultat d’audit" in a.conformity
    assert a.results == (
        "Le 1er novembre 2026, 14 contrôles automatiques sur 2 pages : aucun défaut trouvé."
    )
    assert "d’autres défauts peuvent exister" in a.shortcomings().markup


@pytest.mark.parametrize(
    ("satisfied", "violations", "state"),
    [
        (60, [], "totalement conforme"),
        (60, [FAULT], "partiellement conforme"),  # a known fault is not total conformity
        (59, [], "partiellement conforme"),
        (30, [], "partiellement conforme"),
        (29, [], "non conforme"),
    ],
)
def test_the_state_is_that_of_the_law(
    tmp_path: Path, satisfied: int, violations: list[dict[str, str]], state: str
) -> None:
    a = audit(tmp_path, expert=expert(satisfied), violations=violations)
    assert a.state == state
    assert "2 octobre 2026" in a.conformity
    assert "Un cabinet" in a.conformity


def test_pages_are_named_without_links(tmp_path: Path) -> None:
    """A build from other data has not all of them: a link would stop it."""
    html = audit(tmp_path).pages().markup
    assert "<li>methode</li>" in html
    assert "href" not in html


def test_faults_are_counted_and_listed_as_text(tmp_path: Path) -> None:
    a = audit(tmp_path, violations=[FAULT, FAULT | {"check": "small"}])
    assert a.results.endswith("2 défauts trouvés.")
    assert "2.10 &lt;p&gt;" in a.shortcomings().markup
    assert "n’ont pas trouvé" not in a.shortcomings().markup
    assert re.findall(r"<td>3\.2</td><td>(\w+)</td>", a.table().markup) == ["1"]
    assert re.findall(r"<td>3\.3</td><td>(\w+)</td>", a.table().markup) == ["aucun"]


def test_nothing_recorded_is_said(tmp_path: Path) -> None:
    a = Audit.read(tmp_path / "audit.json")
    assert a.state == "non conforme"
    assert a.results == "Aucun contrôle automatique n’est enregistré."
    assert a.table().markup == a.pages().markup == ""
    assert "n’ont pas trouvé" not in a.shortcomings().markup


@pytest.mark.parametrize(
    "changes",
    [{"date": "hier"}, {"violations": [{"page": "x"}]}, {"expert": expert(61)},
     {"expert": expert(0, 0)}, {"violations": [FAULT | {"check": "beauty"}]}],
)  # fmt: skip
def test_a_damaged_record_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(BaroError, match=r"(?s)audit\.json.*no record of an.*make audit"):
        audit(tmp_path, **changes)


def test_who_publishes_and_whom_to_write_to_are_never_made_up(tmp_path: Path) -> None:
    a = audit(tmp_path)
    assert "à indiquer" in a.publisher("")
    assert "à indiquer" in a.contact("")
    assert a.publisher("L’Agence").startswith("L’Agence publie ce site et s’engage")
    assert a.contact("aide@example.org") == "Contact : aide@example.org"


def test_every_page_links_to_the_statement_with_its_state(project_root: Path) -> None:
    template = (project_root / "reports" / "_assets" / "page.html").read_text("utf-8")
    (said,) = re.findall(r'href="accessibilite\.html"[^>]*>Accessibilité : ([^<]+)<', template)
    assert said == Audit.read(project_root / "reports" / "audit.json").state
    assert all(criterion == "–" or re.fullmatch(r"\d+\.\d+", criterion)
               for _, criterion in CHECKS.values())  # fmt: skip
