from __future__ import annotations

import pytest

from amaan.video import taps
from amaan.video.packets import AudioFormat
from amaan.video.taps import Fan, Tap, Tapped, TappedFormat, TappedPacket

SOUND = AudioFormat("aac", 16_000, 1, b"\x14\x08")
SMALL = TappedFormat("h264", 320, 240, b"", SOUND)
LARGE = TappedFormat("h264", 1920, 1080, b"", SOUND)


def picture(number: int, *, key: bool = False, size: int = 10) -> TappedPacket:
    return TappedPacket("video", number * 3600, number * 3600, key, 1000.0 + number, bytes(size))


def sound(number: int) -> TappedPacket:
    return TappedPacket("audio", number * 3600, number * 3600, True, 1000.0 + number, b"s")


def rest(tap: Tap) -> list[Tapped]:
    items = []
    while (item := tap.take(0.0)) is not None:
        items.append(item)
    return items


def numbers(items: list[Tapped]) -> list[int]:
    return [item.pts // 3600 for item in items if isinstance(item, TappedPacket)]


@pytest.fixture
def fan() -> Fan:
    fan = Fan()
    fan.begin(SMALL)
    return fan


def test_new_reader_begins_with_the_current_group_and_then_follows(fan: Fan) -> None:
    for number in range(25):
        fan.put(picture(number, key=number % 10 == 0))
    tap = fan.open("all")
    fan.put(picture(25))
    items = rest(tap)
    assert items[0] == SMALL
    assert numbers(items) == [20, 21, 22, 23, 24, 25]


def test_reader_of_keyframes_gets_the_last_at_once_and_no_sound(fan: Fan) -> None:
    fan.put(picture(0, key=True))
    fan.put(sound(1))
    fan.put(picture(2))
    tap = fan.open("keyframes")
    assert rest(tap) == [SMALL, picture(0, key=True)]
    fan.put(sound(3))
    fan.put(picture(4))
    fan.put(picture(5, key=True))
    assert rest(tap) == [picture(5, key=True)]


def test_sound_comes_between_the_pictures_but_never_first(fan: Fan) -> None:
    tap = fan.open("all")
    fan.put(sound(0))
    fan.put(picture(1))
    fan.put(picture(2, key=True))
    fan.put(sound(3))
    assert rest(tap) == [SMALL, picture(2, key=True), sound(3)]
    assert tap.missed == 0


def test_change_of_format_is_told_before_the_next_keyframe(fan: Fan) -> None:
    tap = fan.open("all")
    fan.put(picture(0, key=True))
    fan.begin(LARGE)
    fan.put(picture(1))
    fan.put(picture(2, key=True))
    assert rest(tap) == [SMALL, picture(0, key=True), LARGE, picture(2, key=True)]


def test_reader_that_lags_loses_packets_up_to_a_keyframe_and_is_told(
    fan: Fan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taps, "QUEUE_PACKETS", 5)
    slow, quick = fan.open("all"), fan.open("all")
    seen = []
    for number in range(20):
        fan.put(picture(number, key=number % 8 == 0))
        seen += rest(quick)
    assert numbers(seen) == list(range(20))
    items = rest(slow)
    assert items[0] == SMALL
    assert numbers(items) == [16, 17, 18, 19]
    assert slow.missed == 16
    assert quick.missed == 0


def test_reader_that_lags_by_bytes_is_cut_off_too(
    fan: Fan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taps, "QUEUE_BYTES", 1000)
    tap = fan.open("all")
    for number in range(10):
        fan.put(picture(number, key=number == 0, size=400))
    assert rest(tap) == []
    assert tap.missed == 10


def test_group_too_long_to_hold_makes_new_readers_wait_for_the_next(
    fan: Fan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taps, "RING_PACKETS", 5)
    for number in range(20):
        fan.put(picture(number, key=number == 0))
    tap = fan.open("all")
    assert rest(tap) == []
    fan.put(picture(20, key=True))
    assert rest(tap) == [SMALL, picture(20, key=True)]


def test_end_ends_every_tap_and_those_opened_later(fan: Fan) -> None:
    before = fan.open("all")
    fan.put(picture(0, key=True))
    fan.end()
    after = fan.open("all")
    for tap in (before, after):
        assert tap.ended
        assert tap.take(5.0) is None


def test_closed_tap_takes_no_more_and_the_others_go_on(fan: Fan) -> None:
    first, second = fan.open("all"), fan.open("all")
    assert fan.drop(first) == 1
    fan.put(picture(0, key=True))
    assert first.take(0.0) is None
    assert len(rest(second)) == 2
    assert fan.drop(first) == 1
    assert fan.drop(second) == 0


def test_whoever_watches_many_queues_is_woken_by_each_packet(fan: Fan) -> None:
    woken: list[int] = []
    fan.open("keyframes", lambda: woken.append(1))
    fan.put(picture(0, key=True))
    fan.put(picture(1))
    assert len(woken) == 1
