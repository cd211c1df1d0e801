"""Running the detectors over the log, leading findings to a review, and keeping facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.errors import InvalidError
from amaan.kernel.events import JsonValue, Outbox
from amaan.kernel.ids import new_id
from amaan.trust.audit.model import Asked, Entry, Record
from amaan.trust.audit.service import AuditLog
from amaan.trust.misuse import events, rules, store
from amaan.trust.misuse.model import (
    Facts,
    Finding,
    FindingNotFoundError,
    PlaceNotFoundError,
    ReviewDecision,
    Run,
    SensitivePlace,
    Suspicion,
    UnknownPersonError,
    Vehicles,
)
from amaan.trust.misuse.ports import CameraPlaces
from amaan.trust.misuse.sheet import Roster, read_roster
from amaan.trust.misuse.watching import Watch, fold

ROSTER_AROUND = timedelta(days=11)
ENTRIES_SHOWN = 200


class MisuseService:
    """Detectors, findings and facts; the caller says on whose behalf (``kernel.acting``)."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        log: AuditLog,
        cameras: CameraPlaces,
        clock: Clock,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._log = log
        self._cameras = cameras
        self._clock = clock

    # -- detectors ---------------------------------------------------------------------------

    async def run(self, since: datetime, until: datetime, *, actor: str) -> Run:
        """Judge what was done from ``since`` to ``until`` in the light of the weeks before.

        The same time judged twice raises nothing twice. The run itself is written in the log.
        """
        return await self._run(since, until, actor, nightly=False)

    async def run_due(self, *, actor: str) -> Run | None:
        """Run what the nights since the last run have left to judge, if anything."""
        async with self._database.transaction() as connection:
            judged = await store.judged_until(connection)
        span = rules.due(judged, self._clock.now())
        return None if span is None else await self._run(*span, actor, nightly=True)

    async def _run(self, since: datetime, until: datetime, actor: str, *, nightly: bool) -> Run:
        if since >= until:
            raise InvalidError("the time ends before it begins")
        begin = since - rules.LOOK_BACK
        watch = Watch(await self._facts(begin, until))
        suspected: list[Suspicion] = []
        count = 0
        async for entry in self._log.entries(Asked(since=begin, until=until)):
            count += 1
            suspected.extend(watch.hear(entry))
        suspected.extend(watch.close())
        fresh = [each for each in suspected if each.until >= since]
        run = await self._write_down(fresh, Run(since, until, nightly, count))
        details: dict[str, JsonValue] = {
            "since": since.isoformat(),
            "until": until.isoformat(),
            "count": run.raised,
        }
        await self._log.write(Record("run_misuse_detectors", actor, details=details))
        return run

    async def _facts(self, since: datetime, until: datetime) -> Facts:
        cameras = await self._cameras.positions()  # before: never two connections at once
        async with self._database.transaction() as connection:
            people = await store.people(connection)
            return Facts(
                people={person.actor: person for person in people},
                vehicles=await store.vehicles(connection),
                shifts=await store.shifts(connection, since - ROSTER_AROUND, until + ROSTER_AROUND),
                places=await store.places(connection, since - rules.LOOK_BACK),
                cameras=cameras,
                authorities=await store.authorities(connection),
            )

    async def _write_down(self, suspected: Sequence[Suspicion], run: Run) -> Run:
        now = self._clock.now()
        async with self._database.transaction() as connection:
            await store.lock_runs(connection)
            whose = sorted({(each.detector, each.actor) for each in suspected})
            known = await store.findings_about(connection, whose) if whose else []
            folded = fold(known, suspected)
            findings = [Finding(new_id(now), suspicion, now) for suspicion in folded.raised]
            for finding in findings:
                await store.insert_finding(connection, finding)
            for finding in folded.grown:
                await store.grow_finding(connection, finding)
            run = replace(run, raised=len(findings), grown=len(folded.grown))
            await store.insert_run(connection, run, now)
            if findings:
                await self._outbox.announce(connection, [events.found(f) for f in findings])
        return run

    # -- findings ----------------------------------------------------------------------------

    async def page(self, *, state: str, before: UUID | None, limit: int) -> list[Finding]:
        """Return findings newest first; ``state`` is ``open``, ``reviewed`` or ``all``."""
        async with self._database.transaction() as connection:
            return await store.findings_page(connection, state, before, limit)

    async def finding(self, identifier: UUID) -> tuple[Finding, list[Entry]]:
        """Return a finding and the first entries it stands on. Raises FindingNotFoundError."""
        async with self._database.transaction() as connection:
            found = await store.get_finding(connection, identifier)
        if found is None:
            raise FindingNotFoundError(f"no finding {identifier}")
        positions = found.suspicion.positions[:ENTRIES_SHOWN]
        return found, [await self._log.entry(position) for position in positions]

    async def review(
        self, identifier: UUID, by: UUID, decision: ReviewDecision, note: str
    ) -> Finding:
        """Write down what an auditor made of it. Raises FindingNotFoundError and as rules do."""
        async with self._database.transaction() as connection:
            found = await store.get_finding(connection, identifier, lock=True)
            if found is None:
                raise FindingNotFoundError(f"no finding {identifier}")
            reviewed = rules.review(found, by, decision, note, self._clock.now())
            await store.review_finding(connection, reviewed)
        return reviewed

    # -- facts -------------------------------------------------------------------------------

    async def vehicles(self, account: UUID) -> Vehicles:
        """Return what an account has declared. Raises UnknownPersonError."""
        async with self._database.transaction() as connection:
            await _refuse_unknown(connection, account)
            found: Mapping[str, Vehicles] = await store.vehicles(connection, account)
        return found.get(f"account:{account}", Vehicles())

    async def set_vehicles(
        self, account: UUID, own: Sequence[str], household: Sequence[str]
    ) -> Vehicles:
        """Replace what an account has declared. Raises UnknownPersonError, FactsInputError."""
        declared = rules.check_vehicles(own, household)
        async with self._database.transaction() as connection:
            await _refuse_unknown(connection, account)
            await store.set_vehicles(connection, account, declared, self._clock.now())
        return declared

    async def import_shifts(self, text: str) -> Roster:
        """Take a roster: good lines all at once, bad ones reported. Raises FactsInputError."""
        async with self._database.transaction() as connection:
            roster = read_roster(text, await store.account_ids(connection))
            await store.put_shifts(connection, roster.shifts)
        return roster

    async def places(self) -> list[SensitivePlace]:
        """Return sensitive places by time."""
        async with self._database.transaction() as connection:
            return await store.places(connection)

    async def add_place(self, place: SensitivePlace) -> SensitivePlace:
        """Add a sensitive place. Raises FactsInputError."""
        rules.check_place(place)
        async with self._database.transaction() as connection:
            await store.insert_place(connection, place, self._clock.now())
        return place

    async def remove_place(self, identifier: UUID) -> None:
        """Take a sensitive place away. Raises PlaceNotFoundError."""
        async with self._database.transaction() as connection:
            if not await store.delete_place(connection, identifier):
                raise PlaceNotFoundError(f"no sensitive place {identifier}")


async def _refuse_unknown(connection: store.Connection, account: UUID) -> None:
    if not await store.is_account(connection, account):
        raise UnknownPersonError("there is no such account")
