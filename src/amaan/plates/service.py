"""Asking for reads, journeys and pictures."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import psycopg

from amaan.kernel.engines import BlobStore, Database
from amaan.kernel.events import Event, JsonValue
from amaan.kernel.geography import Bounds, Point
from amaan.plates import rules
from amaan.plates.events import ReadView
from amaan.plates.model import (
    CameraPlace,
    CursorError,
    Match,
    PlateMatch,
    Read,
    ReadNotFoundError,
    ReadPage,
    Search,
    SearchTooBroadError,
)
from amaan.plates.packing import EPOCH
from amaan.plates.ports import CameraDirectory
from amaan.plates.settings import PlatesSettings
from amaan.plates.store import search as store

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

JOURNEY_READS: Final = 2_000
PLATE_LIST: Final = 100


class PlatesService:
    """Reads as people ask for them; every search is bounded in time and size."""

    def __init__(
        self,
        database: Database,
        cameras: CameraDirectory,
        blobs: BlobStore,
        settings: PlatesSettings | None = None,
    ) -> None:
        self._database = database
        self._cameras = cameras
        self._blobs = blobs
        self._settings = settings or PlatesSettings()

    async def places(self) -> Mapping[str, CameraPlace]:
        """Return where cameras stand, by code."""
        return await self._cameras.places()

    async def read(self, read_id: UUID) -> Read:
        """Return a read; ReadNotFoundError where there is none (or its day is over)."""
        async with self._database.transaction() as connection:
            read = await store.read(connection, read_id)
        if read is None:
            raise ReadNotFoundError(f"no read {read_id}")
        return read

    async def show_read(self, event: Event) -> JsonValue:
        """Return the read that ``plates.read`` tells of, for consoles; None where it is gone."""
        try:
            read = await self.read(UUID(event.key))
        except ReadNotFoundError:
            return None
        view: JsonValue = ReadView.of(read, await self.places()).model_dump(mode="json")
        return view

    async def match(self, connection: AsyncConnection[TupleRow], match_id: UUID) -> Match | None:
        """Return a match within the caller's transaction; None where its read is gone."""
        return await store.match(connection, match_id)

    async def matches(
        self, connection: AsyncConnection[TupleRow], match_ids: Sequence[UUID]
    ) -> dict[UUID, Match]:
        """Return those of the matches whose reads are still kept."""
        return await store.matches(connection, match_ids)

    async def search(self, search: Search) -> ReadPage:
        """Return a page. PlateError, CursorError or SearchTooBroadError say what to mend."""
        question = await self._question(search)
        if question is None:
            return ReadPage((), None)
        async with self._database.transaction() as connection:
            try:
                await store.limit_time(connection, self._settings.search_timeout_s)
                if search.plate is not None and search.match is PlateMatch.PATTERN:
                    question = await self._narrowed(connection, question, search.plate)
                found = await store.reads(connection, question, search.limit + 1)
            except psycopg.errors.QueryCanceled as error:
                raise self._too_broad() from error
        page = tuple(found[: search.limit])
        more = len(found) > search.limit
        return ReadPage(page, _cursor(page[-1]) if more else None)

    async def journey(
        self, plate: str, since: datetime | None, until: datetime | None
    ) -> list[tuple[Read, CameraPlace]]:
        """Return where a plate was read, in order of time: the latest JOURNEY_READS of the span.

        Reads of cameras that stand nowhere known are left out.
        """
        page = await self.search(Search(plate=plate, since=since, until=until, limit=JOURNEY_READS))
        places = await self._cameras.places()
        return [
            (read, places[read.camera]) for read in reversed(page.reads) if read.camera in places
        ]

    async def put_picture(self, digest: str, content: bytes) -> None:
        """Keep a JPEG; idempotent. InvalidError where it does not hash to its name."""
        await self._blobs.put(digest, content)

    async def picture(self, digest: str) -> bytes:
        """Return a picture; NotFoundError where it has not come (yet)."""
        return await self._blobs.get(digest)

    async def _question(self, search: Search) -> store.Question | None:
        """Translate a search; None where nothing can match."""
        cameras = search.cameras
        if search.bounds is not None:
            cameras = await self._cameras_in(search.bounds, cameras)
        if cameras is not None and not cameras:
            return None
        plates, like = None, None
        if search.plate is not None:
            if search.match is PlateMatch.PATTERN:
                like = rules.like(rules.pattern_of(search.plate))
            else:
                plate = rules.plate_of(search.plate)
                near = search.match is PlateMatch.NEAR
                plates = [plate, *rules.near_plates(plate)] if near else [plate]
        before = None if search.cursor is None else _position(search.cursor)
        return store.Question(plates, like, cameras, search.since, search.until, before)

    async def _cameras_in(self, bounds: Bounds, cameras: tuple[str, ...] | None) -> tuple[str, ...]:
        places = await self._cameras.places()
        inside = {
            code for code, place in places.items() if bounds.contains(Point(place.lon, place.lat))
        }
        return tuple(sorted(inside if cameras is None else inside.intersection(cameras)))

    async def _narrowed(
        self, connection: AsyncConnection[TupleRow], question: store.Question, plate: str
    ) -> store.Question:
        """Replace a pattern by its plates where they are few; else reads are walked by time.

        The walk is quick just where the list would be long: where a share p of N plates matches,
        the walk sees about 50 / p reads and the list has p N plates, so the two meet where the
        list is about as long as the root of N.
        """
        pattern = rules.pattern_of(plate)
        most = int(math.sqrt(await store.plates_known(connection))) + PLATE_LIST
        head, tail = rules.literal_ends(pattern)
        plates = await store.plates_like(connection, rules.like(pattern), head, tail, most + 1)
        if len(plates) > most:
            return question
        return store.Question(
            plates, None, question.cameras, question.since, question.until, question.before
        )

    def _too_broad(self) -> SearchTooBroadError:
        return SearchTooBroadError(
            f"nothing came together within {self._settings.search_timeout_s:g} s: "
            "narrow the plate, the cameras or the time"
        )


def _cursor(read: Read) -> str:
    microseconds = (read.observed_at - EPOCH) // timedelta(microseconds=1)
    packed = microseconds.to_bytes(8, "big", signed=True) + read.id.bytes
    return base64.urlsafe_b64encode(packed).decode()


def _position(cursor: str) -> store.Position:
    try:
        packed = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        if len(packed) != 24:
            raise ValueError("length")
        microseconds = int.from_bytes(packed[:8], "big", signed=True)
        at = EPOCH + timedelta(microseconds=microseconds)
    except (ValueError, binascii.Error, OverflowError) as error:
        raise CursorError("not a cursor of this search") from error
    return store.Position(at, UUID(bytes=packed[8:]))
