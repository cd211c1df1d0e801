"""How `amaan watch` shows reads: JSON lines, plain lines, or a table that grows."""

from __future__ import annotations

import sys
from collections import deque
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import orjson
import typer
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from amaan.vision.model import PlateRead

ROWS = 20


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_json(read: PlateRead, position_s: float) -> bytes:
    """Return one read as a line of JSON. Boxes in pixels, times in UTC."""
    return orjson.dumps(
        {
            "observed_at": _time(read.observed_at),
            "position_s": round(position_s, 3),
            "plate": read.text,
            "raw_text": read.raw_text,
            "confidence": round(read.confidence, 4),
            "characters": [round(value, 4) for value in read.characters],
            "box": [read.box.x, read.box.y, read.box.w, read.box.h],
            "frame_size": [read.frame_width, read.frame_height],
            "direction": str(read.direction),
            "frames": read.frames,
            "agreeing": read.agreeing,
            "uncertain": read.uncertain,
            "first_seen_at": _time(read.first_seen_at),
            "last_seen_at": _time(read.last_seen_at),
            "decided_at": _time(read.decided_at),
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )


class JsonFace:
    """One JSON object a line on standard output; notes on standard error."""

    def read(self, read: PlateRead, position_s: float) -> None:
        """Write the line at once."""
        sys.stdout.buffer.write(read_json(read, position_s))
        sys.stdout.buffer.flush()

    def note(self, text: str) -> None:
        """Write to standard error."""
        typer.echo(text, err=True)


class PlainFace(JsonFace):
    """One line of text a read."""

    def read(self, read: PlateRead, position_s: float) -> None:
        """Write the line at once."""
        doubt = "  uncertain" if read.uncertain else ""
        typer.echo(
            f"{_time(read.observed_at)}  {position_s:8.2f} s  {read.text:<10}"
            f"  {read.confidence:5.1%}  {read.direction:<11}"
            f"  {read.agreeing} of {read.frames} frames{doubt}"
        )
        sys.stdout.flush()


class TableFace:
    """A table on a terminal, newest read first, that is redrawn in place."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._rows: deque[tuple[PlateRead, float]] = deque(maxlen=ROWS)
        self._notes: deque[str] = deque(maxlen=5)
        self._live = Live(console=Console(), auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        self._draw()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def read(self, read: PlateRead, position_s: float) -> None:
        """Add a row at the top."""
        self._rows.appendleft((read, position_s))
        self._draw()

    def note(self, text: str) -> None:
        """Add a line beneath."""
        self._notes.append(text)
        self._draw()

    def _draw(self) -> None:
        table = Table(title=Text(self._title), title_justify="left", expand=False)
        for name in ("time (UTC)", "at", "plate", "as read", "sure", "direction", "frames"):
            table.add_column(name, justify="right" if name in ("at", "sure", "frames") else "left")
        for read, position_s in self._rows:
            table.add_row(
                read.observed_at.astimezone(UTC).strftime("%H:%M:%S.%f")[:-3],
                f"{position_s:.1f} s",
                Text(read.text, style="dim" if read.uncertain else "bold"),
                Text(read.raw_text),
                f"{read.confidence:.0%}" + (" ?" if read.uncertain else ""),
                str(read.direction),
                f"{read.agreeing}/{read.frames}",
            )
        self._live.update(Group(table, *(Text(note) for note in self._notes)), refresh=True)
