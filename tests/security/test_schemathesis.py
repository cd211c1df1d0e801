"""The API answers as its own description says, whoever asks and however odd the question."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.people import OFFICER, People

from amaan.app.settings import CentreSettings
from amaan.console.settings import ConsoleSettings, RateSettings

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# The stream has no end; these would end the session that asks, or wait for a browser.
LEFT_OUT = {
    ("get", "/api/console/events"),
    ("delete", "/api/trust/sessions"),
    ("delete", "/api/trust/sessions/current"),
    ("post", "/api/trust/password"),
}
EXAMPLES = 6


@schemathesis.serializer("video/mp4", "image/jpeg", "image/png", "application/pdf")
def as_bytes(ctx: object, value: object) -> bytes:
    """Send bytes as they are."""
    del ctx
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture
def centre_settings(centre_settings: CentreSettings) -> CentreSettings:
    console = ConsoleSettings(hosts=("centre.test",), rates=RateSettings(enabled=False))
    return centre_settings.model_copy(update={"console": console})


async def _clients(people: People) -> dict[str, httpx.AsyncClient]:
    token = "worker-token-of-this-test-only"  # noqa: S105
    await people.app.state.trust.admit_worker_token(token, "local")
    worker = await people.stranger()
    worker.headers["Authorization"] = f"Bearer {token}"
    return {
        "nobody": await people.stranger(),
        "worker": worker,
        "administrator": await people.person("administrator"),
        "officer": await people.person(*OFFICER),
        "approver": await people.person("approving_officer", strong=True),
        "auditor": await people.person("auditor"),
    }


def _sent(case: Case[Any]) -> dict[str, Any]:
    """Return what httpx needs; header values and cookies are what HTTP can carry."""
    path = case.path
    for name, value in (case.path_parameters or {}).items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    headers = {
        str(name): str(value).encode("latin-1", "replace").decode("latin-1").strip()
        for name, value in (case.headers or {}).items()
    }
    given_keys: dict[str, Any] = {"method": case.method, "url": path, "headers": headers}
    given_keys["params"] = _flat(case.query or {})
    body = case.body
    if not isinstance(body, schemathesis.core.NotSet):
        headers.setdefault("Content-Type", case.media_type or "application/json")
        if case.media_type == "application/json" and not isinstance(body, bytes):
            given_keys["content"] = json.dumps(body, default=repr).encode()
        else:
            given_keys["content"] = body if isinstance(body, bytes) else str(body).encode()
    return given_keys


def _flat(query: Mapping[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in query.items():
        for one in value if isinstance(value, list) else [value]:
            found.append((name, "" if one is None else str(one)))
    return found


@pytest.mark.slow
@pytest.mark.timeout(300)
# The centre's loop, in another thread, draws its pool's jitter while a case is being made.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
async def test_api_keeps_its_word(people: People, mode: GenerationMode) -> None:
    clients = await _clients(people)
    schema = schemathesis.openapi.from_dict(people.app.openapi())
    loop = asyncio.get_running_loop()
    statuses: Counter[int] = Counter()
    faults: list[str] = []

    def ask(client: httpx.AsyncClient, case: Case[Any]) -> httpx.Response:
        sent = _sent(case)
        return asyncio.run_coroutine_threadsafe(client.request(**sent), loop).result(30)

    def try_all() -> None:
        for found in schema.get_all_operations():
            assert isinstance(found, Ok)
            operation = found.ok()
            if (operation.method.lower(), operation.path) in LEFT_OUT:
                continue

            @settings(
                max_examples=EXAMPLES,
                derandomize=True,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(
                case=operation.as_strategy(generation_mode=mode),
                who=st.sampled_from(sorted(clients)),
            )
            def one(case: Case[Any], who: str) -> None:
                response = ask(clients[who], case)
                statuses[response.status_code] += 1
                if response.status_code == 503 and response.json()["code"] == "unavailable":
                    return  # it asks a worker, and none is connected here
                try:
                    case.validate_response(response, checks=CHECKS)
                except BaseException as error:  # noqa: BLE001  gathered, so that one run names all
                    text = "; ".join(
                        str(e).replace("\n", " ") for e in getattr(error, "exceptions", [error])
                    )
                    faults.append(
                        f"{who} {case.method} {case.path} {response.status_code}: {text[:600]}"
                    )

            with suppress(Unsatisfiable):  # nothing can be wrong with a question without parts
                one()

    await asyncio.to_thread(try_all)
    assert not faults, "\n\n".join(dict.fromkeys(faults))
    assert statuses[500] == 0
    assert sum(statuses.values()) > 100
    assert len(statuses) > 3, statuses
