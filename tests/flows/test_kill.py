"""Kill -9 anything at any moment: what was kept arrives, and counts once."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg
import pytest
from tests.flows.centre import AMAAN, free_port, wait_until_healthy

from amaan.engines.postgres.embedded import EmbeddedPostgres

KILLS = 20
REPOSITORY = Path(__file__).parents[2]


class City:
    """One centre and one shipper, each started again after it was killed."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.spool = folder / "spool"
        self.journal = folder / "journal"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.server = EmbeddedPostgres(self.data / "postgres")
        self.output = (folder / "output").open("ab")
        self.centre = self.start_centre()
        wait_until_healthy(self.url, self.centre)
        self.starts = 0
        self.shipper = self.start_shipper()

    def start_centre(self) -> subprocess.Popen[bytes]:
        options = ["--data", str(self.data), "--port", str(self.port), "--workers", "0"]
        command = [str(AMAAN), "up", *options]
        return subprocess.Popen(command, stdout=self.output, stderr=self.output)

    def start_shipper(self, first: str = "") -> subprocess.Popen[bytes]:
        self.starts += 1
        paths = (self.spool, self.url, self.data / "worker-token", self.journal)
        program = str(REPOSITORY / "tests/flows/numbered_reads.py")
        numbered = first or str(self.starts * 1_000_000)
        command = [sys.executable, program, *(str(path) for path in paths), numbered]
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        return subprocess.Popen(command, stdout=self.output, stderr=self.output, env=environment)

    def kill(self, victim: str) -> None:
        if victim == "centre":
            kill_now(self.centre)
            self.centre = self.start_centre()
        elif victim == "shipper":
            kill_now(self.shipper)
            self.shipper = self.start_shipper()
        else:
            pid = self.server.pid()
            if pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        for process in (self.shipper, self.centre):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                kill_now(process)
        self.server.stop()
        self.output.close()

    def answers(self) -> bool:
        """Tell whether the centre is well; as a service manager would, start one that gave up.

        It gives up (exit code 13) when its server is killed in the middle of its own start.
        """
        if self.centre.poll() is not None:
            assert self.centre.returncode == 13, "ended by itself"
            self.centre = self.start_centre()
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/api/health", timeout=5).status_code == 200
        return False

    def journalled(self) -> tuple[set[int], set[int]]:
        """Return the numbers tried and the numbers kept."""
        numbers: dict[str, set[int]] = {"try": set(), "kept": set()}
        for line in self.journal.read_text().splitlines():
            word, number = line.split()
            numbers[word].add(int(number))
        return numbers["try"], numbers["kept"]

    def stored(self) -> Counter[int]:
        """Return how often each number stands in the database."""
        with psycopg.connect(self.server.dsn()) as connection:
            rows = connection.execute("SELECT plate FROM plates.reads").fetchall()
            refused = connection.execute(
                "SELECT count(*) FROM plates.refused_observations"
            ).fetchone()
        assert refused == (0,), "reads were refused or in conflict"
        return Counter(int(plate[1:]) for (plate,) in rows)


def kill_now(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def wait_for(true: Callable[[], bool], limit_s: float, what: str) -> None:
    deadline = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < deadline, f"in vain for {limit_s:g} s: {what}"
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_nothing_kept_is_lost_or_counted_twice_over_twenty_kills(tmp_path: Path) -> None:
    seed = int(os.environ.get("AMAAN_KILL_SEED", time.time_ns() % 1_000_000_000))
    sys.stdout.write(f"AMAAN_KILL_SEED={seed}\n")
    chance = random.Random(seed)
    victims = ["centre", "shipper", "postmaster"] * (KILLS // 3) + ["centre", "postmaster"]
    chance.shuffle(victims)
    city = City(tmp_path)
    try:
        for number, victim in enumerate(victims):
            time.sleep(chance.uniform(0.05, 2.5))
            city.kill(victim)
            if number % 5 == 4:  # now and then let it recover; else hit it while it is down
                wait_for(city.answers, 60, f"the centre after kill {number + 1} ({victim})")
        wait_for(city.answers, 60, "the centre after all kills")
        kill_now(city.shipper)
        city.shipper = city.start_shipper("drain")
        assert city.shipper.wait(90) == 0, "the spool drains"
        tried, kept = city.journalled()
        stored = city.stored()
        sys.stdout.write(f"{len(tried)} tried, {len(kept)} kept, {len(stored)} stored\n")
        assert [number for number, times in stored.items() if times > 1] == []
        assert kept <= set(stored), "kept and not stored: lost"
        assert set(stored) <= tried, "stored and never tried: invented"
        assert len(kept) > 500
    finally:
        city.close()
