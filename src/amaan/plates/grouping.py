"""The deliveries of one transaction, sorted: new, seen before, conflicting, refused. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from amaan.kernel.ids import new_id
from amaan.plates import ledger
from amaan.plates.ledger import Verdict
from amaan.plates.model import RefusedObservation
from amaan.plates.packing import DAY_US, Arrived, Batch, Refused


@dataclass(slots=True)
class Receipt:
    """What became of a delivery. ``acknowledged``: every number that need not be sent again."""

    acknowledged: list[tuple[UUID, int, int]] = field(default_factory=list)
    accepted: int = 0
    duplicates: int = 0
    conflicts: list[tuple[UUID, int]] = field(default_factory=list)
    rejected: list[tuple[UUID | None, int | None, str]] = field(default_factory=list)


@dataclass(slots=True)
class OpenLedger:
    """A locked ledger: ``known`` was received before, ``fresh`` is received now."""

    id: int
    known: dict[int, bytes]
    fresh: dict[int, bytes] = field(default_factory=dict)

    def judge(self, seq: int, digest: bytes) -> Verdict:
        """Tell what a number is, and take it as received where it is new."""
        verdict = ledger.judge(self.fresh, seq, digest)
        if verdict is Verdict.NEW and self.known:
            verdict = ledger.judge(self.known, seq, digest)
        if verdict is Verdict.NEW:
            self.fresh[seq] = digest
        return verdict


class Group:
    """Sorts the deliveries of one transaction into new, seen before, conflicting and refused."""

    def __init__(self, ledgers: Mapping[tuple[str, UUID], OpenLedger]) -> None:
        self._ledgers = ledgers
        self.fresh: list[Arrived] = []
        self.rows: dict[int, dict[int, list[bytes]]] = {}  # by day since EPOCH, by ledger
        self.refusals: list[RefusedObservation] = []

    @property
    def received(self) -> bool:
        """Tell whether anything is new."""
        return any(opened.fresh for opened in self._ledgers.values())

    def blocks(self) -> dict[int, tuple[list[ledger.BlockPart], int]]:
        """Return what to record as received: ledger id -> (parts, highest number)."""
        return {
            opened.id: (ledger.parts(opened.fresh), max(opened.fresh))
            for opened in self._ledgers.values()
            if opened.fresh
        }

    def take(self, batch: Batch) -> Receipt:
        """Sort one delivery."""
        receipt = Receipt()
        numbers: dict[UUID, list[int]] = {}
        for read in batch.reads:
            numbers.setdefault(read.boot, []).append(read.seq)
            opened = self._ledgers[(batch.worker, read.boot)]
            verdict = opened.judge(read.seq, read.digest)
            if verdict is Verdict.NEW:
                receipt.accepted += 1
                self.fresh.append(read)
                day = self.rows.setdefault(read.observed_us // DAY_US, {})
                day.setdefault(opened.id, []).append(read.row)
            elif verdict is Verdict.DUPLICATE:
                receipt.duplicates += 1
            else:
                receipt.conflicts.append((read.boot, read.seq))
                self._refuse(batch, read, "conflict", "the number came before, otherwise filled")
        for refused in batch.refused:
            self._take_refused(batch, refused, receipt)
            if refused.boot is not None and refused.seq is not None:
                numbers.setdefault(refused.boot, []).append(refused.seq)
        receipt.acknowledged = [
            (boot, first, last)
            for boot, seqs in numbers.items()
            for first, last in ledger.spans(seqs)
        ]
        return receipt

    def _take_refused(self, batch: Batch, refused: Refused, receipt: Receipt) -> None:
        verdict = Verdict.NEW
        if refused.boot is not None and refused.seq is not None:
            opened = self._ledgers[(batch.worker, refused.boot)]
            verdict = opened.judge(refused.seq, refused.digest)
            if verdict is Verdict.CONFLICT:
                receipt.conflicts.append((refused.boot, refused.seq))
                self._refuse(batch, refused, "conflict", refused.reason)
                return
        if verdict is Verdict.DUPLICATE:
            receipt.duplicates += 1
            return
        receipt.rejected.append((refused.boot, refused.seq, refused.reason))
        self._refuse(batch, refused, "rejected", refused.reason)

    def _refuse(self, batch: Batch, item: Arrived | Refused, kind: str, reason: str) -> None:
        self.refusals.append(
            RefusedObservation(
                new_id(batch.received_at),
                batch.worker,
                item.boot,
                item.seq,
                kind,
                reason,
                item.digest,
                item.payload,
                batch.received_at,
            )
        )
