"""Ending asyncio tasks for certain."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

CANCEL_AGAIN_S = 0.2


async def cancel_all(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks and return when all have ended; their errors are theirs to have told.

    One cancel is not enough: asyncio.wait_for before Python 3.12 loses it when what it waits for
    ends at the same moment, and a connection pool waits with it.
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN_S)


async def run_all(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run coroutines side by side; cancelled, or when one fails, all end before this returns."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        await cancel_all(tasks)
