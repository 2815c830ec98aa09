"""SPSS, Stata and SAS files: value labels in place of codes, column labels kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from analysis.errors import BaroError, refuse
from analysis.ingest.raw import RawFile, number_text, refuse_cells, text_frame

_SAS = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
_XPORT = b"HEADER RECORD*******LIB"
_OLD_STATA = range(0x66, 0x74)  # releases 102 to 115, before the format was marked up
_FALLBACK = "WINDOWS-1252"


def statistical_family(content: bytes) -> str:
    """One of spss, stata, sas, xport, or "" for none of them, from the first bytes."""
    if content.startswith((b"$FL2", b"$FL3")):
        return "spss"
    if content.startswith(b"<stata_dta>"):
        return "stata"
    old = len(content) > 4 and content[0] in _OLD_STATA and content[1] in (1, 2)
    if old and content[2] == 1 and content[3] in (0, 1):
        return "stata"
    if content.startswith(_SAS):
        return "sas"
    return "xport" if content.startswith(_XPORT) else ""


def read_statistical(content: bytes, family: str, shown: str, catalogue: Path | None) -> RawFile:
    """A file of a statistical package as text columns.

    catalogue : the SAS file of value labels, where there is one
    """
    import pyreadstat

    readers: dict[str, Callable[..., Any]] = {
        "spss": pyreadstat.read_sav,
        "stata": pyreadstat.read_dta,
        "sas": pyreadstat.read_sas7bdat,
        "xport": pyreadstat.read_xport,
    }
    options: dict[str, Any] = {"output_format": "dict"}
    if family != "xport":
        options["user_missing"] = True  # their labels say which kind of missing they are
    if family == "sas" and catalogue:
        options["catalog_file"] = str(catalogue)
    with TemporaryDirectory(prefix="baro-") as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        try:
            _, meta = _read(readers[family], path, {"metadataonly": True})
            refuse_cells(meta.number_rows or 0, meta.number_columns or 0, shown)
            data, meta = _read(readers[family], path, options)
        except BaroError:
            raise
        except Exception as e:  # the library raises its own and those of its parts
            raise refuse(shown, f"not readable as {family}: {e}", "", "export it again") from e
    labels = meta.variable_value_labels
    columns = (_texts(data[name], labels.get(name, {})) for name in meta.column_names)
    frame = text_frame(meta.column_names, columns, shown)
    found = {k: v for k, v in meta.column_names_to_labels.items() if v}
    note = f"{shown}: {family} file, labels of {len(labels)} columns"
    return RawFile(frame, "", "", (note,), labels=found)


def _read(reader: Callable[..., Any], path: Path, options: dict[str, Any]) -> tuple[Any, Any]:
    """Read as the file says it is encoded; old files do not say it, or wrongly."""
    try:
        return tuple(reader(str(path), **options))
    except Exception as e:
        if not isinstance(e, UnicodeDecodeError) and "convert" not in str(e).lower():
            raise
        return tuple(reader(str(path), encoding=_FALLBACK, **options))


def _texts(values: Any, labels: Mapping[Any, str]) -> pl.Series:
    known = {_key(code): label for code, label in labels.items()}
    cache: dict[Any, str] = {}
    made = []
    for value in values.tolist() if hasattr(values, "tolist") else values:
        if isinstance(value, float) and math.isnan(value):
            made.append("")
            continue
        if value not in cache:
            cache[value] = known.get(_key(value)) or _plain(value)
        made.append(cache[value])
    return pl.Series(made, dtype=pl.String)


def _key(value: Any) -> Any:
    """A code as a number where it is one: 1, 1.0 and "1" label the same answer."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return number_text(value) if isinstance(value, int | float) else str(value)
