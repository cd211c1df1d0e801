"""Percentiles, and a voice for long work."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import typer


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the nearest-rank percentile (0 < share <= 1), None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * share // 1))
    return ordered[int(rank) - 1]


def summary_ms(seconds: Sequence[float]) -> dict[str, float | int | None]:
    """Return count, p50, p95, p99 and the worst, in milliseconds."""

    def ms(value: float | None) -> float | None:
        return None if value is None else round(value * 1000, 1)

    return {
        "count": len(seconds),
        "p50_ms": ms(percentile(seconds, 0.50)),
        "p95_ms": ms(percentile(seconds, 0.95)),
        "p99_ms": ms(percentile(seconds, 0.99)),
        "worst_ms": ms(max(seconds, default=None)),
    }


class Voice:
    """Says on standard error what is going on: one line that moves, or plain lines when piped."""

    EVERY_S = 5.0

    def __init__(self) -> None:
        self._moving = sys.stderr.isatty()
        self._said_at = 0.0

    def step(self, text: str) -> None:
        """Say that something begins or ended."""
        self._clear()
        typer.echo(text, err=True)
        self._said_at = time.monotonic()

    def progress(self, text: str) -> None:
        """Say how far it is; seldom, unless somebody looks on."""
        now = time.monotonic()
        if self._moving and now - self._said_at >= 0.2:
            self._clear()
            typer.echo(f"  {text}", err=True, nl=False)
            self._said_at = now
        elif not self._moving and now - self._said_at >= self.EVERY_S:
            typer.echo(f"  {text}", err=True)
            self._said_at = now

    def _clear(self) -> None:
        if self._moving:
            typer.echo("\r\033[K", err=True, nl=False)
