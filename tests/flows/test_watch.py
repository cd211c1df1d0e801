"""`amaan watch` as people call it."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.films import jpeg, make_film, make_sound
from tests.flows.odd_cameras import hold, odd_camera, part, stream

from amaan.video.model import Image

CANARY = "canary-2611"
WATCH = [sys.executable, "-m", "amaan.app", "watch"]


def watch(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WATCH, *arguments], input=text, capture_output=True, text=True, timeout=100
    )


def plate_image(text: str, scale: float, left: int, top: int) -> Image:
    """Draw a plate on a grey street."""
    image = np.full((480, 854, 3), 96, np.uint8)
    image[300:] = 70
    width, height = int(150 * scale), int(46 * scale)
    plate = np.full((92, 300, 3), 240, np.uint8)
    cv2.rectangle(plate, (2, 2), (297, 89), (20, 20, 20), 3)
    cv2.putText(plate, text, (22, 66), cv2.FONT_HERSHEY_SIMPLEX, 1.75, (15, 15, 15), 6, cv2.LINE_AA)
    shown = cv2.resize(plate, (width, height), interpolation=cv2.INTER_AREA)
    image[top : top + height, left : left + width] = shown
    return image


@pytest.fixture(scope="module")
def passing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of stills in which one plate comes nearer."""
    folder = tmp_path_factory.mktemp("passing")
    for step in range(8):
        image = plate_image("BGC-771", 1.0 + 0.1 * step, 300 - 12 * step, 200 + 10 * step)
        cv2.imwrite(str(folder / f"{step}.jpg"), image)
    return folder


def test_passing_plate_is_read_once_as_json(passing: Path) -> None:
    done = watch(f"folder:{passing}", "--json")
    assert done.returncode == 0, done.stderr
    reads = [json.loads(line) for line in done.stdout.splitlines()]
    (read,) = [read for read in reads if read["plate"] == "BGC771"]
    assert read["frames"] >= 2
    assert read["agreeing"] >= 2
    assert not read["uncertain"]
    assert read["frame_size"] == [854, 480]
    assert read["observed_at"].endswith("Z")
    assert 0 <= read["position_s"] <= 1.6
    left, top, width, height = read["box"]
    assert 150 < left < 400
    assert 150 < top < 350
    assert width > height > 10
    assert set(read) >= {"raw_text", "confidence", "characters", "direction", "decided_at"}
    assert "8 frames analysed" in done.stderr


def test_piped_reads_are_plain_lines(passing: Path) -> None:
    done = watch(f"folder:{passing}")
    assert done.returncode == 0
    assert "BGC771" in done.stdout
    assert "\x1b" not in done.stdout


def test_terminal_gets_a_table(passing: Path) -> None:
    controller, terminal = pty.openpty()
    process = subprocess.Popen([*WATCH, f"folder:{passing}"], stdout=terminal, stderr=terminal)
    os.close(terminal)
    shown = b""
    try:
        while more := os.read(controller, 65536):
            shown += more
    except OSError:  # how Linux says that the other side has gone
        pass
    os.close(controller)
    assert process.wait(60) == 0
    assert b"BGC771" in shown
    assert "│".encode() in shown


def bad_sources(folder: Path) -> dict[str, str]:
    (folder / "text.mp4").write_text("no film")
    (folder / "empty.mp4").write_bytes(b"")
    make_sound(folder / "sound.mp4")
    cut = make_film(folder / "cut.mp4").read_bytes()
    (folder / "cut.mp4").write_bytes(cut[: len(cut) // 2])
    (folder / "stills").mkdir()
    return {
        "text": str(folder / "text.mp4"),
        "empty": str(folder / "empty.mp4"),
        "sound": str(folder / "sound.mp4"),
        "cut": str(folder / "cut.mp4"),
        "absent": str(folder / "absent.mp4"),
        "no stills": f"folder:{folder}/stills",
        "refused": f"rtsp://admin:{CANARY}@127.0.0.1:9/1",
        "refused by http": f"http://admin:{CANARY}@127.0.0.1:9/1",
    }


@pytest.mark.parametrize(
    "kind",
    ["text", "empty", "sound", "cut", "absent", "no stills", "refused", "refused by http"],
)
def test_bad_source_is_one_clear_line_and_exit_3(tmp_path: Path, kind: str) -> None:
    done = watch(bad_sources(tmp_path)[kind], "--json")
    assert done.returncode == 3
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert CANARY not in line


@pytest.mark.parametrize(
    "address", ["exec:/bin/sh", f"ftp://admin:{CANARY}@127.0.0.1/x", "rtsp://", "concat:a|b"]
)
def test_address_that_no_camera_has_is_exit_2(address: str) -> None:
    done = watch(address)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert CANARY not in done.stderr


def test_film_that_breaks_off_is_exit_4_after_what_it_held(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", frames=100, muxer={"movflags": "faststart"})
    film.write_bytes(film.read_bytes()[: film.stat().st_size * 6 // 10])
    done = watch(str(film), "--fps", "1")
    assert done.returncode == 4
    assert "breaks off at" in done.stderr
    assert "frames analysed" in done.stderr
    assert "Traceback" not in done.stderr


def test_damaged_stills_are_named_and_the_rest_read(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(jpeg(1))
    (tmp_path / "2.jpg").write_bytes(b"\xff\xd8\xff broken")
    done = watch(f"folder:{tmp_path}")
    assert done.returncode == 0
    assert "left out 2.jpg" in done.stderr
    assert "1 frames analysed, 1 stills left out" in done.stderr


def heed_interrupts() -> None:
    """Undo what a shell does to a command in the background: it ignores SIGINT there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_password_leaves_the_process_list_and_ctrl_c_ends_cleanly() -> None:
    with odd_camera(stream(*(part(number) for number in range(5)), then=hold)) as port:
        address = f"http://admin:{CANARY}@127.0.0.1:{port}/live"
        process = subprocess.Popen(
            [*WATCH, address, "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=heed_interrupts,
        )
        assert process.stderr is not None
        first = process.stderr.readline()
        command = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, rest = process.communicate(timeout=60)
    assert first.startswith("up 320x240")
    assert CANARY.encode() not in command
    assert b"admin:***@127.0.0.1" in command
    assert process.returncode == 130
    assert "Traceback" not in rest
    assert CANARY not in first + rest + out


def test_address_is_taken_from_standard_input() -> None:
    done = watch("-", text=f"rtsp://admin:{CANARY}@127.0.0.1:9/1\n")
    assert done.returncode == 3
    assert "rtsp://admin:***@127.0.0.1:9/1" in done.stderr


def test_reader_that_stops_listening_is_no_fault(passing: Path) -> None:
    process = subprocess.Popen(
        [*WATCH, f"folder:{passing}", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0
    assert b"Traceback" not in errors
    assert b"Exception ignored" not in errors
