"""Any raw file -> a frame of text columns. Nothing is interpreted here, ``NA`` included.

One module a family of formats; what a file is, is read from its first bytes, not its name.
"""

from analysis.ingest.packed import MAX_BYTES
from analysis.ingest.raw import ROW, RawFile
from analysis.ingest.read import companions, read_raw

__all__ = ["MAX_BYTES", "ROW", "RawFile", "companions", "read_raw"]
