from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from analysis.errors import BaroError
from analysis.spreadsheets import neutral
from analysis.tables import Row, csv_link, groups_table, html_table, waves_table
from analysis.tables.delimited import CSV_COLUMNS, WHOLE_COLUMNS, csv_bytes, write_downloads
from tests.sample import WAVES, estimate, row, survey, table

NB, NN = "\u00a0", "\u202f"


def test_table_has_caption_scopes_and_groups() -> None:
    cells = [estimate(), estimate(domain="age", domain_value="vieux", status="U")]
    html = groups_table(survey(), "Titre <b>", "Groupe", [("", cells[:1]), ("Âge", cells[1:])])
    root = ElementTree.fromstring(html.replace("<br>", "<br/>"))
    said = "".join(root.findall(".//caption")[0].itertext())
    assert said.startswith("Titre <b>")
    assert said.endswith(f"[u]{NB}peu fiable{NN}: à utiliser avec précaution.")
    assert f"<td>50,0{NB}%{NB}[u]</td>" in html
    assert html.count("[u]") == 2, "one mark, one meaning"
    assert [th.get("scope") for th in root.iter("th")] == [
        *["col"] * 4, "row", "rowgroup", "row"]  # fmt: skip
    assert "&lt;plus&gt;" in html
    assert "<td>48,0 à 52,0</td>" in html


def test_empty_columns_are_left_out_and_suppressed_is_said() -> None:
    html = groups_table(survey(), "T", "Groupe", [("", [estimate()])])
    assert "<small>" not in html, "no mark, no note"
    html = groups_table(survey(), "T", "Groupe", [("", [estimate(estimate=None)])])
    assert "Intervalle" not in html
    assert f"<td>non publié{NB}[q]</td>" in html
    assert f"[q]{NB}non publié{NN}: trop peu fiable, ou secret statistique." in html
    html = groups_table(survey(), "T", "Groupe", [("", [estimate(), estimate(estimate=None)])])
    assert html.count("<td>–</td>") == 1, "no cell is empty"


def test_every_mark_is_said_once_where_it_occurs_and_nowhere_else() -> None:
    cells = [estimate(status=s) for s in ("U", "B", "D", "U", "A")]
    html = groups_table(survey(), "T", "Groupe", [("", cells)])
    note = html.split("<small>")[1].split("</small>")[0]
    assert re.findall(r"\[(.)\]", note) == ["b", "d", "u"]
    assert re.findall(r"\[(.)\]</td>", html) == ["u", "b", "d", "u"]


@pytest.mark.parametrize(
    ("indicator", "value", "printed", "mark"),
    [("smartphone", 0.0, f"0,0{NB}%", ""), ("smartphone", 0.000499, f"0,0{NB}%", f"{NB}[n]"),
     ("smartphone", 0.0005, f"0,1{NB}%", ""), ("heures", 0.0, "0,0", ""),
     ("heures", 0.049, "0,0", f"{NB}[n]"), ("heures", -0.049, "0,0", f"{NB}[n]")],
)  # fmt: skip
def test_a_rounded_zero_is_told_from_a_true_one(
    indicator: str, value: float, printed: str, mark: str
) -> None:
    cell = estimate(indicator, estimate=value)
    html = groups_table(survey(), "T", "Groupe", [("", [cell])])
    unit = "" if indicator == "smartphone" else f"{NB}heures par semaine"
    assert f"<td>{printed}{unit}{mark}</td>" in html
    assert ("zéro arrondi" in html) == ("Un zéro sans cette marque" in html) == bool(mark)


def test_files_mark_zeros_by_their_own_decimals() -> None:
    cells = [estimate(estimate=x) for x in (0.00004, 0.0004, 0.0)]
    rows = list(csv.DictReader(io.StringIO(csv_bytes(survey(), cells).decode("utf-8-sig")),
                               delimiter=";"))  # fmt: skip
    assert [(r["valeur"], r["marque"]) for r in rows] == [
        ("0,00", "[n]"), ("0,04", ""), ("0,00", "")]  # fmt: skip


def test_shares_of_one_whole_say_that_roundings_may_not_add_up() -> None:
    cells = [estimate("avis", category=c) for c in ("oui", "non")]
    said = f"La somme des arrondis peut différer de 100{NB}%."
    assert said in groups_table(survey(), "T", "Réponse", [("", cells)], shares=True)
    assert said not in groups_table(survey(), "T", "Réponse", [("", cells)])


def test_table_refuses_what_is_incomplete() -> None:
    with pytest.raises(BaroError, match="no caption"):
        html_table("", ["a", "b"], [])
    with pytest.raises(BaroError, match="one for each column"):
        html_table("t", ["a", "b"], [Row("x", ("1", "2"))])


def test_waves_table_marks_the_break_and_what_was_not_asked() -> None:
    cells = [estimate(wave=w) for w in WAVES]
    other = [estimate("ordinateur", wave="2022", n=2000)]
    html = waves_table(survey(), "T", WAVES, [cells, other])
    assert f'<th scope="row">2020{NB}[b]</th>' in html
    assert f"[b]{NB}rupture de série" in html
    assert html.count("[b]") == 2
    assert html.count("non posée") == 3
    assert "1\u202f000 à 2\u202f000" in html


def test_intervals_of_means_are_in_their_unit() -> None:
    cell = estimate("heures", estimate=31.94, se=0.5)
    assert "<td>31,0 à 32,9</td>" in groups_table(survey(), "T", "Groupe", [("", [cell])])
    assert f"(31,0 à{NB}32,9)" in waves_table(survey(), "T", WAVES, [[cell]])


def test_csv_opens_in_french_excel() -> None:
    cells = [
        estimate("avis", estimate=0.61234, category="non"),
        estimate(estimate=None, domain="age", domain_value="vieux"),
    ]
    content = csv_bytes(survey(), cells)
    assert content.startswith(b"\xef\xbb\xbfenquete;")
    assert content.endswith(b"\r\n")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert (rows[0]["valeur"], rows[0]["unite"]) == ("61,23", "%")
    assert rows[0]["modalite"] == "'=NON()"
    assert rows[0]["donnees"] == "données observées"
    assert (rows[1]["valeur"], rows[1]["statut"]) == ("", "Q")
    assert rows[1]["remarque"] == "non publié : moins de 30 réponses"
    assert (rows[0]["marque"], rows[1]["marque"]) == ("", "[q]")
    assert rows[1]["note"] == "Note d'essai."


@pytest.mark.parametrize(
    "text", ["=1+1", "+x", "-x", "@SUM(A1)", "\tx", "＝1", "＋x", "－x", "＠A"]
)
def test_formulas_are_neutralised(text: str) -> None:
    assert neutral(text) == "'" + text


@pytest.mark.parametrize(
    ("text", "safe"),
    [("oui,=1", "oui,'=1"), ("a;@SUM(A1);+1", "a;'@SUM(A1);'+1"), ("a|-1", "a|'-1"),
     ("a\t=1", "a\t'=1")],
)  # fmt: skip
def test_a_file_cut_at_another_separator_holds_no_formula_either(text: str, safe: str) -> None:
    assert neutral(text) == safe
    for separator in ",;\t|":
        assert not any(c.startswith(tuple("=+-@")) for c in neutral(text).split(separator))


def test_ordinary_punctuation_is_kept() -> None:
    for text in ("Médias, -18 ans", "1,2", "a-b", "R&D ; + de 65 ans", "l'été"):
        assert neutral(text) == text


def test_text_stays_on_one_line() -> None:
    assert neutral("a\r\n=b") == "a =b"
    assert neutral("12-17 ans") == "12-17 ans"


def test_downloads_are_complete_marked_and_the_same_twice(tmp_path: Path) -> None:
    drawn = table("demonstration")
    files = write_downloads(drawn, survey(), tmp_path / "a")
    again = write_downloads(drawn, survey(), tmp_path / "b")
    assert [f.name for f in files] == [
        "avis.csv", "essai.csv", "essai_codes.csv", "essai_indicateurs.csv", "heures.csv",
        "ordinateur.csv", "smartphone.csv"]  # fmt: skip
    assert [f.read_bytes() for f in files] == [f.read_bytes() for f in again]
    assert len(lines(tmp_path / "a" / "essai.csv")) == drawn.height
    for file in files:
        said = {line["donnees"] for line in lines(file)}
        assert said == {"données de démonstration"}, file.name


def lines(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig")), delimiter=";"))


def test_codes_of_the_whole_file_are_all_explained(tmp_path: Path) -> None:
    write_downloads(table(), survey(), tmp_path)
    whole, meant, codes = (
        lines(tmp_path / f"essai{end}.csv") for end in ("", "_indicateurs", "_codes")
    )
    assert tuple(whole[0]) == WHOLE_COLUMNS
    known = {(c["colonne"], c["dans"], c["code"]): c["libelle"] for c in codes}
    for line in whole:
        assert ("domaine", "", line["domaine"]) in known
        assert ("groupe", line["domaine"], line["groupe"]) in known
        assert ("statut", "", line["statut"]) in known
        if line["modalite"]:
            assert ("modalite", line["indicateur"], line["modalite"]) in known
        runs = [m for m in meant if m["indicateur"] == line["indicateur"]
                and m["premiere_vague"] <= line["vague"] <= m["derniere_vague"]]  # fmt: skip
        assert len(runs) == 1
    assert known["groupe", "age", "jeune"] == "18-24 ans"
    smartphone = next(m for m in meant if m["indicateur"] == "smartphone")
    assert smartphone["note"] == "Note d'essai."
    assert smartphone["population"] == "personnes de 18 ans ou plus"
    assert smartphone["source"].startswith("Institut pour l’essai, 2018 à 2022")


def test_the_whole_file_of_the_demonstration_stays_small(built_site: Path) -> None:
    assert (built_site / "donnees" / "barometre_numerique.csv").stat().st_size < 4_200_000


def test_link_tells_type_and_size() -> None:
    link = csv_link(survey(), [estimate()], "smartphone", "Données")
    assert f">Données (CSV, 1{NB}ko)</a>" in link
    assert 'href="donnees/smartphone.csv"' in link


def test_sample_table_is_a_table_of_estimates() -> None:
    assert set(row("smartphone")) == set(table().columns)
