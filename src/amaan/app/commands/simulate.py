"""`amaan simulate`: a city of cameras that do not exist, to try things on and to load them."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from amaan.simulation.city import DemoCity
    from amaan.simulation.library import Library
    from amaan.simulation.serving import CityServers, Ports

EXIT_PORT_TAKEN = 12
EPILOG = (
    "DIR holds the films, cameras.csv for `amaan cameras import` and sites.geojson for `amaan "
    f"cameras sites`. Exit codes: 0 stopped by a signal, 1 a fault, {EXIT_PORT_TAKEN} a port is "
    "taken."
)
DEFAULT_FOLDER = Path("amaan-data/simulation")
PARENT_WATCH_S = 1.0


def simulate(  # noqa: PLR0913  each is an option of the command line
    port: Annotated[int, typer.Option(min=0, max=65535, help="RTSP port; 0: any free.")] = 8554,
    mjpeg_port: Annotated[int, typer.Option(min=0, max=65535, help="Port of MJPEG cameras.")] = 0,
    onvif_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the camera that turns.")
    ] = 0,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    cameras: Annotated[
        int | None,
        typer.Option(min=1, max=5000, help="So many RTSP cameras instead of the city's own."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Other numbers make other traffic.")] = 0,
    folder: Annotated[Path, typer.Option(help="Where films are kept.")] = DEFAULT_FOLDER,
    password_file: Annotated[
        Path | None,
        typer.Option(help="Ask RTSP clients for user `viewer` and the password in this file."),
    ] = None,
    parent_pid: Annotated[int, typer.Option(hidden=True)] = 0,
) -> None:
    """Render traffic once and serve it as cameras do, until Ctrl-C or SIGTERM."""
    import uvloop

    from amaan.app.logging import start_logging
    from amaan.kernel.errors import AmaanError
    from amaan.simulation.city import DemoCity
    from amaan.simulation.library import Library
    from amaan.simulation.serving import CityServers, Ports

    start_logging("warning")
    signal.signal(signal.SIGTERM, _interrupted)  # until the server's own handlers stand
    try:
        password = password_file.read_text(encoding="utf-8").strip() if password_file else ""
        city, library = DemoCity(seed), Library(folder)
        render_with_progress(city, library, cameras)
        servers = CityServers(city, library, cameras)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            wanted = Ports(host, port, mjpeg_port, password, onvif_port)
            ports = runner.run(_start(servers, wanted))
            _say_where(city, library, ports, cameras)
            runner.run(_serve(servers, parent_pid))
    except AmaanError as error:
        typer.echo(f"error: {error.detail}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"error: {error.filename or folder}: {error.strerror}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def render_with_progress(city: DemoCity, library: Library, count: int | None = None) -> None:
    """Make the films that are missing, showing how far it is. Raises OSError.

    With ``count``, only those that so many RTSP cameras show.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from amaan.simulation.city import more_cameras

    shown = city.cameras
    if count is not None:
        shown = tuple({camera.code: camera for _, camera in more_cameras(city, count)}.values())
    processes = max(1, os.cpu_count() or 1)
    steps = library.make(shown, processes, kept_too=city.cameras)
    _, wanted = next(steps)
    console = Console(stderr=True)
    if wanted and not console.is_terminal:
        typer.echo(f"rendering {wanted} films of traffic, once; this takes about a minute")
    with Progress(
        "rendering traffic, once", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console, transient=True, disable=not (wanted and console.is_terminal),
    ) as progress:  # fmt: skip
        task = progress.add_task("films", total=wanted)
        for done, _ in steps:
            progress.update(task, completed=done)


async def _start(servers: CityServers, wanted: Ports) -> Ports:
    try:
        return await servers.start(wanted)
    except OSError as error:
        if not error.errno:
            raise
        where = f"{wanted.host}:{wanted.rtsp}"
        typer.echo(f"error: cannot listen on {where}: {error.strerror}", err=True)
        raise typer.Exit(EXIT_PORT_TAKEN) from None


def _say_where(city: DemoCity, library: Library, ports: Ports, count: int | None) -> None:
    from amaan.app.folder import write_private
    from amaan.city.address import parse_address
    from amaan.simulation.serving import as_csv, as_geojson, cameras_of

    cameras = cameras_of(city, library, ports, count)
    write_private(library.folder / "cameras.csv", as_csv(cameras))
    (library.folder / "sites.geojson").write_text(as_geojson(city.sites), encoding="utf-8")
    for camera in cameras:
        typer.echo(f"{camera.code:10} {parse_address(camera.address).redacted}")
    typer.echo(f"{len(cameras)} cameras serve; also in {library.folder / 'cameras.csv'}")


async def _serve(servers: CityServers, parent_pid: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    while not stop.is_set():
        try:
            async with asyncio.timeout(PARENT_WATCH_S):
                await stop.wait()
        except TimeoutError:
            if parent_pid and os.getppid() != parent_pid:
                break
    await servers.close()
