from __future__ import annotations

import httpx
import pytest

CANARY = "hunter2-canary"
SITE = {"code": "RZ-01", "name": "Gate", "name_ur": "دروازہ", "kind": "red_zone"}
CAMERA = {
    "code": "RZ-01-A",
    "name": "East",
    "site": "RZ-01",
    "address": f"rtsp://admin:{CANARY}@10.0.0.5/1",
}


@pytest.fixture
async def city(office: httpx.AsyncClient) -> httpx.AsyncClient:
    answer = await office.post("/api/city/sites", json={**SITE, "lon": 67.02, "lat": 24.85})
    assert answer.status_code == 201
    return office


@pytest.mark.parametrize("path", ["sites", "cameras", "basemap"])
async def test_nothing_is_shown_without_signing_in(stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.get(f"/api/city/{path}")
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


async def test_sites_are_geojson(city: httpx.AsyncClient) -> None:
    body = (await city.get("/api/city/sites")).json()
    assert body["type"] == "FeatureCollection"
    (feature,) = body["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [67.02, 24.85]}
    assert feature["properties"] == SITE


async def test_camera_comes_back_masked_from_every_route(city: httpx.AsyncClient) -> None:
    answers = [
        await city.post("/api/city/cameras", json=CAMERA),
        await city.get("/api/city/cameras"),
        await city.patch("/api/city/cameras/RZ-01-A", json={"name": "West", "bearing_deg": 90}),
        await city.post("/api/city/cameras", json=CAMERA),
        await city.patch(
            "/api/city/cameras/RZ-01-A", json={"address": f"ftp://a:{CANARY}@10.0.0.5"}
        ),
        await city.post("/api/city/cameras", json={**CAMERA, "site": f"x:{CANARY}"}),
        await city.post("/api/city/cameras", json={**CAMERA, "lon": "x"}),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 409, 422, 422, 422]
    for answer in answers:
        assert CANARY not in answer.text
    changed = answers[2].json()
    assert changed["address"] == "rtsp://admin:***@10.0.0.5/1"
    assert (changed["name"], changed["bearing_deg"]) == ("West", 90)
    assert (changed["lon"], changed["lat"]) == (67.02, 24.85)


async def test_cameras_come_page_by_page(city: httpx.AsyncClient) -> None:
    for number in range(5):
        await city.post("/api/city/cameras", json={**CAMERA, "code": f"C{number}"})
    codes, cursor = [], ""
    for _ in range(3):
        page = (await city.get(f"/api/city/cameras?limit=2&cursor={cursor}")).json()
        codes += [item["code"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert codes == ["C0", "C1", "C2", "C3", "C4"]
    assert cursor is None


async def test_patch_refuses_null_where_a_value_is_needed(city: httpx.AsyncClient) -> None:
    await city.post("/api/city/cameras", json={**CAMERA, "lon": 67, "lat": 24})
    for body in ({"name": None}, {"lon": None}, {"colour": "red"}):
        answer = await city.patch("/api/city/cameras/RZ-01-A", json=body)
        assert answer.status_code == 422
    answer = await city.patch("/api/city/cameras/RZ-01-A", json={"lon": None, "lat": None})
    assert (answer.json()["lon"], answer.json()["lat"]) == (67.02, 24.85)


async def test_camera_can_be_taken_away_once(city: httpx.AsyncClient) -> None:
    await city.post("/api/city/cameras", json=CAMERA)
    assert (await city.delete("/api/city/cameras/RZ-01-A")).status_code == 204
    answer = await city.delete("/api/city/cameras/RZ-01-A")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-camera")


async def test_csv_is_imported_with_a_report(city: httpx.AsyncClient) -> None:
    text = f"code,name,site,address\nA,East,RZ-01,{CAMERA['address']}\nB,East,XX,rtsp://h/1\n"
    answer = await city.post(
        "/api/city/cameras/import", content=text, headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code == 200
    body = answer.json()
    assert body["accepted"] == 1
    assert body["rejected"][0]["line"] == 3
    assert CANARY not in answer.text


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"code\n", b"\x00"])
async def test_file_that_is_no_csv_is_refused(city: httpx.AsyncClient, content: bytes) -> None:
    answer = await city.post(
        "/api/city/cameras/import", content=content, headers={"Content-Type": "text/csv"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "city-input")


async def test_file_that_is_too_large_is_refused(city: httpx.AsyncClient) -> None:
    answer = await city.post("/api/city/cameras/import", content=b"x" * (9 << 20))
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


@pytest.mark.parametrize("path", ["/api/city/cameras/%00", "/api/city/cameras?cursor=%00"])
async def test_nul_in_an_address_is_no_fault_of_ours(city: httpx.AsyncClient, path: str) -> None:
    method = "GET" if "?" in path else "DELETE"
    answer = await city.request(method, path)
    assert answer.status_code in (404, 422)


async def test_base_map_is_geojson(city: httpx.AsyncClient) -> None:
    answer = await city.get("/api/city/basemap")
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.json()["type"] == "FeatureCollection"
