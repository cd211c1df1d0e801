"""`amaan bench`: what this machine does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from amaan.app.commands.data import Json

bench = typer.Typer(
    no_args_is_help=True,
    help="Measure what this machine does, against a real centre of its own.",
    epilog="Exit codes: 0 measured, 1 the measurement failed, 2 wrong options.",
)
Folder = Annotated[
    Path | None, typer.Option("--data", help="Work here and keep it; else a temporary folder.")
]


@bench.command()
def ingest(
    seconds: Annotated[int, typer.Option(min=1, max=3600)] = 60,
    entries: Annotated[int, typer.Option(min=1, max=5_000_000)] = 1_000_000,
    rate: Annotated[int, typer.Option(min=100, help="Reads a second to offer.")] = 20_000,
    data: Folder = None,
    as_json: Json = False,
) -> None:
    """Drive reads over HTTP into a centre with a full hot-list; time every alarm.

    Counts what is durably stored, not what was sent; fails where the two differ.
    """
    from amaan.app.bench import ingest as measurement
    from amaan.app.bench.figures import Voice
    from amaan.app.bench.traffic import Plan

    _show(lambda: measurement.run(Plan(rate, seconds), entries, data, Voice()), as_json)


@bench.command()
def search(
    reads: Annotated[int, typer.Option(min=10_000, max=500_000_000)] = 20_000_000,
    queries: Annotated[int, typer.Option(min=10, help="Of each kind.")] = 200,
    data: Folder = None,
    as_json: Json = False,
) -> None:
    """Load reads by COPY, then time searches over HTTP: exact, wildcard, near, camera and time.

    With --data, reads loaded there before are used again.
    """
    from amaan.app.bench import search as measurement
    from amaan.app.bench.figures import Voice

    _show(lambda: measurement.run(reads, queries, data, Voice()), as_json)


@bench.command()
def live(
    seconds: Annotated[int, typer.Option(min=10, max=3600)] = 120,
    data: Folder = None,
    as_json: Json = False,
) -> None:
    """Run the demo city's cameras through a worker; time each alarm from its frame.

    Every vehicle is on the hot-list, so that each camera gives an alarm a minute.
    """
    from amaan.app.bench import live as measurement
    from amaan.app.bench.figures import Voice

    _show(lambda: measurement.run(seconds, data, Voice()), as_json)


@bench.command()
def viewing(
    seconds: Annotated[int, typer.Option(min=5, max=3600, help="For each of three walls.")] = 60,
    tiles: Annotated[int, typer.Option(min=1, max=64)] = 16,
    data: Folder = None,
    as_json: Json = False,
) -> None:
    """Watch the demo city's cameras live; time each picture from its camera to the viewer.

    One tile, a wall of them, and the same wall beside a viewer that reads nothing.
    """
    from amaan.app.bench import viewing as measurement
    from amaan.app.bench.figures import Voice

    _show(lambda: measurement.run(seconds, tiles, data, Voice()), as_json)


@bench.command()
def timeline(
    cameras: Annotated[int, typer.Option(min=1, max=5_000)] = 1_300,
    days: Annotated[int, typer.Option(min=1, max=60)] = 30,
    queries: Annotated[int, typer.Option(min=10, help="Of each kind.")] = 100,
    data: Folder = None,
    as_json: Json = False,
) -> None:
    """Load a month of a whole city's recordings with its gaps, then time its timelines."""
    from amaan.app.bench import timeline as measurement
    from amaan.app.bench.figures import Voice

    _show(lambda: measurement.run(cameras, days, queries, data, Voice()), as_json)


@bench.command()
def seeking(
    cameras: Annotated[int, typer.Option(min=1, max=45)] = 16,
    seconds: Annotated[int, typer.Option(min=60, max=3600, help="To record before.")] = 150,
    queries: Annotated[int, typer.Option(min=10)] = 300,
    data: Folder = None,
    as_json: Json = False,
) -> None:
    """Record the demo city's cameras, then seek in them: first byte and whole piece."""
    from amaan.app.bench import seeking as measurement
    from amaan.app.bench.figures import Voice

    _show(lambda: measurement.run(cameras, seconds, queries, data, Voice()), as_json)


@bench.command()
def pursuit(
    nodes: Annotated[int, typer.Option(min=4, max=5_000_000)] = 177_680,
    cameras: Annotated[int, typer.Option(min=1, max=50_000)] = 1_300,
    minutes: Annotated[int, typer.Option(min=1, max=60, help="Of travel.")] = 10,
    queries: Annotated[int, typer.Option(min=10)] = 200,
    data: Folder = None,
    as_json: Json = False,
) -> None:
    """Make up a city's streets, then ask which cameras one can come to next."""
    from amaan.app.bench import pursuit as measurement
    from amaan.app.bench.figures import Voice

    _show(lambda: measurement.run(nodes, cameras, minutes, queries, data, Voice()), as_json)


@bench.command()
def audit(
    entries: Annotated[int, typer.Option(min=1_000, max=100_000_000)] = 1_000_000,
    requests: Annotated[int, typer.Option(min=10, help="Of each kind.")] = 500,
    data: Folder = None,
    as_json: Json = False,
) -> None:
    """Write audit entries, ask with and without them, then verify a log of so many.

    Counts entries that were committed and waited for; fails where one is missing.
    """
    from amaan.app.bench import audit as measurement
    from amaan.app.bench.figures import Voice

    _show(lambda: measurement.run(entries, requests, data, Voice()), as_json)


@bench.command()
def judging(
    clips: Annotated[Path, typer.Argument(help="Folder of real clips, one folder a set.")],
    as_json: Json = False,
) -> None:
    """Make real clips worse by seed, and harmlessly other; count what cameras' judge raises."""
    from amaan.app.bench import judging as measurement
    from amaan.app.bench.figures import Voice

    _show(lambda: measurement.run(clips, Voice()), as_json)


@bench.command()
def recording(
    cameras: Annotated[int, typer.Option(min=1, max=512)] = 64,
    seconds: Annotated[int, typer.Option(min=10, max=86_400, help="For each recorder.")] = 600,
    recorders: Annotated[
        str, typer.Option(help="Which, in which order: amaan, ffmpeg, ffmpeg-one, motion.")
    ] = "amaan,ffmpeg,ffmpeg-one,motion",
    data: Folder = None,
    as_json: Json = False,
) -> None:
    """Record cameras of 1080p25 at 3 Mb/s over RTSP; look for every picture in the files.

    Amaan's worker, one ffmpeg a camera, one ffmpeg for all, and motion, on the same streams.
    """
    from amaan.app.bench import recording as measurement
    from amaan.app.bench.figures import Voice

    names = recorders.split(",")
    if unknown := set(names) - set(measurement.RECORDERS):
        raise typer.BadParameter(f"no recorder {', '.join(sorted(unknown))}")
    _show(lambda: measurement.run(cameras, seconds, names, data, Voice()), as_json)


def _show(measure: Callable[[], dict[str, Any]], as_json: bool) -> None:
    from amaan.app.logging import start_logging
    from amaan.kernel.errors import AmaanError

    start_logging("warning")
    try:
        figures = measure()
    except AmaanError as error:
        typer.echo(f"error: {error.detail}", err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps(figures))
        return
    for name, value in figures.items():
        shown = (
            "  ".join(f"{key} {part}" for key, part in value.items())
            if isinstance(value, dict)
            else value
        )
        typer.echo(f"{name:24} {shown}")
