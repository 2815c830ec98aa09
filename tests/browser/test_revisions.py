"""The page of revisions where there are some: tables that scroll by themselves, nothing for axe."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.releasing import make_release
from tests.browser.axe import complaints, why_no_axe
from tests.browser.driver import Browser
from tests.release.maker import corrected, small_project

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second release of the towns, with the project's own stylesheet."""
    folder = tmp_path_factory.mktemp("revisions")
    project = small_project(folder / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("BARO_DATA", raising=False)
        patch.delenv("BARO_PROJECT", raising=False)
        patch.chdir(project.root)
        make_release(project, folder / "first", lambda _: None)
        corrected(project)
        make_release(project, folder / "second", lambda _: None, since=folder / "first")
    return folder / "second"


@pytest.mark.parametrize("name", ["revisions", "version"])
@pytest.mark.parametrize("width", [320, 1280])
def test_its_tables_scroll_and_the_page_does_not(
    browser: Browser, site: Path, name: str, width: int
) -> None:
    if reason := why_no_axe():
        pytest.skip(reason)
    browser.open(site / f"{name}.html", width=width)
    tables, beyond = browser.run(
        "return [document.querySelectorAll('table').length,"
        f" document.documentElement.scrollWidth - {width}];"
    )
    assert tables >= 2
    assert beyond <= 0
    assert complaints(browser) == []
