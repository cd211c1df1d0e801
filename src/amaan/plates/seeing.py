"""By what right somebody sees one read: an authority, its match, or that it passed just now."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request

from amaan.kernel.acting import Acting, act_as
from amaan.plates.model import Read
from amaan.plates.service import PlatesService
from amaan.trust.audit.trail import trail_of
from amaan.trust.authority.model import AuthorityNeededError
from amaan.trust.guards import reach
from amaan.trust.model import Account, NotPermittedError

SEARCH = "plates.search"
LIVE = "plates.live"


async def seen_read(
    service: PlatesService,
    request: Request,
    account: Account,
    read_id: UUID,
    authority: UUID | None,
) -> Read:
    """Return the read, and leave on the trail what allowed it.

    The route's guard asked for ``alarms.view``, which everybody has who may see a read at all;
    under an authority ``plates.search`` is asked here, as far as that reaches.
    Raises ReadNotFoundError, NotPermittedError, AuthorityNeededError, AuthorityNotActiveError,
    NotCoveredError.
    """
    trail = trail_of(request)
    trail.note(reads=[str(read_id)])
    if authority is None:
        read = await _seen_freely(service, account, read_id)
    else:
        trail.authority, trail.permission = authority, SEARCH
        reached = reach(account, SEARCH)
        if reached is None:
            raise NotPermittedError(f"this account may not do that ({SEARCH})")
        act_as(Acting(f"account:{account.id}", reached.sites))
        read, basis = await service.read_under(read_id, authority)
        trail.note(purpose=basis.purpose.value, case=basis.case_ref)
    trail.note(plate=read.plate, cameras=[read.camera])
    return read


async def _seen_freely(service: PlatesService, account: Account, read_id: UUID) -> Read:
    try:
        return await service.read_seen(read_id, matched=True)
    except AuthorityNeededError:
        live = reach(account, LIVE)
        if live is None:
            raise
        act_as(Acting(f"account:{account.id}", live.sites))
        return await service.read_seen(read_id, live=True)
