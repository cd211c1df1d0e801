from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from amaan.kernel.geography import Point
from amaan.simulation.city import By, DemoCamera
from amaan.simulation.library import FILM_ROUNDS, STILL_EVERY, Library
from amaan.simulation.loops import LoopError, read_loop
from amaan.simulation.street.light import HEIGHT, WIDTH, Light
from amaan.simulation.street.plates import Plate, PlateKind
from amaan.simulation.street.render import FPS, LoopPlan, draw_frames, render_loop
from amaan.simulation.street.traffic import BEST_M, Passing
from amaan.simulation.street.vehicles import Vehicle, VehicleKind

SECONDS = 12


def passing(text: str, kind: VehicleKind = VehicleKind.CAR) -> Passing:
    return Passing(Vehicle(kind, "white", Plate(text, PlateKind.SINDH)), 9.5, 0.0)


def loop(*passings: Passing, light: Light = Light.DAY) -> LoopPlan:
    return LoopPlan("A", light, SECONDS, passings)


PLAN = loop(passing("BGC-771"))


@pytest.mark.parametrize("light", Light)
def test_same_plan_draws_the_same_pixels(light: Light) -> None:
    plan = loop(passing("BGC-771"), light=light)
    at = 8 * FPS
    first, second = list(draw_frames(plan))[at], list(draw_frames(plan))[at]
    assert first.shape == (HEIGHT, WIDTH, 3)
    assert np.array_equal(first, second)


def test_plate_can_be_told_only_from_near() -> None:
    one, other = list(draw_frames(PLAN)), list(draw_frames(loop(passing("KLM-305"))))
    differ = [index for index in range(len(one)) if not np.array_equal(one[index], other[index])]
    assert differ, "the plate is nowhere to be seen"
    distances = [place[1] for i in differ if (place := PLAN.passings[0].place(i / FPS))]
    assert max(distances) < 40
    assert min(distances) <= BEST_M


@pytest.mark.parametrize("kind", VehicleKind)
def test_every_kind_of_vehicle_comes_into_the_picture_and_leaves_it(kind: VehicleKind) -> None:
    frames = list(draw_frames(loop(passing("BGC-771", kind))))
    empty = next(draw_frames(loop()))
    busy = [not np.array_equal(frame, empty) for frame in frames]
    assert not busy[0]
    assert busy[8 * FPS]
    assert not busy[-1]


def test_name_of_a_film_tells_plans_apart() -> None:
    assert PLAN.file_name == loop(passing("BGC-771")).file_name
    assert PLAN.file_name != loop(passing("BGC-772")).file_name
    assert PLAN.file_name != loop(passing("BGC-771"), light=Light.NIGHT).file_name


def test_film_has_a_key_frame_a_second_and_nothing_reordered(tmp_path: Path) -> None:
    path = tmp_path / "loop.mp4"
    render_loop(PLAN, path)
    read = read_loop(path)
    assert (read.width, read.height, read.fps, read.seconds) == (WIDTH, HEIGHT, FPS, SECONDS)
    assert list(read.keys) == list(range(0, SECONDS * FPS, FPS))
    assert [path.name for path in tmp_path.iterdir()] == ["loop.mp4"]


def test_file_that_is_no_film_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"\x00" * 500)
    with pytest.raises(LoopError, match=r"broken\.mp4"):
        read_loop(path)
    with pytest.raises(LoopError, match=r"absent\.mp4"):
        read_loop(tmp_path / "absent.mp4")


def test_library_makes_long_films_and_stills_once_and_tidies_up(tmp_path: Path) -> None:
    cameras = [
        DemoCamera(by, by, "S", Point(67.0, 24.9), 0.0, by, PLAN)
        for by in (By.RTSP, By.FILM, By.STILLS)
    ]
    library = Library(tmp_path)
    render_loop(PLAN, library.loop(cameras[0]))
    (tmp_path / "of-an-older-version.mp4").write_bytes(b"x")
    for _ in range(2):
        assert list(library.make(cameras)) == [(0, 0)]
    assert [path.name for path in tmp_path.glob("*.mp4")] == [PLAN.file_name]
    with av.open(str(library.film(cameras[1])), "r") as film:
        stamps = [packet.pts for packet in film.demux(video=0) if packet.size]
        assert len(stamps) == FILM_ROUNDS * SECONDS * FPS
        step = stamps[1] or 0
        assert stamps == list(range(0, len(stamps) * step, step))
    stills = sorted(library.stills(cameras[2]).iterdir())
    assert len(stills) == SECONDS * FPS // STILL_EVERY
