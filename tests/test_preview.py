"""The server of the site: this machine alone, and a build after each change."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from analysis import preview
from analysis.errors import BaroError, refuse
from analysis.project import Project
from analysis.stages import Outcome
from tests.conftest import copy_project

PAGE = "<!doctype html><title>Accueil</title>"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The sources, and a site of one page."""
    monkeypatch.delenv("BARO_DATA", raising=False)
    made = copy_project(tmp_path / "project")
    (made.site / "donnees").mkdir(parents=True)
    (made.site / "index.html").write_text(PAGE, "utf-8")
    return made


@pytest.fixture
def server(project: Project) -> Iterator[ThreadingHTTPServer]:
    with preview.serve(project, 0) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def ask(
    server: ThreadingHTTPServer, path: str, host: str = "", method: str = "GET"
) -> tuple[int, str, http.client.HTTPMessage]:
    here = ("127.0.0.1", int(server.server_address[1]))
    connection = http.client.HTTPConnection(*here, timeout=10)
    connection.putrequest(method, path, skip_host=bool(host))
    if host:
        connection.putheader("Host", host.replace("PORT", str(here[1])))
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body, answer.msg


# --- the server ----------------------------------------------------------------------------------


def test_it_listens_on_the_loopback_address_alone(server: ThreadingHTTPServer) -> None:
    assert server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize("path", ["/", "/index.html"])
def test_it_serves_the_page_and_lets_nobody_keep_it(server: ThreadingHTTPServer, path: str) -> None:
    status, body, headers = ask(server, path)
    assert (status, body) == (200, PAGE)
    assert headers["Content-Type"].startswith("text/html")
    assert headers["Cache-Control"] == "no-store"


def test_it_serves_the_site_as_it_is_now(project: Project, server: ThreadingHTTPServer) -> None:
    ask(server, "/")
    project.site.rename(project.root / "old")
    assert ask(server, "/")[0] == 404
    project.site.mkdir()
    (project.site / "index.html").write_text("nouveau", "utf-8")
    assert ask(server, "/")[:2] == (200, "nouveau")


@pytest.mark.parametrize("host", ["127.0.0.1:PORT", "localhost:PORT", "localhost"])
def test_a_browser_of_this_machine_is_served(server: ThreadingHTTPServer, host: str) -> None:
    assert ask(server, "/", host)[0] == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:PORT",
        "127.0.0.1.evil.example:PORT",
        "evil.example:127.0.0.1",
        "localhost@evil.example",
        "192.168.1.2:PORT",
        "0.0.0.0:PORT",
        " ",
    ],
)
def test_the_name_of_another_machine_is_refused(
    server: ThreadingHTTPServer, host: str, method: str
) -> None:
    status, body, _ = ask(server, "/", host, method)
    assert status == 403
    assert "Accueil" not in body


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path",
    [
        "/../_quarto.yml",
        "/%2e%2e/_quarto.yml",
        "/donnees/..%2f..%2f_quarto.yml",
        "/..\\_quarto.yml",
        "//etc/hostname",
        "/x%00.html",
    ],
)
def test_nothing_outside_the_site_is_served(
    server: ThreadingHTTPServer, path: str, method: str
) -> None:
    assert ask(server, path, method=method)[0] == 404


@pytest.mark.parametrize("path", ["/lien.yml", "/dossier/_quarto.yml", "/dossier/", "/boucle"])
def test_no_link_of_the_site_leads_out_of_it(
    project: Project, server: ThreadingHTTPServer, path: str
) -> None:
    (project.site / "lien.yml").symlink_to(project.root / "_quarto.yml")
    (project.site / "dossier").symlink_to(project.root)
    (project.site / "boucle").symlink_to(project.site / "boucle")
    (project.site / "dedans.html").symlink_to(project.site / "index.html")
    status, body, _ = ask(server, path)
    assert (status, "_quarto" in body) == (404, False)
    assert ask(server, "/dedans.html")[:2] == (200, PAGE)


def test_other_sites_in_the_browser_can_neither_load_nor_frame_it(
    server: ThreadingHTTPServer,
) -> None:
    for path in ("/index.html", "/absent.js"):
        headers = ask(server, path)[2]
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_request_without_a_name_is_refused(server: ThreadingHTTPServer) -> None:
    """As HTTP/1.0 allows it."""
    with socket.create_connection(("127.0.0.1", int(server.server_address[1])), 10) as line:
        line.sendall(b"GET /index.html HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: line.recv(4096), b""))
    assert b" 403 " in answer.split(b"\r\n")[0]
    assert PAGE.encode() not in answer


def test_nothing_can_be_sent_to_it(server: ThreadingHTTPServer) -> None:
    assert ask(server, "/index.html", method="POST")[0] == 501


def test_a_port_that_is_taken_is_refused_with_what_to_type(
    project: Project, server: ThreadingHTTPServer
) -> None:
    port = int(server.server_address[1])
    with pytest.raises(BaroError, match=f"127.0.0.1:{port}") as refused:
        preview.serve(project, port)
    assert "baro preview --port 0" in str(refused.value)


# --- what is watched -----------------------------------------------------------------------------


def change(path: str, text: str = "\n# relu\n") -> Callable[[Project], None]:
    def act(project: Project) -> None:
        file = project.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text((file.read_text("utf-8") if file.exists() else "") + text, "utf-8")

    return act


SURVEY = "surveys/barometre_numerique"


@pytest.mark.parametrize(
    "path",
    [
        f"{SURVEY}/survey.yml",
        f"{SURVEY}/waves/2015.yml",
        f"{SURVEY}/waves/2024.yml",
        "surveys/autre/survey.yml",
        "_quarto.yml",
        "reports/index.qmd",
        "reports/nouveau.qmd",
        "reports/_assets/page.css",
        "data/barometre-numerique/nouveau.csv.gz",
    ],
)
def test_a_source_that_changes_is_seen(project: Project, path: str) -> None:
    before = preview._sources(project)
    assert preview._sources(project) == before
    change(path)(project)
    assert preview._sources(project) != before


@pytest.mark.parametrize(
    "path", ["reports/donnees/smartphone.csv", "_site/index.html", "build/x", "README.md"]
)
def test_what_a_build_writes_is_not_taken_for_a_change(project: Project, path: str) -> None:
    before = preview._sources(project)
    change(path)(project)
    assert preview._sources(project) == before


def test_a_file_that_goes_away_while_it_is_read_is_a_change_and_no_error(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = preview._sources(project)

    def vanished(_: Path) -> str:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(preview, "digest_path", vanished)
    assert preview._sources(project) != before


# --- building again ------------------------------------------------------------------------------


class Builds:
    """Stands for ``build``: ``acts`` one a build; after the last one the preview is ended."""

    def __init__(self, *acts: Callable[[Project], None]) -> None:
        self.acts, self.done = list(acts), 0

    def __call__(
        self, project: Project, say: Callable[[str], None], *, renderer: str, languages: object
    ) -> Outcome:
        self.done += 1
        assert (renderer, languages) == ("embedded", ("en",))
        self.acts[self.done - 1](project)
        return Outcome()


def run(
    project: Project, monkeypatch: pytest.MonkeyPatch, *acts: Callable[[Project], None]
) -> tuple[Builds, list[str]]:
    """Preview without waiting: five looks at the sources, then Ctrl-C."""
    builds, rounds = Builds(*acts), iter(range(5))
    said: list[str] = []

    def sleep(_: float) -> None:
        if next(rounds, None) is None:
            raise KeyboardInterrupt

    monkeypatch.setattr(preview, "build", builds)
    monkeypatch.setattr(preview, "sleep", sleep)
    preview.preview(project, 0, said.append, "embedded", ("en",))
    return builds, said


def nothing(_: Project) -> None:
    pass


def failing(_: Project) -> None:
    raise refuse("index.qmd:3", "the cell fails")


def test_it_builds_then_serves_and_does_nothing_while_nothing_changes(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    builds, said = run(project, monkeypatch, nothing)
    assert builds.done == 1
    assert said[0].startswith("http://127.0.0.1:")
    assert said[1:] == ["ended"]


def test_a_change_is_built_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = iter([change("reports/index.qmd")])
    sources = preview._sources

    def changed(watched: Project) -> str:
        found = sources(watched)
        next(changes, nothing)(watched)  # seen at the next look
        return found

    monkeypatch.setattr(preview, "_sources", changed)
    builds, _ = run(project, monkeypatch, nothing, nothing)
    assert builds.done == 2


def test_a_change_made_during_the_first_build_is_not_lost(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    builds, _ = run(project, monkeypatch, change("reports/index.qmd"), nothing)
    assert builds.done == 2


def test_a_change_made_during_another_build_is_not_lost(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = change("reports/index.qmd")
    builds, _ = run(project, monkeypatch, edit, edit, nothing)
    assert builds.done == 3


@pytest.mark.parametrize(
    "error",
    [refuse("index.qmd:3", "the cell fails"), FileNotFoundError(2, "No such file or directory")],
)
def test_a_build_that_fails_is_told_and_the_site_still_served(
    project: Project, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    served: list[tuple[int, str]] = []
    servers: list[ThreadingHTTPServer] = []
    serve = preview.serve

    def keep(project: Project, port: int) -> ThreadingHTTPServer:
        servers.append(serve(project, port))
        return servers[0]

    def fail(_: Project) -> None:
        served.append(ask(servers[0], "/")[:2])
        raise error

    def look(_: Project) -> None:
        served.append(ask(servers[0], "/")[:2])

    monkeypatch.setattr(preview, "serve", keep)
    first = change("reports/index.qmd")

    def fail_then_change(project: Project) -> None:
        first(project)
        fail(project)

    builds, said = run(project, monkeypatch, first, fail_then_change, look)
    assert builds.done == 3, "the next change is built as if nothing had been"
    assert served == [(200, PAGE)] * 2
    assert str(error) in said


def test_a_first_build_that_fails_ends_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BaroError, match="the cell fails"):
        run(project, monkeypatch, failing)
