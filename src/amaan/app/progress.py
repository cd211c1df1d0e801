"""How far long work has come: a bar on a terminal, plain lines where the output is piped."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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


@contextmanager
def counted(what: str) -> Iterator[Callable[[int, int], None]]:
    """Lend what hears how many are done, of how many, and tells it on standard error."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
        return
    said = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal said
        if time.monotonic() - said >= EVERY_S:
            said = time.monotonic()
            typer.echo(f"{what}: {done} of {total}", err=True)

    yield tell
