"""A real `amaan up` on loopback, for stories that need every process."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pyotp

AMAAN = Path(sys.executable).with_name("amaan")
START_LIMIT_S = 60.0
PASSWORD = "quite a long phrase"  # noqa: S105  of centres that live for one test
ORDER = b"%PDF-1.4\n% an order for tests\n%%EOF\n"


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return when the centre answers; fail with its exit code when it has died."""
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"amaan up ended with exit code {process.returncode}")
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/api/health", timeout=2).status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError("the centre did not become healthy")


def first_password(data: Path) -> tuple[str, str]:
    """Return the first-run username and password that `up` wrote down."""
    lines = (data / "first-sign-in.txt").read_text().splitlines()
    found = {
        key.strip().lower(): value.strip() for key, _, value in (x.partition(":") for x in lines)
    }
    return found["username"], found["password"]


def signed_in(url: str, data: Path) -> httpx.Client:
    """Return a client with the first-run account's session: the administrator's.

    The password of the first run is changed, as the centre demands, and the own one noted.
    """
    username, first = first_password(data)
    changed = data / "password-of-the-test"
    if changed.exists():
        return _session(url, username, PASSWORD)
    client = _session(url, username, first)
    _change_password(client, first)
    changed.touch()
    return client


def person(url: str, data: Path, username: str, *roles: str) -> httpx.Client:
    """Return a client signed in as a new account with these roles, its password changed by itself.

    Roles that need a second factor get one enrolled: the session is a strong one.
    """
    with contextlib.closing(signed_in(url, data)) as office:
        grants = [{"role": role, "group": None} for role in roles]
        answer = office.post(
            "/api/trust/accounts",
            json={"username": username, "display_name": username.title(), "grants": grants},
        )
        assert answer.status_code == 201, answer.text
    client = _session(url, username, answer.json()["password"])
    _change_password(client, answer.json()["password"])
    if client.get("/api/trust/sessions/current").json()["owes"] == "enrol":
        secret = client.post("/api/trust/totp").json()["secret"]
        code = pyotp.TOTP(secret).now()
        confirmed = client.post("/api/trust/totp/confirm", json={"code": code})
        assert confirmed.status_code == 200, confirmed.text
    return client


def officer(url: str, data: Path) -> httpx.Client:
    """Return a client that may watch, search and keep the hot-list."""
    return person(url, data, "officer", "supervisor", "investigator", "video_operator")


def active_authority(url: str, data: Path, asking: httpx.Client, **scope: object) -> str:
    """Return the id of an authority that one person asked for and another approved."""
    document = asking.post(
        "/api/trust/documents", content=ORDER, headers={"Content-Type": "application/pdf"}
    )
    assert document.status_code == 201, document.text
    wide = {"plates": None, "cameras": None, "sites": None, "bounds": None, "since": None}
    until = datetime.now(UTC) + timedelta(days=20)
    answer = asking.post(
        "/api/trust/authorities",
        json={
            "purpose": "stolen_vehicle",
            "case_ref": "FIR 1/2026",
            "grounds": "Taken at gunpoint from its owner, who described it and its plate.",
            "document": {"sha256": document.json()["sha256"], "name": "order.pdf"},
            "scope": {**wide, "until": None, "uses": ["search", "entry"], **scope},
            "expires_at": until.isoformat(),
            "emergency": False,
            "replaces": None,
        },
    )
    assert answer.status_code == 201, answer.text
    authority = str(answer.json()["id"])
    name = f"approver-{authority[-6:]}"
    with contextlib.closing(person(url, data, name, "approving_officer")) as approver:
        done = approver.post(
            f"/api/trust/authorities/{authority}/approve", json={"reason": "The order stands."}
        )
        assert done.status_code == 200, done.text
    return authority


def _change_password(client: httpx.Client, current: str) -> None:
    answer = client.post("/api/trust/password", json={"current": current, "new": PASSWORD})
    assert answer.status_code == 204, answer.text


def _session(url: str, username: str, password: str) -> httpx.Client:
    client = httpx.Client(base_url=url, timeout=20, headers={"Origin": url})
    answer = client.post("/api/trust/sessions", json={"username": username, "password": password})
    assert answer.status_code == 201, answer.text
    return client


@contextlib.contextmanager
def running_centre(data: Path, *arguments: str) -> Iterator[str]:
    """Run `amaan up` on a free port and yield its address; stop it cleanly at the end."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    data.mkdir(parents=True, exist_ok=True)
    with (data / "up.out").open("ab") as output:
        process = subprocess.Popen(
            [AMAAN, "up", "--data", str(data), "--port", str(port), *arguments],
            stdout=output,
            stderr=output,
        )
        try:
            wait_until_healthy(url, process)
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
