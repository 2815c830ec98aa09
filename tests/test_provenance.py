"""Digests and records, against published test vectors and by what must differ."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from analysis.provenance import (
    Record,
    digest_code,
    digest_path,
    digest_text,
    digest_value,
    digest_versions,
    read_record,
    sha256_file,
    staleness,
    write_aside,
    write_record,
)

# FIPS 180-4 examples of SHA-256, and that of nothing.
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
MILLION_A = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"


@pytest.mark.parametrize(
    ("content", "expected"), [(b"abc", ABC), (b"", NOTHING), (b"a" * 1_000_000, MILLION_A)]
)
def test_sha256_of_a_file(tmp_path: Path, content: bytes, expected: str) -> None:
    (tmp_path / "f").write_bytes(content)
    assert sha256_file(tmp_path / "f") == expected
    assert digest_path(tmp_path / "f") == expected[:16]


def test_sha256_of_a_file_longer_than_one_reading(tmp_path: Path) -> None:
    """The file is read by the megabyte: a change in the second one counts."""
    (tmp_path / "a").write_bytes(b"a" * 1_500_000)
    (tmp_path / "b").write_bytes(b"a" * 1_499_999 + b"b")
    assert sha256_file(tmp_path / "a") != sha256_file(tmp_path / "b")


def test_digest_of_a_text() -> None:
    assert digest_text("abc") == ABC[:16]


def test_digest_of_a_value_ignores_the_order_of_keys_and_nothing_else() -> None:
    value = {"a": [1, 2], "b": {"c": "é", "d": None}}
    assert digest_value(value) == digest_value({"b": {"d": None, "c": "é"}, "a": [1, 2]})
    others = [
        {**value, "a": [2, 1]},
        {**value, "a": [1, "2"]},
        {**value, "a": None},
        {"a": [1, 2]},
    ]
    assert len({digest_value(v) for v in [value, *others]}) == 1 + len(others)


def folder_with(root: Path, files: dict[str, str]) -> str:
    root.mkdir()
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return digest_path(root)


def test_digest_of_a_folder_tells_names_places_and_contents_apart(tmp_path: Path) -> None:
    here = {"a": "x", "b/c": "y"}
    digest = folder_with(tmp_path / "0", here)
    assert folder_with(tmp_path / "1", dict(reversed(here.items()))) == digest
    others: list[dict[str, str]] = [
        {},
        {"a": "x"},
        {"a": "y", "b/c": "x"},
        {"a": "x", "c": "y"},
        {"a": "x", "b/d": "y"},
        {"a": "x", "b/c": "y", "b/d": ""},
    ]
    found = {folder_with(tmp_path / f"other{i}", files) for i, files in enumerate(others)}
    assert len(found | {digest}) == 1 + len(others)


def test_digest_of_a_folder_leaves_out_compiled_code(tmp_path: Path) -> None:
    bare = folder_with(tmp_path / "bare", {"a.py": "x"})
    assert folder_with(tmp_path / "run", {"a.py": "x", "__pycache__/a.pyc": "z"}) == bare


def test_what_is_not_there_is_absent_and_an_empty_folder_is_not(tmp_path: Path) -> None:
    assert digest_path(tmp_path / "nothing") == "absent"
    assert digest_path(tmp_path) != "absent"


def test_digest_of_code_depends_on_the_modules_named() -> None:
    assert digest_code("errors") == digest_code("errors")
    assert len({digest_code(*m) for m in [("errors",), ("render",), ("errors", "render")]}) == 3


def test_digest_of_code_refuses_a_module_that_does_not_exist() -> None:
    """Its changes would go unnoticed for ever."""
    with pytest.raises(ValueError, match="no module estimaton"):
        digest_code("errors", "estimaton")


def test_digest_of_versions_depends_on_the_distributions_named() -> None:
    assert digest_versions("polars") == digest_versions("polars")
    assert digest_versions("polars") != digest_versions("numpy")


# --- records -------------------------------------------------------------------------------------


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("abc")
    write_record(tmp_path / "deep" / "r.json", {"file": "1"}, [tmp_path / "out"], tmp_path)
    assert read_record(tmp_path / "deep" / "r.json") == Record({"file": "1"}, {"out": ABC[:16]})


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        '{"inputs": {"a": "1"}, "outp',
        "[]",
        "3",
        "{}",
        '{"inputs": {}}',
        '{"inputs": 3, "outputs": {}}',
        '{"inputs": {}, "outputs": ["site"]}',
        b"\xff\xfe",
    ],
)
def test_a_record_that_is_not_whole_is_none(tmp_path: Path, text: str | bytes | None) -> None:
    path = tmp_path / "r.json"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert read_record(path) is None


def test_staleness_says_why(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("abc")
    record = Record({"file": "1", "code": "2"}, {"out": ABC[:16]})
    now = {"file": "1", "code": "2"}
    assert staleness(record, now, tmp_path) == ""
    assert staleness(None, now, tmp_path) == "never finished"
    assert staleness(record, {**now, "code": "3"}, tmp_path) == "changed: code"
    assert staleness(record, {"file": "0", "new": "1"}, tmp_path) == "changed: code, file, new"
    (tmp_path / "out").write_text("abd")
    assert staleness(record, now, tmp_path) == "missing or altered: out"
    (tmp_path / "out").unlink()
    assert staleness(record, now, tmp_path) == "missing or altered: out"


# --- files whole or not at all -------------------------------------------------------------------


def test_a_file_is_written_below_folders_that_are_made(tmp_path: Path) -> None:
    write_aside(tmp_path / "a" / "b" / "f", b"new")
    assert (tmp_path / "a" / "b" / "f").read_bytes() == b"new"
    assert [p.name for p in (tmp_path / "a" / "b").iterdir()] == ["f"]


@pytest.mark.parametrize("failing", ["write_bytes", "replace"])
def test_a_file_that_cannot_be_written_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    (tmp_path / "f").write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr(Path, failing, full)
        with pytest.raises(OSError, match=os.strerror(28)):
            write_aside(tmp_path / "f", b"new")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"f": b"old"}
