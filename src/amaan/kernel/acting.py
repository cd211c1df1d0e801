"""On whose behalf the running task works: what the database's row-level security goes by.

Nobody is the default, and nobody sees nothing: a path that forgets to say who asks gets empty
tables. A guard sets the account and its reach for a request; ``app`` wraps background tasks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Acting:
    """Who works, and how far it sees.

    ``actor`` is ``account:<uuid>``, ``worker:<token name>``, ``system:<task>`` or ``nobody``.
    ``sites`` are codes of the sites whose operational rows are seen: None is every site, an
    empty tuple none. ``configures`` sees what stands where (sites, cameras) of every site
    all the same, and nothing that was observed there.
    """

    actor: str
    sites: tuple[str, ...] | None
    configures: bool = False


NOBODY = Acting("nobody", ())
_acting: ContextVar[Acting] = ContextVar("amaan_acting", default=NOBODY)


def system(task: str) -> Acting:
    """Return the centre itself at work on a task: sees everything."""
    return Acting(f"system:{task}", None, configures=True)


def acting() -> Acting:
    """Return on whose behalf the running task works."""
    return _acting.get()


def act_as(who: Acting) -> None:
    """Work on somebody's behalf from here to the end of the running task (a request's, say)."""
    _acting.set(who)


@contextmanager
def acting_as(who: Acting) -> Iterator[None]:
    """Work on somebody's behalf within a block."""
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)
