"""What a worker says to the centre besides reads: heartbeats, assignments, clips."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

import httpx
import msgspec
import orjson

from amaan.kernel.errors import RefusedError, UnavailableError
from amaan.video.events import condition_payload, wire_time
from amaan.video.model import CameraHealth, SpoolReport

_Kind = TypeVar("_Kind", bound=msgspec.Struct)
_CONTENT_FAULTS = frozenset({400, 404, 409, 413, 415, 422})
_SHORT = httpx.Timeout(3.0, connect=2.0)
_LONG = httpx.Timeout(30.0, connect=3.0)


class WantedClip(msgspec.Struct, frozen=True):
    """A clip that the centre asks for."""

    id: UUID
    camera: str
    start: datetime
    end: datetime


class HeartbeatAnswer(msgspec.Struct, frozen=True):
    """What the centre wants this worker to know."""

    received_at: datetime
    assignment_revision: str
    wanted_clips: tuple[WantedClip, ...]
    keep_reads_days: int = 30  # a centre of before retention says nothing


class WeeklyTime(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """A time on some days of the week, local: HH:MM, the end 24:00 at most. Monday is 0."""

    days: tuple[int, ...]
    start: str
    end: str


class RecordPlan(msgspec.Struct, frozen=True):
    """What of a camera is kept here: ``mode`` is continuous, event, scheduled or off."""

    mode: Literal["continuous", "event", "scheduled", "off"] = "continuous"
    schedule: tuple[WeeklyTime, ...] = ()
    before_s: float = 10.0
    after_s: float = 30.0
    days: int | None = None
    gigabytes: float | None = None  # 10^9 bytes


class Held(msgspec.Struct, frozen=True):
    """A time of recording that is never removed. since <= t < until."""

    since: datetime
    until: datetime


class AssignedCamera(msgspec.Struct, frozen=True):
    """One camera to run. What is sealed opens with the key file, for ``camera_purpose(code)``."""

    code: str
    address_sealed: str
    analysis_fps: float
    read_plates: bool
    sub_address_sealed: str | None = None
    onvif_sealed: str | None = None
    audio: bool = False
    recording: RecordPlan = RecordPlan()
    holds: tuple[Held, ...] = ()


class _Applied(msgspec.Struct, frozen=True):
    applied: int


class Assignment(msgspec.Struct, frozen=True):
    """All cameras to run."""

    revision: str
    cameras: tuple[AssignedCamera, ...]


def make_client(centre: str, token: str) -> httpx.Client:
    """Return a client for the centre; proxies of the environment are not used."""
    return httpx.Client(
        base_url=centre.rstrip("/"),
        headers={"authorization": f"Bearer {token}", "user-agent": "amaan-worker"},
        timeout=_LONG,
        trust_env=False,
        limits=httpx.Limits(max_connections=8, keepalive_expiry=4.0),
    )


class CentreClient:
    """Every method raises UnavailableError (try again) or RefusedError (the content: do not)."""

    def __init__(self, client: httpx.Client, worker: str) -> None:
        self._client = client
        self._worker = worker

    def heartbeat(
        self, boot: str, sent_at: datetime, spool: SpoolReport, cameras: Sequence[CameraHealth]
    ) -> HeartbeatAnswer:
        """Say how this worker is."""
        body = {
            "worker": self._worker,
            "boot": boot,
            "sent_at": wire_time(sent_at),
            "spool": {
                "pending": spool.pending,
                "state": spool.state,
                "reason": spool.reason[:1000],
            },
            "cameras": [_health(camera) for camera in cameras],
        }
        response = self._send(
            "POST", "/api/video/heartbeat", content=orjson.dumps(body), timeout=_SHORT
        )
        return _decoded(response, HeartbeatAnswer)

    def assignment(self) -> Assignment:
        """Return what to run."""
        response = self._send(
            "GET", "/api/video/assignments", params={"worker": self._worker}, timeout=_SHORT
        )
        return _decoded(response, Assignment)

    def deliver_clip(self, identifier: UUID, content: bytes) -> None:
        """Upload a clip; the centre has stored it when this returns."""
        digest = hashlib.sha256(content).hexdigest()
        self._send(
            "PUT",
            f"/api/video/clips/{identifier}",
            content=content,
            headers={"content-type": "video/mp4", "amaan-sha256": digest},
        )

    def report_clip_failure(self, identifier: UUID, reason: str) -> None:
        """Say why there will be no clip."""
        body = orjson.dumps({"reason": reason[:1000] or "no reason given"})
        self._send("POST", f"/api/video/clips/{identifier}/failure", content=body)

    def tell_journal(self, ledger: str, entries: Sequence[Mapping[str, object]]) -> int | None:
        """Tell what was recorded; return up to where it is applied, None when some is missing."""
        body = {"worker": self._worker, "ledger": ledger, "entries": entries}
        try:
            response = self._send("POST", "/api/video/journal", content=orjson.dumps(body))
        except RefusedError as error:
            if "409" in error.detail:
                return None
            raise
        return _decoded(response, _Applied).applied

    def _send(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        timeout: httpx.Timeout = _LONG,
    ) -> httpx.Response:
        kind = {"content-type": "application/json"} if content is not None else {}
        try:
            response = self._client.request(
                method,
                path,
                content=content,
                params=params,
                headers={**kind, **(headers or {})},
                timeout=timeout,
            )
        except httpx.HTTPError as error:
            raise UnavailableError(f"the centre does not answer: {type(error).__name__}") from error
        if response.is_success:
            return response
        text = f"the centre answers {response.status_code} to {method} {path}"
        if response.status_code in _CONTENT_FAULTS:
            raise RefusedError(text)
        raise UnavailableError(text)


def _decoded(response: httpx.Response, kind: type[_Kind]) -> _Kind:
    try:
        return msgspec.json.decode(response.content, type=kind)
    except msgspec.DecodeError as error:
        raise UnavailableError("what answers at the centre's address is no centre") from error


def _health(camera: CameraHealth) -> dict[str, object]:
    return {
        "camera": camera.camera,
        "state": camera.state.value,
        "reason": camera.reason[:1000],
        "since": wire_time(camera.since),
        "fps": camera.fps,
        "width": camera.width,
        "height": camera.height,
        "last_frame_at": wire_time(camera.last_frame_at),
        "skipped_frames": camera.skipped_frames,
        "reconnects": camera.reconnects,
        "conditions": [condition_payload(one) for one in camera.conditions],
    }
