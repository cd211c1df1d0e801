"""Requests of the public from the counter to the last word, and the transparency report."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.ids import new_id
from amaan.trust.audit.service import AuditLog
from amaan.trust.public import rules, store
from amaan.trust.public.model import (
    Asker,
    Matter,
    PublicRequest,
    RequestInputError,
    RequestKind,
    RequestNotFoundError,
    RequestState,
    Step,
)
from amaan.trust.public.report import Period
from amaan.trust.public.sources import DatabaseLog, compile_report
from amaan.trust.public.store import Kept, KeptStep
from amaan.trust.sealing import Sealer

APPEALS = (RequestState.APPEALED, RequestState.UPHELD, RequestState.DISMISSED)


class PublicService:
    """Whom a request is about, and what was written to them, is sealed before it is stored."""

    def __init__(self, database: Database, log: AuditLog, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._source = DatabaseLog(database, log)
        self._sealer = sealer
        self._clock = clock

    async def report(self, period: Period, size: int | None = None) -> bytes:
        """Return the transparency report; see ``report``. Raises InvalidError."""
        return await compile_report(self._source, period, size)

    def is_over(self, period: Period) -> bool:
        """Tell whether nothing more can happen in the period."""
        return self._clock.now() >= period.end

    async def receive(
        self, kind: RequestKind, asker: Asker, matter: Matter, by: UUID
    ) -> PublicRequest:
        """Take a request in. Raises RequestInputError."""
        for field, text in (
            ("name", asker.name),
            ("contact", asker.contact),
            ("text", matter.text),
        ):
            if not text.strip():
                raise RequestInputError("empty", field=field)
        now = self._clock.now()
        request = PublicRequest(
            new_id(now),
            rules.reference_of(os.urandom(8)),
            kind,
            RequestState.RECEIVED,
            asker,
            matter,
            now,
            now + rules.ANSWER_WITHIN,
            history=(Step(now, by, RequestState.RECEIVED, ""),),
        )
        async with self._database.transaction() as connection:
            await store.insert(connection, self._sealed(request))
            await store.add_step(connection, request.id, self._sealed_step(request))
        return request

    async def step(self, identifier: UUID, to: RequestState, by: UUID, text: str) -> PublicRequest:
        """Take a request one step on. Raises RequestNotFoundError and as ``rules.step`` does."""
        async with self._database.transaction() as connection:
            before = await self._get(connection, identifier, lock=True)
            now = self._clock.now()
            after = rules.step(before, to, by, text, now)
            decides = to in (RequestState.UPHELD, RequestState.DISMISSED)
            await store.move(connection, self._sealed(after), by if decides else None, now)
            await store.add_step(connection, after.id, self._sealed_step(after))
        return after

    async def request(self, identifier: UUID) -> PublicRequest:
        """Return one request with its history. Raises RequestNotFoundError."""
        async with self._database.transaction() as connection:
            return await self._get(connection, identifier)

    async def appeal(self, identifier: UUID) -> PublicRequest:
        """Return one that came to an appeal. Raises RequestNotFoundError for others."""
        request = await self.request(identifier)
        if request.state not in APPEALS:
            raise RequestNotFoundError(f"no appeal {identifier}")
        return request

    async def page(
        self, states: Sequence[RequestState], before: UUID | None, limit: int
    ) -> list[PublicRequest]:
        """Return requests in these states newest first, without their history."""
        async with self._database.transaction() as connection:
            return [self._opened(k) for k in await store.page(connection, states, before, limit)]

    def now(self) -> datetime:
        """Return the present, which says what is overdue."""
        return self._clock.now()

    async def _get(
        self, connection: store.Connection, identifier: UUID, *, lock: bool = False
    ) -> PublicRequest:
        kept = await store.get(connection, identifier, lock=lock)
        if kept is None:
            raise RequestNotFoundError(f"no request {identifier}")
        return self._opened(kept, await store.steps(connection, identifier))

    # -- sealing -----------------------------------------------------------------------------

    def _sealed(self, request: PublicRequest) -> Kept:
        asker = json.dumps([request.asker.name, request.asker.contact])
        matter = json.dumps([request.matter.plate, request.matter.text])
        return Kept(
            request.id,
            request.reference,
            request.kind,
            request.state,
            self._sealer.seal(asker, purpose=_purpose(request.id, "asker")),
            self._sealer.seal(matter, purpose=_purpose(request.id, "matter")),
            request.received_at,
            request.due_at,
            request.answered_by,
        )

    def _sealed_step(self, request: PublicRequest) -> KeptStep:
        number, last = len(request.history), request.history[-1]
        text = self._sealer.seal(last.text, purpose=_purpose(request.id, f"step/{number}"))
        return KeptStep(number, last.at, last.by, last.state, text)

    def _opened(self, kept: Kept, steps: Sequence[KeptStep] = ()) -> PublicRequest:
        def unseal(token: str, part: str) -> str:
            return self._sealer.unseal(token, purpose=_purpose(kept.id, part))

        name, contact = json.loads(unseal(kept.asker_sealed, "asker"))
        plate, text = json.loads(unseal(kept.matter_sealed, "matter"))
        history = tuple(
            Step(s.at, s.by, s.state, unseal(s.text_sealed, f"step/{s.number}")) for s in steps
        )
        return PublicRequest(
            kept.id,
            kept.reference,
            kept.kind,
            kept.state,
            Asker(name, contact),
            Matter(plate, text),
            kept.received_at,
            kept.due_at,
            kept.answered_by,
            history,
        )


def _purpose(request: UUID, part: str) -> str:
    return f"trust/request/{request}/{part}"
