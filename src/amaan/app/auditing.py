"""The audit log of a centre: its parts joined up, before every other room."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from starlette.types import Receive, Scope, Send

from amaan.app.folder import DataFolder
from amaan.app.health import Check
from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.console.problems import problem_of
from amaan.trust.audit import routes
from amaan.trust.audit.addresses import networks
from amaan.trust.audit.late import LateFile
from amaan.trust.audit.model import AuditUnavailableError
from amaan.trust.audit.recording import Recorder
from amaan.trust.audit.service import AuditLog
from amaan.trust.audit.signing import Signer, ensure_signing_key


class Auditing:
    """The log, who writes requests into it, and who signs it."""

    def __init__(self, engines: Engines, settings: CentreSettings) -> None:
        folder = DataFolder(settings.data)
        self._database = engines.database
        self.log = AuditLog(engines.database, engines.clock)
        self.recorder = Recorder(
            self.log,
            engines.clock,
            LateFile(folder.audit_late),
            networks(settings.console.proxies),
        )
        self.signer = Signer(
            engines.database,
            engines.clock,
            ensure_signing_key(folder.audit_key),
            folder.audit_checkpoint,
            settings.audit.witness_keys,
        )

    @property
    def tasks(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What runs for as long as the centre."""
        return {
            "audit": self.log.run,
            "audit-late": self.recorder.keep,
            "audit-signer": self.signer.run,
        }

    async def refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in place of what could not be written down."""
        error = AuditUnavailableError("the audit log does not answer: nothing is shown unwritten")
        await problem_of(error)(scope, receive, send)

    def router(self) -> APIRouter:
        """Return the routes."""
        return routes.router(self.log, self.signer, self.recorder, self._database)

    async def check(self) -> Check:
        """Say how the log is."""
        if self.signer.diverged is not None:
            return Check("degraded", "the audit log is not what was signed: see its status")
        if self.recorder.late.count:
            return Check("degraded", f"{self.recorder.late.count} entries wait for the audit log")
        return Check("ok", "written and signed")
