"""Sources over real sockets: what cameras do on good and bad days."""

from __future__ import annotations

import base64
import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.films import jpeg, numbers, read_number
from tests.flows.odd_cameras import (
    MULTIPART,
    Behaviour,
    answer,
    garbage,
    hold,
    odd_camera,
    part,
    request,
    stream,
)
from tests.recordings import book_of, recording

from amaan.city.address import parse_address
from amaan.video.cut import ClipWish, cut_clip
from amaan.video.decoding import FrameDecoder
from amaan.video.errors import (
    NoSuchStreamError,
    NotVideoError,
    SourceDamagedError,
    SourceError,
    SourceUnauthorisedError,
    SourceUnreachableError,
    UnsupportedCodecError,
)
from amaan.video.feeds import FeedPlan
from amaan.video.live import CameraFeed
from amaan.video.model import CameraState
from amaan.video.settings import VideoSettings
from amaan.video.sources import open_source

CANARY = "canary-4711"
SETTINGS = VideoSettings(open_timeout_s=0.6, read_timeout_s=0.8, max_part_bytes=256 * 1024)
LOGIN = f"admin:{CANARY}@"


def read(scheme: str, port: int, count: int, settings: VideoSettings = SETTINGS) -> list[int]:
    """Open, read so many pictures, close; return their numbers."""
    source = open_source(parse_address(f"{scheme}://{LOGIN}127.0.0.1:{port}/live"), settings)
    decoder = FrameDecoder(fps=None, max_pixels=settings.max_pixels, live=True)
    found: list[int] = []
    try:
        for coded in source.packets():
            found += [read_number(picture.image) for picture in decoder.decode(coded)]
            if len(found) >= count:
                break
    finally:
        source.close()
    return found


def fault(scheme: str, port: int) -> SourceError:
    """Return the error that reading runs into; it never holds the password or the address."""
    with pytest.raises(SourceError) as caught:
        read(scheme, port, 1000)
    error: BaseException | None = caught.value
    while error is not None:
        assert CANARY not in str(error) + repr(error) + repr(getattr(error, "__dict__", ""))
        error = error.__cause__ or error.__context__
    assert str(port) not in caught.value.detail
    return caught.value


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.mark.parametrize("scheme", ["rtsp", "rtsps", "http", "https"])
def test_nobody_listening_is_unreachable(scheme: str) -> None:
    assert isinstance(fault(scheme, unused_port()), SourceUnreachableError)


@pytest.mark.parametrize("scheme", ["rtsp", "rtsps", "http", "https"])
def test_camera_that_accepts_and_says_nothing_is_given_up(scheme: str) -> None:
    with odd_camera(hold) as port:
        assert isinstance(fault(scheme, port), SourceUnreachableError)


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_camera_that_sends_garbage_is_no_video(scheme: str) -> None:
    with odd_camera(garbage) as port:
        assert isinstance(fault(scheme, port), NotVideoError | SourceUnreachableError)


@pytest.mark.parametrize("scheme", ["rtsp", "http", "https"])
def test_camera_that_hangs_up_at_once_is_an_error_not_a_hang(scheme: str) -> None:
    with odd_camera(lambda client: None) as port:
        assert isinstance(fault(scheme, port), SourceError)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("401 Unauthorized", SourceUnauthorisedError),
        ("403 Forbidden", SourceUnauthorisedError),
        ("404 Not Found", NoSuchStreamError),
        ("500 Oops", SourceUnreachableError),
    ],
)
def test_refusals_are_told_apart(status: str, kind: type[SourceError]) -> None:
    with odd_camera(answer(status)) as port:
        assert isinstance(fault("http", port), kind)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("401 Unauthorized", SourceUnauthorisedError),
        ("404 Not Found", NoSuchStreamError),
        ("453 Not Enough Bandwidth", SourceError),
    ],
)
def test_refusals_by_rtsp_are_told_apart(status: str, kind: type[SourceError]) -> None:
    def behave(client: socket.socket) -> None:
        while head := request(client):
            number = next(
                (line for line in head.split(b"\r\n") if line.lower().startswith(b"cseq")), b""
            )
            client.sendall(f"RTSP/1.0 {status}\r\n".encode() + number + b"\r\n\r\n")

    with odd_camera(behave) as port:
        assert isinstance(fault("rtsp", port), kind)


@pytest.mark.parametrize("length", [True, False])
def test_motion_jpeg_is_read_with_and_without_lengths(length: bool) -> None:
    with odd_camera(stream(*(part(n, length=length) for n in range(1, 6)))) as port:
        assert read("http", port, 5) == [1, 2, 3, 4, 5]


def test_chunked_motion_jpeg_is_read() -> None:
    def behave(client: socket.socket) -> None:
        request(client)
        client.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=edge\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        whole = part(1) + part(2)
        for at in range(0, len(whole), 700):
            piece = whole[at : at + 700]
            client.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        hold(client)

    with odd_camera(behave) as port:
        assert read("http", port, 2) == [1, 2]


def test_garbage_and_cut_pictures_between_good_ones_are_passed_over() -> None:
    pieces = (
        part(1),
        b"\xff\xd8\xff" + b"\x00" * 500,
        part(2)[:2000],
        part(3),
        bytes(5000),
        part(4),
    )
    with odd_camera(stream(*pieces)) as port:
        assert read("http", port, 3) == [1, 3, 4]


def test_camera_that_stops_in_the_midst_of_a_picture_is_given_up() -> None:
    with odd_camera(stream(part(1), part(2)[:2000])) as port:
        assert "silent for 0.8 s" in fault("http", port).detail


def test_camera_that_hangs_up_in_the_midst_of_a_picture_is_an_error() -> None:
    with odd_camera(stream(part(1), part(2)[:2000], then=None)) as port:
        assert isinstance(fault("http", port), SourceUnreachableError)


def test_drip_of_bytes_that_never_make_a_picture_is_given_up() -> None:
    def drip(client: socket.socket) -> None:
        while True:
            client.sendall(b"x")
            time.sleep(0.05)

    with odd_camera(stream(then=drip)) as port:
        assert "no whole picture" in fault("http", port).detail


def test_endless_bytes_without_pictures_are_given_up() -> None:
    def flood(client: socket.socket) -> None:
        while True:
            client.sendall(b"\xff\xd8\xff\xe0\x00\x04zz" + bytes(65536))

    with odd_camera(stream(then=flood)) as port:
        assert isinstance(fault("http", port), SourceDamagedError | SourceUnreachableError)


def test_picture_larger_than_allowed_is_refused_undecoded() -> None:
    huge = bytearray(jpeg(1))
    at = huge.index(b"\xff\xc0")
    huge[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    with odd_camera(stream(b"--edge\r\n\r\n" + bytes(huge))) as port:
        assert isinstance(fault("http", port), UnsupportedCodecError)


def test_web_page_is_no_camera() -> None:
    page = answer("200 OK", "Content-Type: text/html", body=b"<html>sign in</html>")
    with odd_camera(page) as port:
        assert "text/html" in fault("http", port).detail


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "rtsp://127.0.0.1/x",
        "ftp://127.0.0.1/x",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:9/other-host",
        "",
        "http://[broken",
    ],
)
def test_redirect_to_another_kind_or_host_is_refused(location: str) -> None:
    with odd_camera(answer("302 Found", f"Location: {location}")) as port:
        assert isinstance(fault("http", port), NotVideoError | SourceUnreachableError)


def test_redirect_on_the_same_host_is_followed_and_a_circle_is_not() -> None:
    def once(client: socket.socket) -> None:
        while head := request(client):
            if head.startswith(b"GET /live "):
                client.sendall(
                    b"HTTP/1.1 301 Moved\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"
                )
            else:
                client.sendall(MULTIPART + part(9))
                hold(client)

    with odd_camera(once) as port:
        assert read("http", port, 1) == [9]
    with odd_camera(answer("302 Found", "Location: /live")) as port:
        assert "address to address" in fault("http", port).detail


def guarded(challenge: str, accept: Callable[[bytes], bool], seen: list[bytes]) -> Behaviour:
    def behave(client: socket.socket) -> None:
        while head := request(client):
            seen.append(head)
            if accept(head):
                client.sendall(MULTIPART + part(5))
                hold(client)
            client.sendall(
                b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n"
                + f"WWW-Authenticate: {challenge}\r\n\r\n".encode()
            )

    return behave


def test_basic_challenge_is_answered_and_never_before_it_is_made() -> None:
    token = base64.b64encode(f"admin:{CANARY}".encode())
    seen: list[bytes] = []
    with odd_camera(guarded('Basic realm="cam"', lambda head: token in head, seen)) as port:
        assert read("http", port, 1) == [5]
    assert b"uthorization" not in seen[0]


def test_digest_challenge_is_answered_without_sending_the_password() -> None:
    seen: list[bytes] = []
    challenge = 'Digest realm="cam", nonce="abc", qop="auth", algorithm=MD5'
    with odd_camera(guarded(challenge, lambda head: b"response=" in head, seen)) as port:
        assert read("http", port, 1) == [5]
    assert CANARY.encode() not in b"".join(seen)


def test_password_appears_in_no_log_at_any_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for scheme in ("rtsp", "http"):
        for behaviour in (answer("401 No"), garbage, hold):
            with odd_camera(behaviour) as port:
                fault(scheme, port)
    with odd_camera(stream(part(1))) as port:
        address = parse_address(f"http://127.0.0.1:{port}/live?user=admin&password={CANARY}")
        feed = CameraFeed(FeedPlan("A", address), SETTINGS)
        feed.start()
        assert feed.newest.take(10) is not None
        time.sleep(1.2)
        feed.stop()
    assert CANARY not in caplog.text
    assert CANARY not in "".join(repr(record.__dict__) for record in caplog.records)
    assert CANARY not in repr(feed.health()) + repr(feed.plan) + repr(feed.plan.address)
    assert not any(CANARY in thread.name for thread in threading.enumerate())


def test_password_is_in_no_process_list() -> None:
    with odd_camera(hold) as port:
        address = parse_address(f"rtsp://{LOGIN}127.0.0.1:{port}/1")
        feed = CameraFeed(FeedPlan("A", address), SETTINGS)
        feed.start()
        time.sleep(0.3)
        lines = list(command_lines())
        feed.stop()
    assert lines
    assert not any(CANARY.encode() in line for line in lines)


def command_lines() -> Iterator[bytes]:
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            yield file.read_bytes()


def test_silent_and_absent_cameras_cost_no_thread_and_no_memory_over_time() -> None:
    before = threading.active_count()
    quick = VideoSettings(
        open_timeout_s=0.2, read_timeout_s=0.2, retry_first_s=0.01, retry_most_s=0.02
    )
    with odd_camera(hold) as port:
        feeds = [
            CameraFeed(FeedPlan(f"C{n}", parse_address(f"{kind}://127.0.0.1:{at}/1")), quick)
            for n in range(4)
            for kind, at in (("rtsp", port), ("http", port), ("rtsp", 9))
        ]
        for feed in feeds:
            feed.start()
        time.sleep(2.5)
        assert all(feed.health().state is CameraState.DOWN for feed in feeds)
        assert all(feed.health().reconnects > 2 for feed in feeds)
        for feed in feeds:
            feed.stop()
    until = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.05)
    assert threading.active_count() <= before


def test_motion_jpeg_camera_is_recorded_and_its_clip_is_h264(tmp_path: Path) -> None:
    def film(client: socket.socket) -> None:
        for number in range(200):
            client.sendall(part(number))
            time.sleep(0.05)

    with odd_camera(stream(then=film)) as port:
        plan, settings = FeedPlan("A", parse_address(f"http://127.0.0.1:{port}/")), VideoSettings()
        feed = CameraFeed(plan, settings, others=(recording(tmp_path, segment_s=1.0),))
        feed.start()
        first = feed.newest.take(10)
        assert first is not None
        time.sleep(4)
        health = feed.health()
        feed.stop()
    assert health.state is CameraState.UP
    assert health.fps > 5
    book = book_of(tmp_path)
    segments = book.finished()
    assert len(segments) >= 2
    end = datetime.fromtimestamp((segments[-1].end_ms or 0) / 1000, UTC)
    clip = cut_clip(ClipWish(book, "A", first.observed_at, end, health), SETTINGS, end)
    assert clip.recoded
    shown = [number for _, number in numbers(clip.content)]
    assert len(shown) > 20
    assert shown == sorted(shown)
    assert abs((clip.start - first.observed_at).total_seconds()) < 0.5


def test_camera_that_breaks_off_again_and_again_is_read_again_and_again() -> None:
    with odd_camera(stream(part(1), part(2), then=None)) as port:
        feed = CameraFeed(
            FeedPlan("A", parse_address(f"http://127.0.0.1:{port}/")),
            VideoSettings(retry_first_s=0.01, retry_most_s=0.05),
            fps=25.0,
        )
        feed.start()
        until = time.monotonic() + 20
        while feed.health().reconnects < 5 and time.monotonic() < until:
            time.sleep(0.02)
        frame = feed.newest.take(5)
        feed.stop()
    assert frame is not None
    assert feed.health().reconnects >= 5
