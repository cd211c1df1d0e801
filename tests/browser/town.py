"""A small town to look at: sites, cameras, a hot-list, an hour of traffic, alarms."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from tests.browser.roadside import Roadside

SITES = Path(__file__).parents[2] / "src/amaan/simulation/data/sites.json"
TROUBLE = {
    "RZ-03-A": ("down", "connection refused"),
    "SD-02-A": ("stalled", "no frame for 14 s"),
}
WANTED = (
    ("BGC771", "critical", "wanted", "Vehicle used in armed robbery, Saddar"),
    ("AFR420", "high", "stolen", "Stolen white Suzuki Cultus, Clifton Block 5"),
    ("LEH5789", "medium", "missing_person", "Family car of a missing person"),
    ("AUH9??", "high", "security", "Partial plate from a witness, grey Corolla"),
)
ROUTE = ("RZ-01-A", "RZ-04-A", "SD-01-A", "SD-03-A", "AP-01-A")


def build(office: httpx.Client, roadside: Roadside) -> None:
    """Fill an empty centre with sites and cameras; every camera reports once."""
    for site in json.loads(SITES.read_text(encoding="utf-8")):
        assert office.post("/api/city/sites", json=site).status_code == 201
        for index, letter in enumerate("AB"):
            camera = {
                "code": f"{site['code']}-{letter}",
                "name": f"{site['name']} {('inbound', 'outbound')[index]}",
                "site": site["code"],
                "lon": site["lon"] + 0.0004 * index,
                "lat": site["lat"],
                "bearing_deg": (sum(site["code"].encode()) * 7 % 180) + 180 * index,
                "address": f"rtsp://amaan:street@127.0.0.1:9/{site['code'].lower()}-{letter}",
            }
            assert office.post("/api/city/cameras", json=camera).status_code == 201
            roadside.cameras[camera["code"]] = TROUBLE.get(camera["code"], ("up", ""))
    roadside.beat()


def look_for(officer: httpx.Client, authority: str) -> None:
    """Put the wanted vehicles on the hot-list."""
    for number, (plate, severity, category, reason) in enumerate(WANTED):
        entry = {
            "plate": plate,
            "severity": severity,
            "category": category,
            "reason": reason,
            "case_ref": f"FIR {211 + 34 * number}/2026",
            "instructions": "Do not stop the vehicle alone. Inform the duty officer South.",
            "valid_until": (datetime.now(UTC) + timedelta(days=15)).isoformat(),
            "authority": authority,
        }
        answer = officer.post("/api/plates/entries", json=entry)
        assert answer.status_code == 201, answer.text


def drive(roadside: Roadside, vehicles: int = 24) -> None:
    """Let ordinary traffic pass, and the wanted car along its route, some minutes ago."""
    codes = list(roadside.cameras)
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    for index in range(vehicles):
        plate = "".join(letters[(index * step + step) % 23] for step in (3, 7, 11))
        passed = codes[index * 13 % len(codes)]
        roadside.passes(f"{plate}{104 + index * 37}", passed, ago_s=40 + 31 * index)
    for index, camera in enumerate(ROUTE[:-1]):
        roadside.passes("BGC771", camera, ago_s=60.0 * (40 - 9 * index))
