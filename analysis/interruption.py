"""Ctrl-C, held back while polars is at work: it takes no exception where it calls Python."""

from __future__ import annotations

import _thread
import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

_AGAIN = 0.02  # seconds; what is held back is tried again this much later


@contextlib.contextmanager
def held_back_in_polars() -> Iterator[None]:
    """KeyboardInterrupt is raised as ever, but never below a call of polars.

    Where its Rust calls back into Python, if only to make an options object, polars panics on
    any exception and prints that panic: the interruption would look like a fault. Nothing is
    changed where Ctrl-C is ignored or handled by somebody else, nor outside the main thread.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupt(_: int, frame: FrameType | None) -> None:
    if not _in_polars(frame):
        raise KeyboardInterrupt
    later = threading.Timer(_AGAIN, _thread.interrupt_main)
    later.daemon = True
    later.start()


def _in_polars(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_globals.get("__name__", "").split(".")[0] == "polars":
            return True
        frame = frame.f_back
    return False
