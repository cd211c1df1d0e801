"""Use cases of sites and cameras, one transaction each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from amaan.city import rules, store
from amaan.city.address import CameraAddress, CameraAddressError
from amaan.city.model import (
    Assignments,
    Camera,
    Held,
    HoldsFor,
    ImportReport,
    NewCamera,
    Site,
    TakenCodeError,
    TimeHeld,
    UnknownCameraError,
    UnknownSiteError,
)
from amaan.city.networks import OWN_SHELL, CameraNetworks, check_allowed
from amaan.city.sheet import Line, read_sheet, rejected
from amaan.city.store import SealedAddress, SealedAddresses
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.errors import AmaanError
from amaan.trust.sealing import Sealer, camera_purpose

CAMERAS_MOST = 100_000


class CityService:
    """What stands where. Camera addresses are sealed before they reach the database."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        sealer: Sealer,
        allowed: CameraNetworks = OWN_SHELL,
    ) -> None:
        self.holds_for: HoldsFor | None = None  # set where recordings are held
        self.recording_days: int | None = None  # longest that any recording is kept, where set
        self._allowed = allowed
        self._database = database
        self._clock = clock
        self._sealer = sealer

    async def sites(self) -> list[Site]:
        """Return all sites by code."""
        async with self._database.transaction() as connection:
            return await store.list_sites(connection)

    async def add_site(self, site: Site) -> None:
        """Add a site. Raises CityInputError, TakenCodeError."""
        rules.check_site(site)
        async with self._database.transaction() as connection:
            if not await store.put_site(connection, site, self._clock.now(), replace=False):
                raise TakenCodeError(f"there is a site {site.code} already", field="code")

    async def put_sites(self, sites: Sequence[Site]) -> None:
        """Add sites, or set all of those that stand; all or none. Raises CityInputError."""
        for site in sites:
            rules.check_site(site)
        async with self._database.transaction() as connection:
            for site in sites:
                await store.put_site(connection, site, self._clock.now(), replace=True)

    async def cameras(self, after: str = "", limit: int = 2000) -> list[Camera]:
        """Return cameras by code, from after a code on."""
        async with self._database.transaction() as connection:
            return await store.list_cameras(connection, after, limit)

    async def cameras_at(self, site: str) -> list[Camera]:
        """Return a site's cameras, by code."""
        async with self._database.transaction() as connection:
            return await store.cameras_at(connection, site)

    async def camera(self, code: str) -> Camera:
        """Return one camera. Raises UnknownCameraError."""
        async with self._database.transaction() as connection:
            camera = await store.find_camera(connection, code)
        if camera is None:
            raise UnknownCameraError(f"there is no camera {code}")
        return camera

    async def camera_codes(self) -> frozenset[str]:
        """Return the codes of the cameras that whoever asks may see."""
        async with self._database.transaction() as connection:
            return await store.camera_codes(connection)

    async def add_camera(self, camera: NewCamera) -> Camera:
        """Add a camera.

        Raises CityInputError, CameraAddressError, TakenCodeError, UnknownSiteError.
        """
        addresses = self._sealed(_added(camera), None)
        async with self._database.transaction() as connection:
            await self._refuse_unknown_site(connection, camera.site)
            added = await store.put_camera(
                connection, camera, addresses, self._clock.now(), replace=False
            )
            if not added:
                raise TakenCodeError(f"there is a camera {camera.code} already", field="code")
        return await self.camera(camera.code)

    async def change_camera(self, camera: NewCamera) -> Camera:
        """Set all of a camera; empty or unchanged masked addresses keep those it has.

        Raises as ``add_camera``, and UnknownCameraError.
        """
        async with self._database.transaction() as connection:
            kept = await store.lock_addresses(connection, camera.code)
            if kept is None:
                raise UnknownCameraError(f"there is no camera {camera.code}")
            addresses = self._sealed(camera, kept)
            await self._refuse_unknown_site(connection, camera.site)
            await store.put_camera(connection, camera, addresses, self._clock.now(), replace=True)
        return await self.camera(camera.code)

    async def remove_camera(self, code: str) -> None:
        """Take a camera away; what it saw stays. Raises UnknownCameraError."""
        async with self._database.transaction() as connection:
            if not await store.delete_camera(connection, code):
                raise UnknownCameraError(f"there is no camera {code}")

    async def import_cameras(self, text: str) -> ImportReport:
        """Take cameras from CSV: good lines are added or replace what stands, bad ones reported.

        All good lines commit together. Raises CityInputError when the heading is not to be read.
        """
        sheet = read_sheet(text)
        refused = list(sheet.rejected)
        accepted = 0
        async with self._database.transaction() as connection:
            sites = await store.site_codes(connection)
            known = {
                one.code: one for one in await store.list_cameras(connection, "", CAMERAS_MOST)
            }
            for line in sheet.lines:
                try:
                    if line.camera.site not in sites:
                        raise UnknownSiteError(_no_site(line.camera.site), field="site")
                    await self._import(connection, line, known.get(line.camera.code))
                except AmaanError as error:
                    refused.append(rejected(line, error))
                    continue
                accepted += 1
        refused.sort(key=lambda row: row.line)
        return ImportReport(accepted, tuple(refused))

    async def _import(
        self, connection: store.Connection, line: Line, standing: Camera | None
    ) -> None:
        """Put one line's camera; what its file has no column for stays as it stands."""
        camera, kept = line.camera, None
        if standing is None:
            camera = _added(camera)
        else:
            kept = await store.lock_addresses(connection, camera.code)
            camera = line.over(standing)
        addresses = self._sealed(camera, kept)
        await store.put_camera(connection, camera, addresses, self._clock.now(), replace=True)

    async def assignments(self, worker: str, workers: Sequence[str]) -> Assignments:
        """Return the enabled cameras of one worker out of ``workers``.

        A worker that is not among them has none.
        """
        async with self._database.transaction() as connection:
            assignable = await store.list_assignable(connection)
        shares = rules.share_sites(Counter(site for site, _ in assignable), workers)
        mine = [camera for site, camera in assignable if shares.get(site) == worker]
        if self.holds_for is not None and mine:
            held = await self.holds_for([camera.code for camera in mine])
            mine = [replace(one, holds=_holds(held.get(one.code, ()))) for one in mine]
        if self.recording_days is not None:
            most = self.recording_days
            mine = [
                replace(one, record=replace(one.record, days=min(one.record.days or most, most)))
                for one in mine
            ]
        return Assignments(rules.revision_of(mine), tuple(mine))

    def _sealed(self, camera: NewCamera, kept: SealedAddresses | None) -> SealedAddresses:
        """Return the camera's addresses sealed; those that stay, as they are.

        Raises CityInputError, CameraAddressError.
        """
        kept_sub, kept_onvif = (kept.sub, kept.onvif) if kept else (None, None)
        stays = kept is not None and camera.address in ("", kept.main.redacted)
        sub_stays = camera.sub_address == "" or _masked(camera.sub_address, kept_sub)
        onvif_stays = camera.onvif_address == "" or _masked(camera.onvif_address, kept_onvif)
        given = rules.check_camera(
            replace(
                camera,
                address="rtsp://kept" if stays else camera.address,
                sub_address=None if sub_stays else camera.sub_address,
                onvif_address=None if onvif_stays else camera.onvif_address,
            )
        )
        return SealedAddresses(
            kept.main if kept and stays else self._seal(camera.code, given.main, "address"),
            kept_sub if sub_stays else self._seal_other(camera.code, given.sub, "sub_address"),
            kept_onvif
            if onvif_stays
            else self._seal_other(camera.code, given.onvif, "onvif_address"),
        )

    def _seal_other(
        self, code: str, address: CameraAddress | None, field: str
    ) -> SealedAddress | None:
        return None if address is None else self._seal(code, address, field)

    def _seal(self, code: str, address: CameraAddress, field: str) -> SealedAddress:
        try:
            check_allowed(address, self._allowed)
        except CameraAddressError as error:
            raise CameraAddressError(error.detail, field=field) from None
        text = address.full if address.is_network else f"{address.scheme}:{address.full}"
        token = self._sealer.seal(text, purpose=camera_purpose(code))
        return SealedAddress(token, address.redacted)

    async def _refuse_unknown_site(self, connection: store.Connection, code: str) -> None:
        if code not in await store.site_codes(connection):
            raise UnknownSiteError(_no_site(code), field="site")


def _added(camera: NewCamera) -> NewCamera:
    """Return a camera that has no addresses yet which an empty one could keep."""
    return replace(
        camera,
        sub_address=camera.sub_address or None,
        onvif_address=camera.onvif_address or None,
    )


def _holds(times: Sequence[TimeHeld]) -> tuple[Held, ...]:
    return tuple(Held(one.since, one.until) for one in times)


def _masked(text: str | None, kept: SealedAddress | None) -> bool:
    return kept is not None and text == kept.redacted


def _no_site(code: str) -> str:
    """Say that there is no such site; a text that may be an address is not repeated."""
    return "there is no such site" if "@" in code or "://" in code else f"there is no site {code}"
