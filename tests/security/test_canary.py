"""Secrets planted in a running centre are found nowhere but where they are kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
from psycopg import sql
from tests.flows.centre import first_password, running_centre
from tests.security.world import own, person

from amaan.app.folder import DataFolder
from amaan.engines.postgres.embedded import EmbeddedPostgres

CAMERA = "hunter2-canary-camera"
GUESS = "hunter2-canary-guess"
KEPT = ("secret.key", "audit.key", "worker-token", "first-sign-in.txt")
CANARIES_OWN = "hunter2-canary-own-password"


@dataclass
class Planted:
    """A centre after a busy while, and what must be found nowhere."""

    url: str
    data: Path
    office: httpx.Client
    officer: httpx.Client
    secrets: dict[str, str]

    def found_in(self, text: str | bytes, but: tuple[str, ...] = ()) -> list[str]:
        """Return the names of the secrets that a text holds."""
        data = text.encode() if isinstance(text, str) else text
        return [n for n, value in self.secrets.items() if n not in but and value.encode() in data]


def _busy(client: httpx.Client, url: str) -> None:
    """Do what goes well and what does not."""
    site = {"code": "S1", "name": "Site", "kind": "other", "lon": 67.0, "lat": 24.8}
    assert client.post("/api/city/sites", json=site).status_code == 201
    camera = {"code": "C1", "name": "Gate", "site": "S1"}
    good = f"rtsp://viewer:{CAMERA}@127.0.0.1:9/live"  # nothing listens there
    assert client.post("/api/city/cameras", json={**camera, "address": good}).status_code == 201
    for bad in (
        *(f"ftp://viewer:{CAMERA}@10.0.0.1/", f"rtsp://viewer:{CAMERA}/@10.0.0.1/", {"a": CAMERA}),
        *(f"rtsp://viewer:{CAMERA}@10.0.0.1:port/", f"http://169.254.169.254/?pwd={CAMERA}"),
    ):
        answer = client.post("/api/city/cameras", json={**camera, "code": "C2", "address": bad})
        assert answer.status_code == 422, answer.text
        assert CAMERA not in answer.text
    sheet = f"code,name,site,address\nC3,Gate,S9,{good}\nC4,{good},S1,x\n"
    headers = {"Content-Type": "text/csv"}
    assert (
        CAMERA not in client.post("/api/city/cameras/import", content=sheet, headers=headers).text
    )
    stranger = httpx.Client(base_url=url, headers={"Origin": url}, timeout=20)
    for body in (
        {"username": "nobody", "password": GUESS},
        {"username": GUESS, "password": [GUESS]},
        {"password": GUESS},
    ):
        assert GUESS not in stranger.post("/api/trust/sessions", json=body).text
    stranger.get("/api/city/cameras", headers={"Cookie": f"amaan_session={GUESS}"})
    stranger.get("/api/video/assignments", headers={"Authorization": f"Bearer {GUESS}"})
    stranger.close()


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    data = tmp_path_factory.mktemp("centre")
    with running_centre(data, "--workers", "1") as url:
        office = own(url, *first_password(data))
        officer = person(url, office, "officer", "supervisor", "video_operator")
        _busy(office, url)
        totp = officer.post("/api/trust/totp").json()["secret"]
        change = {"current": "quite a long phrase", "new": CANARIES_OWN}
        assert officer.post("/api/trust/password", json=change).status_code == 204
        secrets = {
            "camera": CAMERA,
            "guess": GUESS,
            "totp": totp,
            "cookie": str(officer.cookies.get("amaan_session")),
            "office": str(office.cookies.get("amaan_session")),
            "worker": (data / "worker-token").read_text().strip(),
            "password": CANARIES_OWN,
        }
        assert all(len(secret) > 15 for secret in secrets.values())
        deadline = time.monotonic() + 60  # until the worker has tried the camera
        while time.monotonic() < deadline:
            items = officer.get("/api/video/cameras").json()["items"]
            if items and items[0]["state"] not in ("unknown", "connecting"):
                break
            time.sleep(0.3)
        with psycopg.connect(_dsn(data), autocommit=True) as database:
            database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        _busy_again(office)
        with closing(office), closing(officer):
            yield Planted(url, data, office, officer, secrets)


def _busy_again(client: httpx.Client) -> None:
    """Ask while the database's connections are gone."""
    for _ in range(5):
        body = {"address": f"rtsp://viewer:{CAMERA}@127.0.0.1:9/other"}
        client.patch("/api/city/cameras/C1", json=body)


def _dsn(data: Path) -> str:
    return EmbeddedPostgres(DataFolder(data).postgres).dsn()


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_answers_hold_none(planted: Planted) -> None:
    schema = planted.office.get("/api/openapi.json")
    assert not planted.found_in(schema.text)
    for client in (planted.office, planted.officer):
        for path, operations in schema.json()["paths"].items():
            if "get" in operations and path != "/api/console/events":
                answer = client.get(path.replace("{", "").replace("}", ""))
                assert not planted.found_in(answer.text), path
                headers = str({k: v for k, v in answer.headers.items() if k != "set-cookie"})
                assert not planted.found_in(headers), path
    assert not planted.found_in(planted.office.get("/metrics").text)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_logs_and_processes_hold_none(planted: Planted) -> None:
    logs = [*(planted.data / "logs").iterdir(), planted.data / "up.out"]
    assert len(logs) >= 3
    for log in logs:
        assert not planted.found_in(log.read_bytes()), log.name
    for process in psutil.process_iter(["cmdline"]):
        assert not planted.found_in(" ".join(process.info["cmdline"] or ())), process


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_dump_of_the_database_holds_none(planted: Planted) -> None:
    rows, people = 0, 0
    with psycopg.connect(_dsn(planted.data), autocommit=True) as database:
        tables = database.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') "
            "AND table_type = 'BASE TABLE'"
        ).fetchall()
        for schema, table in tables:
            query = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(schema, table))
            for (text,) in database.execute(query):
                rows += 1
                people += '"officer"' in text or ",officer," in text
                assert not planted.found_in(text), f"{schema}.{table}"
                assert not planted.found_in(bytes.fromhex(_hex(text))), f"{schema}.{table}"
    assert rows > 20
    assert people > 0  # the dump is one: it holds what is no secret


def _hex(text: str) -> str:
    """Return the bytes columns of a row, as PostgreSQL writes them, joined."""
    return "".join(part for piece in text.split("\\x")[1:] if len(part := _digits(piece)) % 2 == 0)


def _digits(text: str) -> str:
    end = next((i for i, c in enumerate(text) if c not in "0123456789abcdef"), len(text))
    return text[:end]


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_files_hold_none_but_those_that_keep_them(planted: Planted) -> None:
    seen = 0
    for file in planted.data.rglob("*"):
        if not file.is_file() or file.is_symlink() or file.name in KEPT:
            continue
        seen += 1
        assert not planted.found_in(file.read_bytes()), file
    assert seen > 50
    for name in KEPT:
        assert (planted.data / name).stat().st_mode & 0o077 == 0, name
