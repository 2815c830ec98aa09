"""What is kept by the digest of what it was made from: whole, bounded, and refused when damaged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from analysis.store import Store

KEY, OTHER = "a" * 64, "b" * 64
CHECK = 32  # bytes that an entry takes besides


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "kept", 300)


@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 100])
def test_what_is_kept_is_found_under_its_key_alone(store: Store, content: bytes) -> None:
    assert store.find(KEY) is None
    store.keep(KEY, content)
    assert store.find(KEY) == content
    assert store.find(OTHER) is None
    assert [p.name for p in store.folder.iterdir()] == [KEY], "nothing half-written is left"


@pytest.mark.parametrize("place", [0, CHECK - 1, CHECK, -1])
def test_a_byte_that_changed_is_noticed(store: Store, place: int) -> None:
    store.keep(KEY, b"a page")
    entry = bytearray((store.folder / KEY).read_bytes())
    entry[place] ^= 1
    (store.folder / KEY).write_bytes(entry)
    assert store.find(KEY) is None
    assert not (store.folder / KEY).exists()


@pytest.mark.parametrize("size", [0, 1, CHECK, CHECK + 3])
def test_an_entry_that_was_cut_is_noticed(store: Store, size: int) -> None:
    store.keep(KEY, b"a page")
    os.truncate(store.folder / KEY, size)
    assert store.find(KEY) is None


def test_an_entry_under_the_name_of_another_is_noticed(store: Store) -> None:
    store.keep(KEY, b"a page")
    (store.folder / KEY).rename(store.folder / OTHER)
    assert store.find(OTHER) is None


def test_what_was_longest_not_asked_for_goes_first(store: Store) -> None:
    keys = [letter * 64 for letter in "cdefg"]
    for hour, key in enumerate(keys):
        store.keep(key, bytes(100 - CHECK))
        os.utime(store.folder / key, (hour, hour))
    assert store.find(keys[0]) is not None, "asked for: now the newest"
    store.tidy()
    assert sorted(p.name for p in store.folder.iterdir()) == sorted([keys[0], *keys[-2:]])


def test_there_is_nothing_to_tidy_where_nothing_was_kept(store: Store) -> None:
    store.tidy()
    assert not store.folder.exists()
