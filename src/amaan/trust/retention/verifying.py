"""Are the receipts whole and signed, and is what they say is gone gone?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from amaan.kernel.acting import acting_as
from amaan.kernel.engines import BlobStore, Database
from amaan.trust.audit.model import Asked, NoteError
from amaan.trust.audit.notes import VerifyKey, open_note
from amaan.trust.audit.service import AuditLog
from amaan.trust.retention import store
from amaan.trust.retention.model import Receipt, ReceiptError, Terms
from amaan.trust.retention.nightly import ACTOR, DELETED, Night
from amaan.trust.retention.receipts import receipt_of

GRACE: Final = timedelta(days=2)  # a run may be missed, and a day ends up to a day later
ASKED_AT_ONCE: Final = 50_000
NOTES_AT_ONCE: Final = 1_000


@dataclass(slots=True)
class Verdict:
    """What was found; nothing wrong with an empty list of ``faults``."""

    receipts: int = 0
    faults: list[str] = field(default_factory=list)


def check_notes(notes: Iterable[str], key: VerifyKey) -> tuple[list[Receipt], Verdict]:
    """Check signatures and numbers of notes in the order of their numbers; needs nothing else.

    Receipts missing at the end cannot be seen so: the audit log tells those.
    """
    verdict, good = Verdict(), []
    for place, note in enumerate(notes, 1):
        verdict.receipts += 1
        try:
            receipt = receipt_of(open_note(note, key).text, note)
        except (NoteError, ReceiptError) as error:
            verdict.faults.append(f"the receipt in place {place}: {error.detail}")
            continue
        if receipt.number != place:
            verdict.faults.append(f"in place {place} stands receipt {receipt.number}")
        good.append(receipt)
    return good, verdict


class Verifier:
    """Looks into the database and the blob store."""

    def __init__(self, database: Database, blobs: BlobStore, night: Night, log: AuditLog) -> None:
        self._database = database
        self._blobs = blobs
        self._night = night
        self._log = log

    async def notes(self) -> list[str]:
        """Return the notes of all receipts, in the order of their numbers."""
        found: list[str] = []
        before: int | None = None
        while True:
            async with self._database.transaction() as connection:
                page = await store.notes(connection, before, NOTES_AT_ONCE)
            if not page:
                return found[::-1]
            found += [note for _, _, note in page]
            before = page[-1][1]

    async def verify(self, key: VerifyKey, terms: Terms) -> Verdict:
        """Check the receipts, that what each names is gone, and that nothing else was left."""
        with acting_as(ACTOR):
            receipts, verdict = check_notes(await self.notes(), key)
            for receipt in receipts:
                for keeper in self._night.keepers:
                    verdict.faults += [
                        f"receipt {receipt.number} says it is gone: {left}"
                        for left in await keeper.left_of(receipt)
                    ]
            verdict.faults += await self._untold(receipts)
            verdict.faults += await self._overdue(terms)
            verdict.faults += await self._stray(terms)
        return verdict

    async def _untold(self, receipts: Sequence[Receipt]) -> list[str]:
        """Name receipts that the audit log knows and that are missing, or read otherwise."""
        notes = {str(one.id): hashlib.sha256(one.note.encode()).hexdigest() for one in receipts}
        faults = []
        async for entry in self._log.entries(Asked(action=DELETED)):
            told = entry.record.details
            number, note = told.get("number"), notes.get(str(told.get("receipt")))
            if note is None:
                faults.append(f"the audit log knows receipt {number}, which is not there")
            elif note != told.get("note_sha256"):
                faults.append(f"the audit log knows receipt {number} with another text")
        return faults

    async def _overdue(self, terms: Terms) -> list[str]:
        """Name days that should have been dropped, and blobs that should have gone."""
        late = Terms(terms.now - GRACE, terms.days)
        faults = [
            f"partition plates.{partition} is over and still there"
            for keeper in self._night.keepers
            for planned in await keeper.plan(late)
            for partition in planned.partitions
        ]
        async with self._database.transaction() as connection:
            waiting = await store.count_condemned(connection, terms.now - GRACE)
        if waiting:
            faults.append(f"{waiting} blobs were given up more than {GRACE.days} days ago")
        return faults

    async def _stray(self, terms: Terms) -> list[str]:
        """Count old files that no record refers to."""
        stray, asked = 0, []
        async for stored in self._blobs.each(terms.before("pictures") - GRACE):
            asked.append(bytes.fromhex(stored.digest))
            if len(asked) == ASKED_AT_ONCE:
                stray += await self._unreferred(asked)
                asked = []
        stray += await self._unreferred(asked)
        return [f"{stray} files lie there that no record refers to"] if stray else []

    async def _unreferred(self, asked: Sequence[bytes]) -> int:
        if not asked:
            return 0
        async with self._database.transaction() as connection:
            await store.limit_time(connection, 1_800, 60)
            return len(await store.unreferred(connection, asked))
