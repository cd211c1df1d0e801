"""Keeps a password given on the command line out of the process list."""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path

_ARG_START, _ARG_END = 45, 46  # fields 48 and 49 of /proc/PID/stat (proc(5)), after "(name) "


def hide_argument(text: str, shown: str) -> bool:
    """Overwrite an argument of this process, where ps and /proc/PID/cmdline read it.

    ``shown`` takes its place, cut or padded to its length. Returns whether it was found; on
    systems other than Linux it is not.
    """
    secret = os.fsencode(text)
    if not secret:
        return False
    with contextlib.suppress(OSError, ValueError, IndexError):
        fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
        start, end = int(fields[_ARG_START]), int(fields[_ARG_END])
        if not 0 < start < end <= start + 4_194_304:
            return False
        arguments = ctypes.string_at(start, end - start)
        at = arguments.find(b"\0" + secret + b"\0")
        if at < 0:
            return False
        cover = os.fsencode(shown)[: len(secret)].ljust(len(secret))
        ctypes.memmove(start + at + 1, cover, len(cover))
        return True
    return False
