"""The nightly run."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from amaan.kernel.acting import acting_as, system
from amaan.trust.misuse.service import MisuseService

LOOK_EVERY_S: Final = 600.0
ACTOR: Final = system("misuse")

_log = structlog.get_logger(__name__)


async def run_nightly(misuse: MisuseService) -> None:
    """Judge each night what is due, until cancelled; a night that was missed is made up for."""
    while True:
        with acting_as(ACTOR):
            run = await misuse.run_due(actor=ACTOR.actor)
        if run is not None:
            _log.info("misuse.ran", entries=run.entries, raised=run.raised, grown=run.grown)
        await asyncio.sleep(LOOK_EVERY_S)
