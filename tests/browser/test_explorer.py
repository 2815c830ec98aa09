"""The explorer in a real Chromium, opened from its file: picked, read, linked to, printed."""

from __future__ import annotations

import base64
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis.definition import Survey
from analysis.explorer import write_explorer, write_explorer_index
from tests.browser.axe import complaints, why_no_axe
from tests.browser.driver import Browser
from tests.surveys_maker import small_survey
from tests.test_explorer import cell, men, table, women

AUDIT = Path(__file__).with_name("audit.js").read_text("utf-8")
PAGE_BUDGET = 100_000
AGE = "barometre_numerique/smartphone/age/2022"
TREND = "barometre_numerique/smartphone/ensemble/*"
SEVERAL = "barometre_numerique/smartphone/age/*"
ANSWERS = "barometre_numerique/frein_principal/ensemble/2018"
PANELS = "barometre_numerique/frein_principal/age/2018"
SCENARIO = "collectivites_ia/ia_deja/strate/2024"
MEAN = "collectivites_ia/agents/strate/2024"
CHOICES = (AGE, TREND, SEVERAL, ANSWERS, PANELS, SCENARIO, MEAN)
KEYS = {"Tab": 9, "ArrowDown": 40, "ArrowUp": 38, "Enter": 13, "End": 35, "Home": 36}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(built_site: Path) -> Path:
    return built_site / "explorer.html"


def wait(browser: Browser, condition: str) -> Any:
    """The value of an expression once it is true."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if found := browser.run(f"return {condition}"):
            return found
        time.sleep(0.05)
    raise AssertionError(f"never true: {condition}")


def show(browser: Browser, page: Path, choice: str, **how: Any) -> None:
    browser.open(page, **how)
    go(browser, choice)


def go(browser: Browser, choice: str) -> None:
    """Follow a permanent link, until its result is there and has been announced."""
    browser.run(f"location.hash = '#{choice}'")
    wait(browser, "document.querySelector('#annonce').textContent.includes('Résultat affiché')")
    assert browser.run("return document.querySelector('#resultat').hidden") is False


def press(browser: Browser, key: str) -> None:
    for kind in ("keyDown", "keyUp"):
        browser.devtools("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                         windowsVirtualKeyCode=KEYS[key])  # fmt: skip


def type_text(browser: Browser, text: str) -> None:
    for letter in text:
        browser.devtools("Input.dispatchKeyEvent", type="char", text=letter)


def focus(browser: Browser) -> str:
    """What has the focus: its id, else its text."""
    found: str = browser.run(
        "const e = document.activeElement; return e.id || e.textContent.trim().slice(0, 40)"
    )
    return found


def text_of(browser: Browser, selector: str) -> str:
    found: str = browser.run(f"return document.querySelector({selector!r})?.textContent ?? ''")
    return found


def values(browser: Browser) -> dict[str, str]:
    found: dict[str, str] = browser.run(
        "return Object.fromEntries(['indicateur','domaine','vague','reponse']"
        ".map((id) => [id, document.getElementById(id).value]))"
    )
    return found


# --- before a choice ------------------------------------------------------------------------------


def test_the_first_view_is_light_and_asks_only_for_its_own_files(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    wait(browser, "!document.querySelector('#explorateur').hidden")
    asked = [u for u in browser.requests() if not u.startswith("data:")]
    assert {u.rsplit("/", 1)[1] for u in asked} == {
        *("explorer.html", "page.css", "figures.css", "explorer.css"),
        *("explorer.js", "explorer-charts.js", "index.js"),
    }
    assert all(u.startswith(page.parent.as_uri()) for u in asked)
    names = [u.removeprefix(page.parent.as_uri() + "/") for u in asked]
    assert sum((page.parent / n).stat().st_size for n in names) <= PAGE_BUDGET


def test_only_what_is_picked_is_loaded(browser: Browser, page: Path) -> None:
    show(browser, page, AGE)
    data = [u for u in browser.requests() if "/donnees/" in u]
    assert [u.rsplit("/donnees/", 1)[1] for u in data] == [
        "explorer/index.js", "explorer/barometre_numerique/smartphone.js",
    ]  # fmt: skip
    assert browser.log("browser") == []


def test_without_scripts_the_list_is_there_and_the_fields_are_not(
    browser: Browser, page: Path
) -> None:
    browser.open(page, scripts=False)
    tree = browser.devtools("DOMSnapshot.captureSnapshot", computedStyles=[])
    strings, laid_out = tree["strings"], tree["documents"][0]["layout"]["text"]
    seen = [strings[t] for t in laid_out if t >= 0]
    assert "Filtrer les indicateurs" not in seen
    assert any("a besoin de JavaScript" in s for s in seen)
    assert any("Possession d’un smartphone (CSV" in s for s in seen)
    browser.open(page)


# --- what a choice shows --------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "dark"), [(320, False), (320, True), (768, False), (1280, True)])
def test_results_can_be_read(browser: Browser, page: Path, width: int, *, dark: bool) -> None:
    browser.open(page, width=width, dark=dark)
    for choice in CHOICES:
        go(browser, choice)
        found: dict[str, Any] = browser.run(AUDIT)
        for complaint in ("faint", "pale", "small", "outside", "crossed", "askew", "jumps", "twice",
                          "dangling", "unnamed"):  # fmt: skip
            assert found[complaint] == [], f"{choice} at {width} px: {complaint}"
        assert found["overflow"] <= 0, f"{choice} scrolls sideways at {width} px"
        assert browser.run("return document.querySelectorAll('[style]').length") == 0
    assert browser.log("browser") == []


def test_text_spacing_does_not_break_a_result(browser: Browser, page: Path) -> None:
    browser.open(page, width=320)
    for choice in (AGE, SEVERAL, SCENARIO):
        go(browser, choice)
        overflow = browser.run("""
            for (const e of document.querySelectorAll('main *')) {
              e.style.setProperty('line-height', '1.5', 'important');
              e.style.setProperty('letter-spacing', '.12em', 'important');
              e.style.setProperty('word-spacing', '.16em', 'important');
            }
            return document.documentElement.scrollWidth - document.documentElement.clientWidth""")
        assert overflow <= 0, choice


def test_a_result_has_title_chart_table_sentence_scope_and_source(
    browser: Browser, page: Path
) -> None:
    show(browser, page, AGE)
    result = text_of(browser, "#resultat")
    for words in ("Champ", "Source", "Données de démonstration", "Écarts", "Intervalle à 95"):
        assert words in result, words
    assert "données de démonstration" in text_of(browser, "#resultat caption")
    assert "onnées de démonstration" in text_of(browser, ".phrase")
    assert browser.run("return document.querySelectorAll('#resultat .panel b').length") == 6
    assert browser.run("return document.querySelectorAll('#resultat tbody tr').length") == 7
    assert "Possession d’un smartphone" in browser.run("return document.title")
    link = "document.querySelector('#resultat .liens a').getAttribute('href')"
    assert (page.parent / browser.run(f"return {link}")).is_file()


def test_a_line_is_cut_where_waves_do_not_compare(browser: Browser, page: Path) -> None:
    """2020 is a break: two paths, and none spans it."""
    show(browser, page, TREND)
    spans = browser.run("""return [...document.querySelectorAll('.ln')].map((p) => {
      const x = p.getAttribute('d').match(/[ML](\\d+)/g).map((s) => Number(s.slice(1)));
      return [Math.min(...x), Math.max(...x)]; })""")
    cut = browser.run("return parseFloat(document.querySelector('.cut').getAttribute('x1')) * 10")
    assert len(spans) == 2
    assert spans[0][1] < cut < spans[1][0]
    assert "Rupture 2020" in text_of(browser, "#resultat figure")


def test_waves_of_no_common_group_are_never_joined(browser: Browser, page: Path) -> None:
    show(browser, page, "collectivites_ia/ia_deja/ensemble/*")
    assert browser.run("return document.querySelectorAll('.ln').length") == 0
    assert browser.run("return document.querySelectorAll('.trend circle').length") == 2
    assert "comparables entre elles seulement" in text_of(browser, ".notes")


def test_what_is_suppressed_or_fragile_says_so(browser: Browser, page: Path) -> None:
    show(browser, page, SCENARIO)
    assert "(peu fiable)" in text_of(browser, ".panel")
    assert browser.run("return document.querySelectorAll('.panel circle.u').length") > 0
    assert "peu fiable" in text_of(browser, "#resultat table")
    assert "Scénario" in text_of(browser, "#resultat .demo")
    show(browser, page, PANELS)
    assert "non publié" in text_of(browser, "#resultat table")


# --- by keyboard ----------------------------------------------------------------------------------


def test_a_walk_by_keyboard(browser: Browser, page: Path) -> None:
    browser.open(page)
    wait(browser, "!document.querySelector('#explorateur').hidden")
    press(browser, "Tab")
    press(browser, "Enter")  # the link to the content
    press(browser, "Tab")
    assert focus(browser) == "filtre"
    type_text(browser, "smartphone")
    wait(
        browser, "/^\\d+ indicateurs sur \\d+$/.test(document.querySelector('#compte').textContent)"
    )
    press(browser, "Tab")
    assert focus(browser) == "indicateur"
    press(browser, "ArrowDown")
    wait(browser, "!document.querySelector('#resultat').hidden")
    first = values(browser)
    assert first["indicateur"] == "barometre_numerique/smartphone"
    assert focus(browser) == "indicateur", "a choice moves no focus"
    press(browser, "Tab")
    assert focus(browser) == "domaine"
    press(browser, "ArrowDown")
    wait(browser, "document.querySelector('#domaine').value !== 'ensemble'")
    wait(browser, "document.querySelectorAll('#resultat .panel b').length > 1")
    press(browser, "Tab")
    assert focus(browser) == "vague"
    press(browser, "Home")
    wait(browser, "document.querySelector('#resultat .trend')")
    assert values(browser)["vague"] == "*"
    for place in ("phrase", "Copier la phrase", "Copier le lien", "Lien permanent"):
        press(browser, "Tab")
        assert focus(browser) == place
        ring = browser.run("return getComputedStyle(document.activeElement).outlineWidth")
        assert ring == "3px"


def test_a_result_is_announced_politely_and_the_title_is_a_heading(
    browser: Browser, page: Path
) -> None:
    show(browser, page, AGE)
    said = text_of(browser, "#annonce")
    assert text_of(browser, "#titre") in said
    assert "7 lignes" in said
    nodes = browser.devtools("Accessibility.getFullAXTree")["nodes"]
    known = {
        (n["role"]["value"], n.get("name", {}).get("value", ""))
        for n in nodes
        if not n["ignored"] and "role" in n
    }
    for name in ("Indicateur", "Selon", "Vague"):
        assert ("combobox", name) in known, name
    assert ("heading", text_of(browser, "#titre")) in known
    assert any(r in ("image", "img") and "smartphone" in n for r, n in known)
    assert any(r == "status" for r, _ in known)


def test_a_copy_is_confirmed(browser: Browser, page: Path) -> None:
    show(browser, page, AGE)
    browser.run("""window.copied = [];
      navigator.clipboard.writeText = async (text) => { window.copied.push(text); };
      document.querySelectorAll('.gestes button')[0].click();""")
    wait(
        browser, "document.querySelector('.gestes [role=status]').textContent === 'Phrase copiée.'"
    )
    browser.run("document.querySelectorAll('.gestes button')[1].click()")
    wait(browser, "document.querySelector('.gestes [role=status]').textContent === 'Lien copié.'")
    sentence, link = browser.run("return window.copied")
    assert sentence.startswith("En 2022, ")
    assert "Champ" in sentence
    assert "Source" in sentence
    assert link.endswith(f"#{AGE}")


def test_a_copy_that_fails_says_so_and_selects_the_text(browser: Browser, page: Path) -> None:
    show(browser, page, AGE)
    browser.run("""navigator.clipboard.writeText = async () => { throw new Error('no'); };
      document.querySelectorAll('.gestes button')[0].click();""")
    wait(browser, "document.querySelector('.gestes [role=status]').textContent.includes('Ctrl')")
    assert browser.run("return String(getSelection())").strip() == text_of(browser, ".phrase")
    browser.run("document.querySelectorAll('.gestes button')[1].click()")
    wait(browser, f"String(getSelection()).trim().endsWith('#{AGE}')")


# --- links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", CHOICES)
def test_a_permanent_link_brings_the_same_result_back(
    browser: Browser, page: Path, choice: str
) -> None:
    show(browser, page, choice)
    result, picked = text_of(browser, "#resultat"), values(browser)
    link = browser.run("return document.querySelector('.gestes a').getAttribute('href')")
    assert link.startswith(f"explorer.html#{choice}")
    browser.open(page)
    go(browser, link.partition("#")[2])
    assert text_of(browser, "#resultat") == result
    assert values(browser) == picked


def test_back_goes_to_the_choice_before(browser: Browser, page: Path) -> None:
    show(browser, page, AGE)
    before = text_of(browser, "#titre")
    go(browser, TREND)
    wait(browser, "document.querySelector('#resultat .trend')")
    browser.run("history.back()")
    wait(browser, "document.querySelector('#resultat .panel')")
    assert text_of(browser, "#titre") == before
    assert values(browser)["vague"] == "2022"


@pytest.mark.parametrize(
    "choice",
    ["x", "barometre_numerique", "barometre_numerique/x", "__proto__/constructor", "%", "../../x/y",
     "barometre_numerique/../../x"],
)  # fmt: skip
def test_a_link_to_nothing_says_so_and_loads_nothing(
    browser: Browser, page: Path, choice: str
) -> None:
    browser.open(page)
    browser.run(f"location.hash = '#{choice}'")
    wait(browser, "document.querySelector('#annonce').textContent.includes('aucun résultat')")
    assert browser.run("return document.querySelector('#resultat').hidden") is True
    assert len([u for u in browser.requests() if "/donnees/" in u]) == 1
    assert browser.log("browser") == []


def test_a_link_to_a_wave_or_a_group_that_is_not_there_shows_the_nearest_and_says_so(
    browser: Browser, page: Path
) -> None:
    show(browser, page, "barometre_numerique/smartphone/nulle_part/1850")
    assert "n’existe pas" in text_of(browser, "#annonce")
    assert values(browser)["domaine"] == "ensemble"
    assert values(browser)["vague"] == "2022"


def test_data_that_cannot_be_loaded_are_said(browser: Browser, page: Path, tmp_path: Path) -> None:
    site = shutil.copytree(
        page.parent, tmp_path / "site", ignore=shutil.ignore_patterns("*.csv", "codebook*")
    )
    (site / "donnees" / "explorer" / "barometre_numerique" / "smartphone.js").unlink()
    browser.open(site / "explorer.html")
    browser.run(f"location.hash = '#{AGE}'")
    wait(browser, "document.querySelector('#annonce').textContent.includes('pas pu être chargées')")


# --- hostile labels -------------------------------------------------------------------------------

HOSTILE = "<img src=x onerror=hacked=1>{group}{{</script>\u2028\"'&amp;${x}"


@pytest.fixture
def hostile(page: Path, tmp_path: Path) -> Callable[[], Path]:
    """The page with a survey of hostile labels, which a definition would refuse."""

    def made() -> Path:
        survey = with_labels(small_survey(tmp_path / "surveys"), HOSTILE)
        site = tmp_path / "site"
        shutil.copytree(page.parent / "_assets", site / "_assets")
        shutil.copy(page, site)
        (site / "donnees").mkdir()
        for name in survey.spec.indicators:
            (site / "donnees" / f"{name}.csv").write_text("x")
        cells = [cell("internautes", "2021", 0.2), women(0.1), men(0.5), women(0.2, wave="2019")]
        write_explorer(survey, table(*cells), site / "donnees")
        write_explorer_index([(survey, table(*cells))], site / "donnees")
        return site / "explorer.html"

    return made


def with_labels(survey: Survey, label: str) -> Survey:
    """Every label that a page shows replaced, after the definition was checked."""
    spec = survey.spec
    sexe = spec.variables["sexe"]
    named = {k: c.model_copy(update={"label": label}) for k, c in sexe.categories.items()}
    everybody = spec.populations["all"].model_copy(update={"label": label})
    indicator = spec.indicators["internautes"].model_copy(
        update={"label": label, "phrase": label, "note": label}
    )
    domain = spec.domains["sexe"].model_copy(update={"label": label})
    changed = spec.model_copy(update={
        "short": label, "source": label, "themes": {"usages": label}, "territory": label,
        "variables": spec.variables | {"sexe": sexe.model_copy(update={"categories": named})},
        "populations": spec.populations | {"all": everybody},
        "indicators": spec.indicators | {"internautes": indicator},
        "domains": spec.domains | {"sexe": domain},
    })  # fmt: skip
    return Survey(changed, survey.waves)


def test_labels_are_never_more_than_text(browser: Browser, hostile: Callable[[], Path]) -> None:
    browser.open(hostile())
    for choice in ("small/internautes/sexe/2021", "small/internautes/sexe/*",
                   "small/internautes/ensemble/2021"):  # fmt: skip
        go(browser, choice)
        assert browser.run("return document.querySelectorAll('#explorateur img').length") == 0
        assert browser.run("return typeof window.hacked") == "undefined"
        shown = text_of(browser, "#resultat")
        assert "<img src=x onerror=hacked=1>{group}{{</script>" in shown
        assert "&amp;${x}" in shown
    assert browser.log("browser") == []


# --- on paper, and by axe-core --------------------------------------------------------------------


@pytest.mark.parametrize(("choice", "most"), [(AGE, 1), (TREND, 1), (SEVERAL, 3)])
def test_the_result_is_what_is_printed(
    browser: Browser, page: Path, choice: str, most: int
) -> None:
    show(browser, page, choice)
    pdf = base64.b64decode(browser.devtools("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) <= most
    browser.devtools("Emulation.setEmulatedMedia", media="print")
    seen = browser.run("""return ['.choix', '#liste', 'h1', '#resultat h2', '#resultat table',
      '.phrase', '#resultat .demo'].map((s) => [s, document.querySelector(s).checkVisibility()])""")
    browser.devtools("Emulation.setEmulatedMedia", media="")
    assert [s for s, visible in seen if visible] == [
        "#resultat h2", "#resultat table", ".phrase", "#resultat .demo",
    ]  # fmt: skip


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (320, False)])
def test_axe_finds_nothing(browser: Browser, page: Path, width: int, *, dark: bool) -> None:
    reason = why_no_axe()
    if reason:
        pytest.skip(reason)
    browser.open(page, width=width, dark=dark)
    assert complaints(browser) == []
    for choice in CHOICES:
        go(browser, choice)
        assert complaints(browser) == [], choice
