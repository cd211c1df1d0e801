"""A city's traffic and hot-list, the same at every run (fixed seed)."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from amaan.plates.confusion import skeleton
from amaan.plates.events import moment

SEED = 20_260_301
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CAMERAS = 1_300
HIT_EVERY = 2_000  # reads to a deliberate hit: 10 alarms a second at 20,000 reads a second


def plates(count: int, *, avoid: frozenset[str] = frozenset(), seed: int = SEED) -> list[str]:
    """Return distinct plates (AAA-0000 as on motorcycles), none with a skeleton in ``avoid``."""
    chance = random.Random(seed)  # noqa: S311  no secret
    found: dict[str, None] = {}
    while len(found) < count:
        number = chance.randrange(26**3 * 10_000)
        letters, digits = divmod(number, 10_000)
        first, rest = divmod(letters, 676)
        second, third = divmod(rest, 26)
        plate = f"{LETTERS[first]}{LETTERS[second]}{LETTERS[third]}{digits:04}"
        if not avoid or skeleton(plate) not in avoid:
            found[plate] = None
    return list(found)


def camera(number: int) -> str:
    """Return a camera's code; 1,300 cameras at 300 sites and a bit."""
    return f"S{number // 4:03}-{'ABCD'[number % 4]}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is driven: ``sources`` workers, each sending ``batches`` of ``size`` reads."""

    rate: int
    seconds: int
    sources: int = 8
    size: int = 500

    @property
    def batches(self) -> int:
        """Deliveries of each source."""
        return max(1, self.rate * self.seconds // (self.sources * self.size))

    @property
    def interval_s(self) -> float:
        """Time between two deliveries of one source."""
        return self.sources * self.size / self.rate

    @property
    def reads(self) -> int:
        """How many reads are sent in all."""
        return self.sources * self.batches * self.size


def reads_json(
    plan: Plan, source: int, boot: UUID, begin: datetime, pool: list[str], wanted: list[str]
) -> Iterator[tuple[bytes, tuple[str, ...]]]:
    """Yield, delivery by delivery, the JSON array of one source's reads, and its hits by name.

    Times run from ``begin`` at the planned pace. Every HIT_EVERY-th read over all sources is of a
    wanted plate, each at another camera, so that none joins an earlier alarm.
    """
    chance = random.Random(SEED + source)  # noqa: S311  no secret
    seq = 0
    for batch in range(plan.batches):
        reads, hits = [], []
        for index in range(plan.size):
            seq += 1
            place = (batch * plan.size + index) * plan.sources + source
            hit = place % HIT_EVERY == HIT_EVERY // 2
            plate = wanted[place // HIT_EVERY % len(wanted)] if hit else chance.choice(pool)
            at = begin + timedelta(seconds=(batch + index / plan.size) * plan.interval_s)
            if hit:
                hits.append(hit_name(plate, moment(at)))
            reads.append(_read(str(boot), seq, plate, camera(chance.randrange(CAMERAS)), at))
        yield b"[" + b",".join(reads) + b"]", tuple(hits)


def hit_name(plate: str, observed_at: str) -> str:
    """Name a read so that it is known again in an alarm."""
    return f"{plate} {observed_at}"


def _read(boot: str, seq: int, plate: str, code: str, at: datetime) -> bytes:
    observed, first = moment(at), moment(at - timedelta(milliseconds=800))
    digest = f"{seq:064x}"
    shares = ",".join(["0.98"] * len(plate))
    return (
        f'{{"boot":"{boot}","seq":{seq},"camera":"{code}","observed_at":"{observed}",'
        f'"decided_at":"{observed}","first_seen_at":"{first}","last_seen_at":"{observed}",'
        f'"plate":"{plate}","raw_text":"{plate[:3]}-{plate[3:]}","confidence":0.97,'
        f'"characters":[{shares}],"box":[812,540,160,48],"frame_size":[1920,1080],'
        f'"direction":"approaching","frames":7,"agreeing":6,"uncertain":false,'
        f'"picture":"{digest}","crop":"{digest}"}}'
    ).encode()


def hotlist_csv(entries: list[str]) -> Iterator[str]:
    """Yield a hot-list file line by line."""
    yield "plate,reason,category,severity,case_ref\n"
    for number, plate in enumerate(entries):
        yield f"{plate},reported stolen,stolen,high,FIR {number}/26\n"


def envelope(worker: str, sent_at: datetime, reads: bytes) -> bytes:
    """Put a delivery's reads into what a worker sends."""
    head = json.dumps({"worker": worker, "sent_at": moment(sent_at)})
    return head[:-1].encode() + b',"reads":' + reads + b"}"
