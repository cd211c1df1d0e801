"""Asking for reads, journeys and pictures."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import psycopg

from amaan.kernel.clock import Clock
from amaan.kernel.engines import BlobStore, Database
from amaan.kernel.errors import UnavailableError
from amaan.kernel.events import Event, JsonValue
from amaan.plates import rules
from amaan.plates.events import ReadView
from amaan.plates.model import (
    CameraPlace,
    CursorError,
    Extent,
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
from amaan.trust.authority.model import (
    Asked,
    Authority,
    AuthorityNeededError,
    Cover,
    Sighting,
    Use,
)
from amaan.trust.authority.service import AuthorityService

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

JOURNEY_READS: Final = 2_000
PLATE_LIST: Final = 100
EXTENT_TIMEOUT_S: Final = 3.0  # an approver waits so long for a count; then it is a guess


class PlatesService:
    """Reads as people ask for them; every search is bounded in time and size."""

    def __init__(
        self,
        database: Database,
        cameras: CameraDirectory,
        blobs: BlobStore,
        authorities: AuthorityService,
        clock: Clock,
        settings: PlatesSettings | None = None,
    ) -> None:
        self._database = database
        self._cameras = cameras
        self._blobs = blobs
        self._authorities = authorities
        self._clock = clock
        self._settings = settings or PlatesSettings()

    async def places(self) -> Mapping[str, CameraPlace]:
        """Return where cameras stand, by code."""
        return await self._cameras.places()

    async def read(self, read_id: UUID) -> Read:
        """Return a read; ReadNotFoundError where there is none (or its day is over).

        Who asks for a person asks ``read_under`` or ``read_seen`` instead.
        """
        async with self._database.transaction() as connection:
            read = await store.read(connection, read_id)
        if read is None:
            raise ReadNotFoundError(f"no read {read_id}")
        return read

    async def read_under(self, read_id: UUID, authority: UUID) -> tuple[Read, Authority]:
        """Return a read that a search under an authority might have found.

        Raises ReadNotFoundError, AuthorityNeededError, AuthorityNotActiveError, NotCoveredError.
        """
        await self._authorities.named(authority)
        read = await self.read(read_id)
        plates = (read.plate, *rules.near_plates(read.plate))
        sighting = Sighting(plates, read.camera, read.observed_at)
        places = await self.places()
        return read, await self._authorities.check_read(authority, sighting, places)

    async def read_seen(self, read_id: UUID, *, matched: bool = False, live: bool = False) -> Read:
        """Return a read that needs no authority: it met an entry, or passed just now.

        ``matched``, ``live``: which of the two whoever asks may see. Raises ReadNotFoundError,
        AuthorityNeededError.
        """
        now = self._clock.now()
        async with self._database.transaction() as connection:
            read = await store.read(connection, read_id)
            if read is None:
                raise ReadNotFoundError(f"no read {read_id}")
            seen = (live and rules.is_live(read, now)) or (
                matched and await store.is_matched(connection, read_id, now)
            )
        if not seen:
            raise AuthorityNeededError("name the authority that allows this")
        return read

    async def show_read(self, event: Event) -> JsonValue:
        """Return the read that ``plates.read`` tells of, for consoles.

        None where it is gone, and where it passed longer ago than is seen without an authority: a
        site that was cut off sends days of them.
        """
        try:
            read = await self.read(UUID(event.key))
        except ReadNotFoundError:
            return None
        if not rules.is_live(read, self._clock.now()):
            return None
        view: JsonValue = ReadView.of(read, await self.places()).model_dump(mode="json")
        return view

    async def match(self, connection: AsyncConnection[TupleRow], match_id: UUID) -> Match | None:
        """Return a match within the caller's transaction; None where it is gone or sealed."""
        return (await self.matches(connection, [match_id])).get(match_id)

    async def matches(
        self, connection: AsyncConnection[TupleRow], match_ids: Sequence[UUID]
    ) -> dict[UUID, Match]:
        """Return those of the matches whose reads are still kept, and that are not sealed."""
        return await store.matches(connection, match_ids, self._clock.now())

    async def cover(self, search: Search, authority: UUID | None) -> Cover:
        """Return what of a search an authority allows now.

        Raises PlateError, AuthorityNeededError, AuthorityNotActiveError, NotCoveredError.
        """
        plate = search.plate
        if plate is not None:
            is_pattern = search.match is PlateMatch.PATTERN
            plate = rules.pattern_of(plate) if is_pattern else rules.plate_of(plate)
        asked = Asked(Use.SEARCH, plate, search.cameras, search.bounds, search.since, search.until)
        return await self._authorities.cover(authority, asked, await self.places())

    async def search(self, search: Search, cover: Cover) -> ReadPage:
        """Return a page of what is covered: ``cover`` narrows cameras and time.

        PlateError, CursorError or SearchTooBroadError say what to mend.
        """
        question = self._question(search, cover)
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

    async def journey(self, search: Search, cover: Cover) -> list[tuple[Read, CameraPlace]]:
        """Return where a plate was read, in order of time: the latest JOURNEY_READS of the span.

        Reads of cameras that stand nowhere known are left out.
        """
        page = await self.search(replace(search, cursor=None, limit=JOURNEY_READS), cover)
        places = await self._cameras.places()
        return [
            (read, places[read.camera]) for read in reversed(page.reads) if read.camera in places
        ]

    async def counted(
        self, cameras: Sequence[str], since: datetime, until: datetime, bucket: timedelta
    ) -> list[tuple[str, datetime, int]]:
        """Return how many vehicles each camera read in each bucket of time, and no plate.

        SearchTooBroadError where they are too many to be counted.
        """
        async with self._database.transaction() as connection:
            try:
                await store.limit_time(connection, self._settings.search_timeout_s)
                return await store.counted(connection, cameras, since, until, bucket)
            except psycopg.errors.QueryCanceled as error:
                raise self._too_broad() from error

    async def put_picture(self, digest: str, content: bytes) -> None:
        """Keep a JPEG; idempotent. InvalidError where it does not hash to its name."""
        await self._blobs.put(digest, content)

    async def picture(self, digest: str) -> bytes:
        """Return a picture; NotFoundError where it has not come (yet)."""
        return await self._blobs.get(digest)

    async def extent(self, authority: UUID, by: UUID) -> Extent:
        """Return what an authority would let be searched, were it approved as it asks.

        Near plates count: a search may find those too. Raises OwnAuthorityError, as a count of a
        plate at a camera in an hour tells where somebody was, before anybody approved.
        """
        widest = await self._authorities.widest(authority, await self.places(), by)
        plates, likes = None, []
        if widest.plates is not None:
            named = [plate for plate in widest.plates if not rules.is_pattern(plate)]
            plates = list({near for one in named for near in (one, *rules.near_plates(one))})
            likes = [rules.like(plate) for plate in widest.plates if rules.is_pattern(plate)]
        question = store.Question(plates, None, widest.cameras, widest.since, widest.until)
        try:
            async with self._database.transaction() as connection:
                await store.limit_time(connection, EXTENT_TIMEOUT_S)
                reads, found = await store.extent(connection, question, likes)
                estimate = reads >= store.COUNT_MOST
        except UnavailableError:
            reads, found, estimate = 0, len(plates or ()), True
        if estimate:
            async with self._database.transaction() as connection:
                guessed = await store.guess_extent(connection, question, likes)
            reads = max(reads, guessed)
        return Extent(widest, reads, found, estimate)

    def _question(self, search: Search, cover: Cover) -> store.Question | None:
        """Translate what is covered of a search; None where nothing can match."""
        cameras = cover.cameras
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
        return store.Question(plates, like, cameras, cover.since, cover.until, before)

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
