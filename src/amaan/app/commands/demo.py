"""`amaan demo`: a centre with a city of simulated cameras, ready to be looked at."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
import threading
import time
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from amaan.app.demo.simulator import Simulator
    from amaan.app.folder import DataFolder
    from amaan.app.opening import Engines
    from amaan.app.serving import Prepare
    from amaan.app.settings import CentreSettings
    from amaan.simulation.city import DemoCity

DEFAULT_DATA = Path("amaan-data/demo")
READY_LIMIT_S = 120.0
EPILOG = "Exit codes: as in `amaan up --help`."


def demo(
    data: Annotated[Path, typer.Option(help="Folder of the demo's data.")] = DEFAULT_DATA,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the console.")] = 8080,
    workers: Annotated[int, typer.Option(min=1, max=16, help="Camera worker processes.")] = 1,
    browser: Annotated[bool, typer.Option(help="Open a browser where there is one.")] = True,
) -> None:
    """Run a centre over a simulated Karachi until Ctrl-C: a looked-for car drives through it."""
    import uvloop

    from amaan.app.demo.simulator import free_ports
    from amaan.app.folder import DataFolder
    from amaan.app.logging import start_logging
    from amaan.app.serving import Exit, exit_code, listen, serve
    from amaan.app.settings import CentreSettings
    from amaan.city.networks import CameraNetworks
    from amaan.kernel.errors import AmaanError

    films = data.absolute() / "simulation"
    simulated = CameraNetworks(loopback=True, folders=(films,))
    settings = CentreSettings(data=data.absolute(), port=port, workers=workers, cameras=simulated)
    folder = DataFolder(settings.data)
    os.umask(0o077)
    signal.signal(signal.SIGTERM, _interrupted)  # until the centre's own handlers stand
    simulator: Simulator | None = None
    try:
        folder.prepare()
        listen(settings.host, settings.port).close()  # a taken port shows before the long work
        start_logging("warning", folder.logs / "centre.log")
        city, simulator, prepare = _simulated(folder, settings, free_ports())
        simulator.start()
        threading.Thread(
            target=_guide, args=(folder, city, browser), name="guide", daemon=True
        ).start()
        simulator.wait()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings, _say, prepare))
    except AmaanError as error:
        typer.echo(f"error: {error.detail}", err=True)
        raise typer.Exit(exit_code(error)) from None
    except OSError as error:
        typer.echo(f"error: {error.filename or folder.root}: {error.strerror}", err=True)
        raise typer.Exit(Exit.FAULT) from None
    except KeyboardInterrupt:
        typer.echo("stopped")
    finally:
        if simulator is not None:
            simulator.stop()


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def _simulated(
    folder: DataFolder, settings: CentreSettings, ports: tuple[int, ...]
) -> tuple[DemoCity, Simulator, Prepare]:
    """Render what is missing; return the city, its simulator and what seeds the centre."""
    from amaan.app.commands.simulate import render_with_progress
    from amaan.app.demo.people import passwords
    from amaan.app.demo.seeding import Seeds, seed
    from amaan.app.demo.simulator import HOST, Simulator
    from amaan.simulation.city import DemoCity
    from amaan.simulation.library import Library
    from amaan.simulation.serving import Ports, cameras_of

    city, library = DemoCity(), Library(folder.root / "simulation")
    render_with_progress(city, library)
    password_file = folder.root / "camera-password"
    where = Ports(HOST, ports[0], ports[1], _password(password_file), ports[2])
    log = folder.logs / "simulator.log"
    seeds = Seeds(city.sites, cameras_of(city, library, where), city.wanted)

    async def prepare(engines: Engines) -> None:
        await seed(engines, settings, seeds, passwords(folder.demo_people))

    return city, Simulator(library.folder, where, password_file, log), prepare


def _password(path: Path) -> str:
    from amaan.app.folder import write_private

    if not path.is_file():
        write_private(path, secrets.token_urlsafe(18) + "\n")
    return path.read_text(encoding="utf-8").strip()


def _say(text: str) -> None:
    """Repeat what the centre says, apart from what the guide says better."""
    if not text.startswith(("first sign-in", "Amaan is ready", "migrating")):
        typer.echo(text)


def _guide(folder: DataFolder, city: DemoCity, browser: bool) -> None:
    """Wait for the centre, tell people where to look, and open it."""
    import json

    until = time.monotonic() + READY_LIMIT_S
    while time.monotonic() < until:
        try:
            running = json.loads(folder.running.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            running = {}
        if running.get("pid") == os.getpid():
            break
        time.sleep(0.1)
    else:
        return
    url = str(running["url"])
    threading.Thread(
        target=_tell_devices, args=(folder, city, url), name="devices", daemon=True
    ).start()
    lines = [
        "",
        f"Amaan's demo city is ready: {url}",
        *_sign_in(folder),
        "",
        f"{len(city.cameras)} simulated cameras at {len(city.sites)} places in Karachi; one does "
        "not answer, on purpose.",
        f"A stolen car, {city.route_plate}, drives down Shahrah-e-Faisal into the Red Zone. Within "
        "half a minute",
        "the first alarm comes up by itself. Look at the picture and the clip, compare, then "
        "confirm or reject.",
        "Ctrl-C ends everything.",
    ]
    typer.echo("\n".join(lines))
    if browser and _has_display():
        webbrowser.open(url)


def _tell_devices(folder: DataFolder, city: DemoCity, url: str) -> None:
    """Have the sites' devices tell how they are, until the demo ends."""
    from amaan.simulation.devices import keep_telling

    token = folder.worker_token.read_text(encoding="ascii").strip()
    asyncio.run(keep_telling(url, token, [site.code for site in city.sites]))


def _sign_in(folder: DataFolder) -> list[str]:
    from amaan.app.demo.people import PARTS, passwords

    given = passwords(folder.demo_people)
    lines = [f"  {part.username:<14}{given[part.username]}   {part.does}" for part in PARTS]
    with suppress(OSError):
        text = folder.first_sign_in.read_text(encoding="utf-8")
        first = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
        lines.append(f"  {first['username']:<14}{first['password']}   accounts, settings")
    return ["Sign in as (begin with the supervisor):", *lines]


def _has_display() -> bool:
    shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(shown) or sys.platform in ("darwin", "win32")
