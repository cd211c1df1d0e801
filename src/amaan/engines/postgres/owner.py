"""Which system account the embedded server runs under: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from amaan.kernel.errors import UnavailableError

ACCOUNT = "amaan-postgres"


@dataclass(frozen=True, slots=True)
class Owner:
    """A system account by number. ``switch`` says whether processes must change to it."""

    uid: int
    gid: int
    switch: bool


def owner_of(directory: Path) -> Owner:
    """Return the account for a data directory: ourselves, or for root an account without rights.

    A directory that already belongs to an ordinary account keeps it. Root gets the account
    ``amaan-postgres``, made on first use (``nobody`` where accounts cannot be made).
    Raises UnavailableError when root has neither.
    """
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid(), switch=False)
    if directory.exists() and (directory / "PG_VERSION").exists():
        status = directory.stat()
        if status.st_uid != 0:
            return Owner(status.st_uid, status.st_gid, switch=True)
    entry = _entry(ACCOUNT) or _made() or _entry("nobody")
    if entry is None:
        raise UnavailableError(
            "PostgreSQL does not run as root and no other account can be made: "
            "start Amaan as an ordinary user, or give --database"
        )
    return Owner(entry.pw_uid, entry.pw_gid, switch=True)


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _made() -> pwd.struct_passwd | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return None
    subprocess.run(  # noqa: S603  a fixed command line
        [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT],
        check=False,
        capture_output=True,
    )
    return _entry(ACCOUNT)


def open_way(path: Path) -> None:
    """Let another account pass through (not list) the folders above ``path``, as root only."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
