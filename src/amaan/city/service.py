"""Use cases of sites and cameras, one transaction each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from amaan.city import rules, store
from amaan.city.address import CameraAddress
from amaan.city.model import (
    Assignments,
    Camera,
    ImportReport,
    NewCamera,
    Site,
    TakenCodeError,
    UnknownCameraError,
    UnknownSiteError,
)
from amaan.city.networks import OWN_SHELL, CameraNetworks, check_allowed
from amaan.city.sheet import read_sheet, rejected
from amaan.city.store import SealedAddress
from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.kernel.errors import AmaanError
from amaan.trust.sealing import Sealer, camera_purpose


class CityService:
    """What stands where. Camera addresses are sealed before they reach the database."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        sealer: Sealer,
        allowed: CameraNetworks = OWN_SHELL,
    ) -> None:
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
        address = self._sealed(camera.code, self._checked(camera))
        async with self._database.transaction() as connection:
            await self._refuse_unknown_site(connection, camera.site)
            added = await store.put_camera(
                connection, camera, address, self._clock.now(), replace=False
            )
            if not added:
                raise TakenCodeError(f"there is a camera {camera.code} already", field="code")
        return await self.camera(camera.code)

    async def change_camera(self, camera: NewCamera) -> Camera:
        """Set all of a camera; an empty or unchanged masked address keeps the one it has.

        Raises as ``add_camera``, and UnknownCameraError.
        """
        async with self._database.transaction() as connection:
            kept = await store.lock_address(connection, camera.code)
            if kept is None:
                raise UnknownCameraError(f"there is no camera {camera.code}")
            if camera.address in ("", kept.redacted):
                rules.check_camera(replace(camera, address="rtsp://kept"))
                address = kept
            else:
                address = self._sealed(camera.code, self._checked(camera))
            await self._refuse_unknown_site(connection, camera.site)
            await store.put_camera(connection, camera, address, self._clock.now(), replace=True)
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
            for line in sheet.lines:
                try:
                    address = self._checked(line.camera)
                    if line.camera.site not in sites:
                        raise UnknownSiteError(_no_site(line.camera.site), field="site")
                except AmaanError as error:
                    refused.append(rejected(line, error))
                    continue
                sealed = self._sealed(line.camera.code, address)
                await store.put_camera(
                    connection, line.camera, sealed, self._clock.now(), replace=True
                )
                accepted += 1
        refused.sort(key=lambda row: row.line)
        return ImportReport(accepted, tuple(refused))

    async def assignments(self, worker: str, workers: Sequence[str]) -> Assignments:
        """Return the enabled cameras of one worker out of ``workers``.

        A worker that is not among them has none.
        """
        async with self._database.transaction() as connection:
            assignable = await store.list_assignable(connection)
        shares = rules.share_sites(Counter(site for site, _ in assignable), workers)
        mine = tuple(camera for site, camera in assignable if shares.get(site) == worker)
        return Assignments(rules.revision_of(mine), mine)

    def _checked(self, camera: NewCamera) -> CameraAddress:
        address = rules.check_camera(camera)
        check_allowed(address, self._allowed)
        return address

    def _sealed(self, code: str, address: CameraAddress) -> SealedAddress:
        text = address.full if address.is_network else f"{address.scheme}:{address.full}"
        token = self._sealer.seal(text, purpose=camera_purpose(code))
        return SealedAddress(token, address.redacted)

    async def _refuse_unknown_site(self, connection: store.Connection, code: str) -> None:
        if code not in await store.site_codes(connection):
            raise UnknownSiteError(_no_site(code), field="site")


def _no_site(code: str) -> str:
    """Say that there is no such site; a text that may be an address is not repeated."""
    return "there is no such site" if "@" in code or "://" in code else f"there is no site {code}"
