"""Groups of sites that grants hang on."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg.errors import ForeignKeyViolation, UniqueViolation

from amaan.kernel.clock import Clock
from amaan.kernel.engines import Database
from amaan.trust.accounts import rules, store
from amaan.trust.accounts.model import GroupConflictError, NoGroupError, SiteGroup
from amaan.trust.service import TrustService


class GroupsService:
    """Use cases of groups; a change reaches every session and stream at once."""

    def __init__(self, database: Database, trust: TrustService, clock: Clock) -> None:
        self._database = database
        self._trust = trust
        self._clock = clock

    async def groups(self) -> list[SiteGroup]:
        """Return every group by code."""
        async with self._database.transaction() as connection:
            return await store.list_groups(connection)

    async def add(self, code: str, name: str, sites: Sequence[str]) -> SiteGroup:
        """Add a group. Raises InvalidError, GroupConflictError for a code that is taken."""
        group = SiteGroup(code, name.strip(), rules.check_group(code, name, sites))
        try:
            async with self._database.transaction() as connection:
                await store.insert_group(connection, group, self._clock.now())
        except UniqueViolation as error:
            raise GroupConflictError(f"there is a group {code} already") from error
        return group

    async def change(
        self, code: str, name: str | None = None, sites: Sequence[str] | None = None
    ) -> SiteGroup:
        """Change a group; None leaves a thing as it is. Raises InvalidError, NoGroupError."""
        async with self._database.transaction() as connection:
            found = await store.lock_group(connection, code)
            if found is None:
                raise NoGroupError("no such group of sites")
            name = found.name if name is None else name
            checked = rules.check_group(code, name, found.sites if sites is None else sites)
            group = SiteGroup(code, name.strip(), checked)
            await store.update_group(connection, group, self._clock.now())
        self._trust.tell_ended()
        return group

    async def remove(self, code: str) -> None:
        """Delete a group. Raises NoGroupError, GroupConflictError while grants hang on it."""
        try:
            async with self._database.transaction() as connection:
                gone = await store.delete_group(connection, code)
        except ForeignKeyViolation as error:
            raise GroupConflictError("grants hang on this group: change them first") from error
        if not gone:
            raise NoGroupError("no such group of sites")
