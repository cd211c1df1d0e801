"""Runs a whole centre: folder, database, HTTP, workers; ends all of it within ten seconds."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from enum import IntEnum
from typing import ClassVar

import structlog
import uvicorn
from fastapi import FastAPI

from amaan.app.centre import build_app, running
from amaan.app.folder import DataFolder, write_private
from amaan.app.opening import Engines, opened
from amaan.app.settings import CentreSettings
from amaan.app.supervisor import Supervisor
from amaan.console.intake import (
    MOST_SOCKET_MESSAGE_BYTES,
    PING_EVERY_S,
    PONG_WITHIN_S,
    BoundedProtocol,
    BoundedSocket,
)
from amaan.kernel.acting import acting_as, system
from amaan.kernel.errors import AmaanError
from amaan.trust import rules
from amaan.trust.service import FIRST_USERNAME, TrustService, new_token

GRACE_S = 2
SERVER_WATCH_S = 1.0

Say = Callable[[str], None]
Prepare = Callable[[Engines], Awaitable[None]]

_log = structlog.get_logger(__name__)


class Exit(IntEnum):
    """Exit codes of `amaan up`. 2 is the command line's own for wrong options."""

    CLEAN = 0
    FAULT = 1
    FOLDER_UNUSABLE = 10
    FOLDER_IN_USE = 11
    PORT_TAKEN = 12
    DATABASE_UNAVAILABLE = 13
    SCHEMA_NEWER = 14


class PortTakenError(AmaanError):
    """The address cannot be listened on."""

    code: ClassVar[str] = "port-taken"


_EXIT_OF_CODE = {
    "data-folder-unusable": Exit.FOLDER_UNUSABLE,
    "data-folder-in-use": Exit.FOLDER_IN_USE,
    "port-taken": Exit.PORT_TAKEN,
    "unavailable": Exit.DATABASE_UNAVAILABLE,
    "schema-newer": Exit.SCHEMA_NEWER,
}


def exit_code(error: AmaanError) -> Exit:
    """Return what `amaan up` ends with for an error at the start."""
    return _EXIT_OF_CODE.get(error.code, Exit.FAULT)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address. Raises PortTakenError."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(address)
        except OSError:
            sock.close()
            raise
    except OSError as error:
        raise PortTakenError(
            f"cannot listen on {host}:{port}: {error.strerror or error}; choose another --port"
        ) from error
    return sock


async def serve(settings: CentreSettings, say: Say, prepare: Prepare | None = None) -> None:
    """Run a centre until SIGTERM or SIGINT. Raises AmaanError when it cannot begin.

    ``prepare`` is awaited before the first request is answered.
    """
    folder = DataFolder(settings.data)
    folder.prepare()
    with folder.held(), contextlib.closing(listen(settings.host, settings.port)) as sock:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        async with opened(settings, say, is_centre=True) as engines:
            with acting_as(system("up")):
                await _first_run(engines, settings, folder, say)
                if prepare is not None:
                    await prepare(engines)
            await _serve_opened(engines, settings, sock, say, stop)
            say("stopping")
    say("stopped")


async def _serve_opened(
    engines: Engines, settings: CentreSettings, sock: socket.socket, say: Say, stop: asyncio.Event
) -> None:
    folder = DataFolder(settings.data)
    host, port = sock.getsockname()[:2]
    url = f"http://{_reachable(host)}:{port}"
    supervisor = Supervisor(folder, settings.worker_names, url, settings.cameras)
    app = build_app(engines, settings, supervisor)
    server = http_server(app)
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started and not serving.done():  # noqa: ASYNC110  uvicorn has only a flag
        await asyncio.sleep(0.01)
    if not serving.done():
        folder.announce(url)
        say(f"Amaan is ready: {url}")
        tasks = {"workers": supervisor.run, "database": lambda: _watch_database(engines)}
        async with running(tasks):
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({stopped, serving}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            app.state.live.close()
            await app.state.live_views.close()
            server.should_exit = True
        folder.withdraw()
    await serving
    if not stop.is_set():
        raise AmaanError("the HTTP server ended by itself; the log tells more")


class _Server(uvicorn.Server):
    """Leaves signals to ``serve``."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signal."""
        yield


def http_server(app: FastAPI) -> uvicorn.Server:
    """Return what serves a centre's application; it takes no signals."""
    return _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,  # addresses hold plates; metrics count the requests
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_S,
            log_level="warning",  # else the addresses of sockets are logged, with their tickets
            http=BoundedProtocol,
            ws=BoundedSocket,
            ws_max_size=MOST_SOCKET_MESSAGE_BYTES,
            ws_ping_interval=PING_EVERY_S,
            ws_ping_timeout=PONG_WITHIN_S,
            ws_per_message_deflate=False,  # video is compressed already
            lifespan="on",
        )
    )


async def _watch_database(engines: Engines) -> None:
    """Start the embedded server again as soon as it is gone, not only when somebody asks."""
    server = engines.server
    while True:
        await asyncio.sleep(SERVER_WATCH_S)
        if server is not None and not await asyncio.to_thread(server.is_running):
            await engines.database.revive()


async def _first_run(
    engines: Engines, settings: CentreSettings, folder: DataFolder, say: Say
) -> None:
    trust = TrustService(engines.database, engines.clock, settings.trust)
    if await trust.is_first_run():
        password = rules.first_password()
        # The file comes first: killed in between, the next start writes another.
        text = f"username: {FIRST_USERNAME}\npassword: {password}\n"
        await asyncio.to_thread(write_private, folder.first_sign_in, text)
        await trust.create_first_account(password, must_change=True)
        say(
            f"first sign-in: {FIRST_USERNAME} / {password}\n"
            f"  also in {folder.first_sign_in}: change it, then delete that file"
        )
    token = await asyncio.to_thread(_worker_token, folder)
    await trust.admit_worker_token(token, "local")


def _worker_token(folder: DataFolder) -> str:
    with contextlib.suppress(FileNotFoundError):
        token = folder.worker_token.read_text().strip()
        if token:
            return token
    token = new_token()
    write_private(folder.worker_token, token + "\n")
    return token


def _reachable(host: str) -> str:
    """Return the host by which this machine reaches what listens on ``host``."""
    if host in ("0.0.0.0", "::"):  # noqa: S104  compared, not bound
        return "127.0.0.1" if host == "0.0.0.0" else "[::1]"  # noqa: S104
    return f"[{host}]" if ":" in host else host
