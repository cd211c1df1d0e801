"""A demo centre gets its city once; what people change in it stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx

from amaan.app.demo.people import PARTS
from amaan.app.demo.seeding import Seeds, seed
from amaan.app.opening import Engines
from amaan.app.settings import CentreSettings
from amaan.simulation.city import DemoCity
from amaan.simulation.library import Library
from amaan.simulation.serving import Ports, cameras_of, turning

PASSWORDS = {part.username: f"a phrase for {number} people" for number, part in enumerate(PARTS)}
PORTS = Ports("127.0.0.1", 8554, 8555, "canary-1947", 8556)


def seeds(folder: Path, ports: Ports = PORTS) -> Seeds:
    city = DemoCity()
    return Seeds(city.sites, cameras_of(city, Library(folder), ports), city.wanted)


async def test_city_is_there_once_however_often_it_is_seeded(
    console: httpx.AsyncClient, engines: Engines, centre_settings: CentreSettings, tmp_path: Path
) -> None:
    for _ in range(2):
        await seed(engines, centre_settings, seeds(tmp_path), PASSWORDS)
    sites = (await console.get("/api/city/sites")).json()["features"]
    cameras = (await console.get("/api/city/cameras")).json()["items"]
    entries = (await console.get("/api/plates/entries", params={"state": "all"})).json()["items"]
    active = (await console.get("/api/plates/entries")).json()["items"]
    assert (len(sites), len(cameras)) == (len(DemoCity().sites), len(DemoCity().cameras))
    assert len(entries) == len(DemoCity().wanted)
    assert all(entry["authority"] for entry in entries)
    assert "CFA921" in {entry["plate"] for entry in entries}
    assert "CFA921" not in {entry["plate"] for entry in active}
    assert all("canary" not in camera["address"] for camera in cameras)


async def test_moved_simulator_is_followed_and_what_people_changed_stays(
    office: httpx.AsyncClient, engines: Engines, centre_settings: CentreSettings, tmp_path: Path
) -> None:
    await seed(engines, centre_settings, seeds(tmp_path), PASSWORDS)
    code = DemoCity().route[0]
    await office.patch(f"/api/city/cameras/{code}", json={"name": "Ours", "enabled": False})
    await seed(engines, centre_settings, seeds(tmp_path, replace(PORTS, rtsp=9554)), PASSWORDS)
    cameras = (await office.get("/api/city/cameras")).json()["items"]
    (changed,) = [camera for camera in cameras if camera["code"] == code]
    assert (changed["name"], changed["enabled"]) == ("Ours", False)
    assert ":9554/" in changed["address"]


async def test_camera_that_turns_is_followed_and_a_second_stream_of_ours_stays(
    office: httpx.AsyncClient, engines: Engines, centre_settings: CentreSettings, tmp_path: Path
) -> None:
    await seed(engines, centre_settings, seeds(tmp_path, replace(PORTS, onvif=0)), PASSWORDS)
    code = turning(DemoCity())
    second = {"sub_address": "rtsp://127.0.0.1:8554/second"}
    await office.patch(f"/api/city/cameras/{code}", json=second)
    for port in (8556, 9556):
        await seed(engines, centre_settings, seeds(tmp_path, replace(PORTS, onvif=port)), PASSWORDS)
        cameras = (await office.get("/api/city/cameras")).json()["items"]
        (camera,) = [one for one in cameras if one["onvif_address"]]
        assert camera["code"] == code
        assert f":{port}/" in camera["onvif_address"]
        assert "canary" not in camera["onvif_address"]
        assert camera["sub_address"] == second["sub_address"]


async def test_base_map_is_served(console: httpx.AsyncClient) -> None:
    answer = await console.get("/api/city/basemap")
    layers = {feature["properties"]["layer"] for feature in answer.json()["features"]}
    assert {"sea", "district", "road", "label"} <= layers
