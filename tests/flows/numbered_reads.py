"""Appends numbered reads to a real spool and ships them, until it is killed.

Usage: numbered_reads.py SPOOL_DIR CENTRE TOKEN_FILE JOURNAL START
Writes to JOURNAL, by plain appends that survive a kill of this process, "try N" before each append
and "kept N" after it returned, counting from START; with "drain" for START it appends nothing,
ships what there is and ends. The number is the read's plate, so that the database can be compared
with the journal.
"""

from __future__ import annotations

import os
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from amaan.app.worker.centre import make_client
from amaan.engines.spool.settings import SpoolSettings
from amaan.engines.spool.sqlite import SqliteSpool
from amaan.kernel.clock import SystemClock
from amaan.plates.shipping import Shipper, ShippingSettings

SOURCE = "worker-kill"


def payload(number: int) -> bytes:
    now = datetime.now(UTC)
    told = now.isoformat(timespec="microseconds").replace("+00:00", "Z")
    before = (now - timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    return orjson.dumps(
        {
            "camera": f"KILL-{number % 7}",
            "observed_at": told,
            "decided_at": told,
            "first_seen_at": before,
            "last_seen_at": told,
            "plate": f"K{number:09d}",
            "raw_text": f"K {number}",
            "confidence": 0.9,
            "characters": [0.9] * 10,
            "box": [1, 2, 30, 10],
            "frame_size": [1280, 720],
            "direction": "approaching",
            "frames": 3,
            "agreeing": 3,
            "uncertain": False,
            "picture": None,
            "crop": None,
        }
    )


def main() -> None:
    folder, centre, token_file, journal, start = sys.argv[1:]
    spool = SqliteSpool(SpoolSettings(directory=Path(folder), source=SOURCE))
    client = make_client(centre, Path(token_file).read_text().strip())
    settings = ShippingSettings(worker=SOURCE, retry_greatest_s=1.0, refused_pause_s=1.0)
    shipper = Shipper(spool, client, settings, SystemClock())
    shipper.start()
    if start == "drain":
        while spool.pending("read", 1):
            time.sleep(0.1)
        return
    log = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    number = int(start)
    while True:
        number += 1
        os.write(log, b"try %d\n" % number)
        spool.append("read", payload(number))
        os.write(log, b"kept %d\n" % number)
        shipper.wake()
        if random.random() < 0.2:
            time.sleep(random.random() * 0.05)


if __name__ == "__main__":
    main()
