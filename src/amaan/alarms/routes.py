"""Alarms over HTTP."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from amaan.alarms.model import AlarmCursorError
from amaan.alarms.rules import REASON_LENGTH
from amaan.alarms.service import AlarmsService
from amaan.alarms.wire import AlarmView
from amaan.trust.guards import permitted
from amaan.trust.model import Account

Operator = Annotated[Account, Depends(permitted("alarms.decide", safety=True))]


class AlarmsView(BaseModel):
    """A page of alarms, newest first."""

    items: list[AlarmView]
    next_cursor: str | None


class Decision(BaseModel):
    """Why a person decided so."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=REASON_LENGTH)


def _before(cursor: str | None) -> UUID | None:
    if not cursor:
        return None
    try:
        return UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (ValueError, binascii.Error) as error:
        raise AlarmCursorError("not a cursor of this list") from error


def router(alarms: AlarmsService) -> APIRouter:
    """Return the routes under /api/alarms."""
    routes = APIRouter(prefix="/api/alarms", tags=["alarms"])
    viewer = Depends(permitted("alarms.view"))

    @routes.get("", dependencies=[viewer])
    async def list_alarms(
        state: Literal["open", "decided", "all"] = "open",
        cursor: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> AlarmsView:
        """Return alarms, newest first."""
        found = await alarms.page(state=state, before=_before(cursor), limit=limit + 1)
        more = len(found) > limit
        last = base64.urlsafe_b64encode(found[limit - 1].id.bytes).decode() if more else None
        return AlarmsView(items=found[:limit], next_cursor=last.rstrip("=") if last else None)

    @routes.get("/{alarm_id}", dependencies=[viewer])
    async def get_alarm(alarm_id: UUID) -> AlarmView:
        """Return one alarm."""
        return await alarms.alarm(alarm_id)

    @routes.post("/{alarm_id}/acknowledge")
    async def acknowledge_alarm(alarm_id: UUID, account: Operator) -> AlarmView:
        """Take an alarm: others see that somebody looks at it."""
        return await alarms.acknowledge(alarm_id, account.username)

    @routes.post("/{alarm_id}/confirm")
    async def confirm_alarm(alarm_id: UUID, decision: Decision, account: Operator) -> AlarmView:
        """Record that picture and record show the same vehicle."""
        return await alarms.confirm(alarm_id, account.username, decision.reason)

    @routes.post("/{alarm_id}/reject")
    async def reject_alarm(alarm_id: UUID, decision: Decision, account: Operator) -> AlarmView:
        """Record that it is not the vehicle that is looked for."""
        return await alarms.reject(alarm_id, account.username, decision.reason)

    @routes.post("/{alarm_id}/clear")
    async def clear_alarm(alarm_id: UUID, account: Operator) -> AlarmView:
        """Put a decided alarm away."""
        return await alarms.clear(alarm_id)

    return routes
