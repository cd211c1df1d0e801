"""How far long work has come: a bar on a terminal, plain lines where the output is piped."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

import typer

EVERY_S = 10.0

T = TypeVar("T")


def steps(items: Sequence[T], what: str) -> Iterator[T]:
    """Yield the items, telling on standard error how many are done."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import track

        yield from track(items, description=what, console=Console(stderr=True), transient=True)
        return
    said = time.monotonic()
    for number, item in enumerate(items):
        if time.monotonic() - said >= EVERY_S:
            said = time.monotonic()
            typer.echo(f"{what}: {number} of {len(items)}", err=True)
        yield item
