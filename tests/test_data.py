"""What is found of the raw files, and how what is missing is fetched from a publisher made up."""

from __future__ import annotations

import hashlib
import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email.message import Message
from http.client import IncompleteRead
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError, URLError

import pytest

from analysis.data import describe, download, look, survey_data
from analysis.definition import Survey, load_survey
from analysis.errors import BaroError
from analysis.project import Project

SURVEY = "barometre_numerique"
OLD, NEW = "barometre-du-numerique-2007-2020.csv.gz", "barometre-du-numerique-2022.csv.gz"
CONTENT = {OLD: b"the old file " * 20_000, NEW: b"the new file " * 3}


@pytest.fixture(scope="module")
def survey(project_root: Path) -> Survey:
    """The real survey, whose files are found in the catalogue by their own names."""
    made = load_survey(project_root / "surveys", SURVEY)
    for name in CONTENT:
        made = declare(made, name, resource="")
    return made


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv("BARO_DATA", raising=False)
    return Project(tmp_path)


@pytest.fixture
def folder(project: Project) -> Path:
    return project.data / "barometre-numerique"


def put(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(CONTENT[name])


def there(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.glob("*")}


# --- what is found -------------------------------------------------------------------------------


def test_nothing_found_is_no_error(project: Project, survey: Survey) -> None:
    state = survey_data(project, survey)
    assert (state.found, state.missing) == ((), (OLD, NEW))
    assert not state.observed


def test_everything_found(project: Project, survey: Survey, folder: Path) -> None:
    put(folder, OLD, NEW)
    state = survey_data(project, survey)
    assert (state.found, state.missing) == ((OLD, NEW), ())
    assert state.observed


@pytest.mark.parametrize(("present", "absent"), [(OLD, NEW), (NEW, OLD)])
def test_some_found_is_refused_naming_the_others(
    project: Project, survey: Survey, folder: Path, present: str, absent: str
) -> None:
    put(folder, present)
    with pytest.raises(BaroError) as refused:
        survey_data(project, survey)
    (problem,) = refused.value.problems
    assert problem.where.endswith(absent)
    assert present not in str(refused.value)
    assert f"baro data get {SURVEY}" in problem.remedy
    assert look(project, survey).missing == (absent,), "looking refuses nothing"


def test_a_folder_is_not_a_file(project: Project, survey: Survey, folder: Path) -> None:
    (folder / OLD).mkdir(parents=True)
    assert look(project, survey).found == ()


def test_baro_data_names_the_folder_above(
    survey: Survey, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "elsewhere" / "barometre-numerique", OLD, NEW)
    monkeypatch.setenv("BARO_DATA", str(tmp_path / "elsewhere"))
    assert survey_data(project, survey).observed
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BARO_DATA", "elsewhere")
    assert survey_data(project, survey).folder == tmp_path / "elsewhere" / "barometre-numerique"


def test_the_tested_edition_is_told_from_another(
    project: Project, survey: Survey, folder: Path
) -> None:
    put(folder, OLD, NEW)
    tested = declare(survey, NEW, sha256=hashlib.sha256(CONTENT[NEW]).hexdigest())
    said = describe(project, tested)
    assert {f["file"]: f["tested_edition"] for f in files_of(said)} == {OLD: False, NEW: True}
    assert said["observed"] is True


def test_a_missing_file_is_no_tested_edition(project: Project, survey: Survey) -> None:
    said = describe(project, survey)
    assert [(f["found"], f["tested_edition"]) for f in files_of(said)] == [(False, False)] * 2
    assert (said["observed"], said["licence"]) == (False, "ODbL 1.0")


def files_of(said: dict[str, object]) -> list[dict[str, Any]]:
    files = said["files"]
    assert isinstance(files, list)
    return files


def declare(survey: Survey, name: str, **changes: str) -> Survey:
    """The survey with something else declared about a file."""
    data = survey.spec.data
    files = {**data.files, name: data.files[name].model_copy(update=changes)}
    spec = survey.spec.model_copy(update={"data": data.model_copy(update={"files": files})})
    return replace(survey, spec=spec)


# --- what is fetched -----------------------------------------------------------------------------


class Answer:
    """What urlopen gives: read by pieces; ``ends`` is raised after the last of them."""

    def __init__(self, content: bytes, length: int | None, ends: Exception | None) -> None:
        self.content, self.ends = content, ends
        self.headers = Message()
        if length is not None:
            self.headers["Content-Length"] = str(length)

    def read(self, size: int = -1) -> bytes:
        if not self.content and self.ends:
            raise self.ends
        size = len(self.content) if size < 0 else size
        piece, self.content = self.content[:size], self.content[size:]
        return piece

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@dataclass
class Publisher:
    """A catalogue of two files on a network of our own; ``answers`` are set aside by address."""

    resources: list[dict[str, Any]] = field(default_factory=list)
    catalogue: bytes | Exception | None = None
    files: dict[str, tuple[bytes, int | None, Exception | None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def offer(self, name: str, content: bytes, kind: str = "sha256") -> None:
        address = f"https://static.example/{name}"
        checksum = {"type": kind, "value": hashlib.new(kind, content).hexdigest()}
        self.resources.append({"title": f"T {name}", "url": address, "checksum": checksum})
        self.files[address] = (content, len(content), None)

    def serve(self, name: str, *, length: int | None, content: bytes, ends: Exception | None):
        self.files[f"https://static.example/{name}"] = (content, length, ends)

    def urlopen(self, address: str, timeout: float) -> Answer:
        assert timeout > 0
        self.asked.append(address)
        if address in self.files:
            return Answer(*self.files[address])
        assert address == "https://www.data.gouv.fr/api/1/datasets/barometre-du-numerique/"
        if isinstance(self.catalogue, Exception):
            raise self.catalogue
        found = self.catalogue or json.dumps({"resources": self.resources}).encode()
        return Answer(found, None, None)


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Publisher:
    made = Publisher()
    monkeypatch.setattr(urllib.request, "urlopen", made.urlopen)
    made.offer(OLD, CONTENT[OLD])
    made.offer(NEW, CONTENT[NEW])
    return made


Get = Callable[..., list[Path]]


@pytest.fixture
def get(project: Project, survey: Survey, publisher: Publisher) -> Get:
    """``download``, which asks the publisher made up and never the real network."""
    assert publisher.asked == []

    def run(
        definition: Survey = survey,
        say: Callable[[str], None] = lambda _: None,
        progress: Callable[[int, int], None] = lambda *_: None,
    ) -> list[Path]:
        return download(project, definition, say, progress)

    return run


def refusal(get: Get) -> str:
    with pytest.raises(BaroError) as refused:
        get()
    assert len(refused.value.problems) == 1
    return str(refused.value)


def test_missing_files_are_fetched_whole(get: Get, folder: Path) -> None:
    assert get() == [folder / OLD, folder / NEW]
    assert there(folder) == CONTENT


def test_what_the_catalogue_says_drives_no_terminal(get: Get, publisher: Publisher) -> None:
    publisher.resources[0]["title"] += "\x1b[2J\u202e"
    said: list[str] = []
    get(say=said.append)
    assert f"T {OLD}\\x1b[2J\\u202e" in said[0]
    assert all(line.isprintable() for line in said)


def test_progress_goes_up_to_the_announced_size(get: Get) -> None:
    told: list[tuple[int, int]] = []
    get(progress=lambda received, expected: told.append((received, expected)))
    sizes = [len(CONTENT[OLD]), len(CONTENT[NEW])]
    assert [t for t in told if t[0] == t[1]] == [(s, s) for s in sizes]
    first = [received for received, expected in told if expected == sizes[0]]
    assert first == sorted(set(first))
    assert len(first) > 2, "not only once it is over"


def test_only_what_is_missing_is_fetched(get: Get, folder: Path, publisher: Publisher) -> None:
    put(folder, OLD)
    assert get() == [folder / NEW]
    assert f"https://static.example/{OLD}" not in publisher.asked


def test_nothing_is_asked_when_everything_is_there(
    get: Get, folder: Path, publisher: Publisher
) -> None:
    put(folder, OLD, NEW)
    said: list[str] = []
    assert get(say=said.append) == []
    assert publisher.asked == []
    assert "nothing to download" in said[0]


def test_another_edition_than_the_tested_one_is_told(get: Get, survey: Survey) -> None:
    tested = survey
    for name in (OLD, NEW):
        digest = hashlib.sha256(CONTENT[name]).hexdigest()
        tested = declare(tested, name, sha256=digest if name == OLD else "0" * 64)
    said: list[str] = []
    get(tested, said.append)
    other = [line for line in said if "not the edition" in line]
    assert len(other) == 1
    assert said.index(other[0]) > said.index(f"{SURVEY}: T {NEW}")


@pytest.mark.parametrize("kind", ["md5", "sha1", "sha256", "sha512"])
def test_the_published_checksum_is_compared_whatever_its_kind(
    get: Get, folder: Path, publisher: Publisher, kind: str
) -> None:
    publisher.resources.clear()
    for name in (OLD, NEW):
        publisher.offer(name, CONTENT[name], kind)
    publisher.resources[0]["checksum"]["value"] = publisher.resources[0]["checksum"][
        "value"
    ].upper()
    get()
    assert there(folder) == CONTENT
    (folder / NEW).unlink()
    publisher.resources[1]["checksum"]["value"] = hashlib.new(kind, b"another").hexdigest()
    said = refusal(get)
    assert f"its {kind} is {hashlib.new(kind, CONTENT[NEW]).hexdigest()}" in said
    assert hashlib.new(kind, b"another").hexdigest() in said
    assert there(folder) == {OLD: CONTENT[OLD]}


@pytest.mark.parametrize(
    "checksum", [None, {}, {"type": "crc32", "value": "12"}, {"type": None, "value": None}]
)
def test_a_checksum_of_no_use_is_passed_over(
    get: Get, folder: Path, publisher: Publisher, checksum: dict[str, str] | None
) -> None:
    for resource in publisher.resources:
        resource["checksum"] = checksum
    get()
    assert there(folder) == CONTENT


@pytest.mark.parametrize(
    ("ends", "reason"),
    [
        (ConnectionResetError(104, "Connection reset by peer"), "Connection reset by peer"),
        (IncompleteRead(b"", 9), "IncompleteRead"),
        (TimeoutError("timed out"), "timed out"),
        (None, "100 bytes of 260000"),
    ],
)
def test_a_download_cut_short_leaves_nothing(
    get: Get, folder: Path, publisher: Publisher, ends: Exception | None, reason: str
) -> None:
    publisher.resources[0].pop("checksum")
    publisher.serve(OLD, length=len(CONTENT[OLD]), content=CONTENT[OLD][:100], ends=ends)
    said = refusal(get)
    assert "the download stopped" in said
    assert reason in said
    assert there(folder) == {}


def test_a_download_without_end_is_stopped(
    get: Get, folder: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever length was announced."""
    monkeypatch.setattr("analysis.data._LARGEST", 100_000)
    publisher.serve(OLD, length=10, content=b"x" * 1_000_000, ends=AssertionError("read on"))
    assert "the download stopped: more than" in refusal(get)
    assert there(folder) == {}


def test_a_download_stopped_by_hand_leaves_nothing(get: Get, folder: Path) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(progress=stop)
    assert there(folder) == {}


def test_a_failure_at_the_second_file_keeps_the_first(
    get: Get, folder: Path, publisher: Publisher
) -> None:
    publisher.serve(NEW, length=9, content=b"", ends=None)
    assert f"{NEW}\n" in refusal(get)
    assert there(folder) == {OLD: CONTENT[OLD]}


def test_a_failed_download_leaves_the_file_of_another_run(
    get: Get, folder: Path, publisher: Publisher
) -> None:
    """Two downloads at once do not write into one another."""
    folder.mkdir(parents=True)
    (folder / f".{OLD}.1").write_bytes(b"other")
    publisher.serve(OLD, length=9, content=b"", ends=None)
    refusal(get)
    assert there(folder) == {f".{OLD}.1": b"other"}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (URLError("Name or service not known"), "Name or service not known"),
        (URLError(ConnectionRefusedError(111, "Connection refused")), "Connection refused"),
        (HTTPError("https://x", 404, "NOT FOUND", Message(), None), "NOT FOUND"),
        (TimeoutError("timed out"), "timed out"),
        (IncompleteRead(b"", 9), "IncompleteRead"),
    ],
)
def test_a_closed_network_is_one_clear_sentence(
    get: Get, folder: Path, publisher: Publisher, error: Exception, reason: str
) -> None:
    publisher.catalogue = error
    said = refusal(get)
    assert f"data.gouv.fr cannot be reached ({reason}" in said.replace("[Errno 111] ", "")
    assert 'download "Baromètre du numérique" elsewhere' in said
    assert not folder.exists()


@pytest.mark.parametrize("answer", [b"<html>Sign in</html>", b"{}", b"[]", b"3", b"\xff"])
def test_an_answer_that_is_no_catalogue_is_refused(
    get: Get, publisher: Publisher, answer: bytes
) -> None:
    publisher.catalogue = answer
    assert "data.gouv.fr answers with something that is no catalogue" in refusal(get)


def test_a_file_the_catalogue_does_not_have_is_refused(get: Get, publisher: Publisher) -> None:
    publisher.resources[0] |= {"title": "Documentation", "url": "https://static.example/doc.pdf"}
    said = refusal(get)
    assert f'0 entries of the catalogue match "{OLD}"' in said
    assert f"Documentation, T {NEW}" in said


def test_a_file_the_catalogue_has_twice_is_refused(get: Get, publisher: Publisher) -> None:
    publisher.offer(OLD, b"another")
    assert f'2 entries of the catalogue match "{OLD}"' in refusal(get)


def test_the_declared_entry_is_taken(
    get: Get, survey: Survey, folder: Path, publisher: Publisher
) -> None:
    publisher.offer("cumul-2007-2020", b"renamed by its publisher")
    get(declare(survey, OLD, resource="cumul-2007"))
    assert there(folder) == {OLD: b"renamed by its publisher", NEW: CONTENT[NEW]}


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://example.org/x", None, ""])
def test_only_an_address_on_the_web_is_fetched(
    get: Get, folder: Path, publisher: Publisher, address: str | None
) -> None:
    publisher.resources[0] |= {"title": OLD, "url": address}
    assert "an address on the web" in refusal(get)
    assert len(publisher.asked) == 1
    assert not folder.exists()
