"""What a spool can fail with."""

from __future__ import annotations

from amaan.kernel.errors import UnavailableError


class SpoolFullError(UnavailableError):
    """The item is not on disk: no room, or the disk fails. The same append may succeed later."""

    code = "spool-full"


class SpoolClosedError(UnavailableError):
    """The spool was closed; nothing more can be kept in it."""

    code = "spool-closed"
