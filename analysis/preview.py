"""A server of the built site on this machine alone, which rebuilds when a source changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep
from typing import NoReturn

from analysis.errors import BaroError, refuse
from analysis.pipeline import build
from analysis.project import Project
from analysis.provenance import digest_path, digest_value

_LOOPBACK = "127.0.0.1"
_EVERY = 1.0


# A page of another site, open in the same browser, may neither frame the draft nor load its files.
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _Handler(SimpleHTTPRequestHandler):
    """Serves files of the site to a browser of this machine.

    Another host's name is refused (DNS rebinding), and what a link of the site's folder leads to
    outside of it.
    """

    def send_head(self):  # type: ignore[no-untyped-def]
        host = (self.headers.get("Host") or "").rsplit(":", 1)[0]
        if host not in (_LOOPBACK, "localhost"):
            self.send_error(403, "only this machine")
            return None
        if not _within(self.translate_path(self.path), self.directory):
            self.send_error(404, "not in the site")
            return None
        return super().send_head()

    def end_headers(self) -> None:
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def _within(path: str, folder: str) -> bool:
    """Whether a path, its links followed, stays in a folder."""
    try:
        return Path(path).resolve().is_relative_to(Path(folder).resolve())
    except (ValueError, OSError, RuntimeError):  # a NUL byte; links in a circle
        return False


def serve(project: Project, port: int) -> ThreadingHTTPServer:
    """A server of ``_site/`` on the loopback address, not yet running; port 0 takes a free one.

    Raises :class:`analysis.errors.BaroError` when the port is taken.
    """
    handler = partial(_Handler, directory=str(project.site))
    try:
        return ThreadingHTTPServer((_LOOPBACK, port), handler)
    except OSError as e:
        raise refuse(
            f"{_LOOPBACK}:{port}",
            f"cannot be served from: {e.strerror}",
            "",
            "take another port: baro preview --port 0",
        ) from e


def preview(
    project: Project,
    port: int,
    say: Callable[[str], None],
    renderer: str,
    languages: Sequence[str] = (),
) -> None:
    """Build, serve, and build again whenever definitions, data or reports change; until Ctrl-C."""
    with serve(project, port) as server:
        seen = _sources(project)  # before the build: what changes meanwhile is seen
        build(project, say, renderer=renderer, languages=languages)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        say(f"http://{_LOOPBACK}:{server.server_address[1]}/ (Ctrl-C to end)")
        try:
            _watch(project, seen, lambda: _rebuild(project, say, renderer, languages))
        except KeyboardInterrupt:
            say("ended")
        finally:
            server.shutdown()


def _watch(project: Project, seen: str, changed: Callable[[], None]) -> NoReturn:
    """Call ``changed`` after each change of a source, for ever."""
    while True:
        sleep(_EVERY)
        if (now := _sources(project)) != seen:
            seen = now
            changed()


def _rebuild(
    project: Project, say: Callable[[str], None], renderer: str, languages: Sequence[str]
) -> None:
    """A failing build is told; the last good site goes on being served."""
    try:
        build(project, say, renderer=renderer, languages=languages)
    except (BaroError, OSError) as e:  # OSError: a file that an editor is just replacing
        say(str(e))


def _sources(project: Project) -> str:
    """Digest of what is watched; "" where a file went away while it was being read."""
    try:
        return _digest_sources(project)
    except FileNotFoundError:
        return ""


def _digest_sources(project: Project) -> str:
    """Text by content, raw data by size and time of change."""
    pages = [
        p
        for p in sorted(project.reports.rglob("*"))
        if p.is_file() and "donnees" not in p.relative_to(project.reports).parts
    ]
    data = (
        sorted(p for p in project.data.rglob("*") if p.is_file()) if project.data.is_dir() else []
    )
    return digest_value(
        [
            digest_path(project.surveys),
            digest_path(project.root / "_quarto.yml"),
            [digest_path(p) for p in pages],
            [(str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in data],
        ]
    )
