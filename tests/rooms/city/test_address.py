from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.city.address import CameraAddress, CameraAddressError, parse_address

CANARY = "hunter2-canary"


@pytest.mark.parametrize("scheme", ["rtsp", "rtsps", "http", "https"])
def test_network_address_keeps_its_password_but_never_shows_it(scheme: str) -> None:
    text = f"{scheme}://admin:{CANARY}@10.0.0.5:8554/stream/1?profile=2"
    address = parse_address(text)
    assert address.full == text
    assert address.redacted == f"{scheme}://admin:***@10.0.0.5:8554/stream/1?profile=2"
    assert CANARY not in repr(address)
    assert CANARY not in f"{address} {address!s} {address!r}"
    assert address.is_network


def test_scheme_is_read_in_any_case() -> None:
    assert parse_address("RTSP://cam.local/1").scheme == "rtsp"


@pytest.mark.parametrize(
    "text",
    [
        f"http://10.0.0.5/cgi?user=admin&password={CANARY}",
        f"rtsp://10.0.0.5/user=admin_password={CANARY}",
        f"rtsp://10.0.0.5/live?token={CANARY}&x=1",
        f"rtsp://10.0.0.5/live?token=a/b?{CANARY}&x=1",
        f"http://10.0.0.5/cgi?loginuse=admin&loginpas={CANARY}",
        *(
            f"http://10.0.0.5/cgi?user=admin&{name}={CANARY}&channel=1"
            for name in ("pas", "pw", "PSK", "passwd", "userpw", "api-key", "auth_code", "keyid")
        ),
        f"rtsp://{CANARY}@10.0.0.5/live",
        f"rtsp://admin:a@b:{CANARY}@10.0.0.5/live",
    ],
)
def test_password_outside_its_usual_place_is_masked_too(text: str) -> None:
    assert CANARY not in parse_address(text).redacted


@pytest.mark.parametrize(
    "text",
    [
        "exec:/bin/sh",
        "concat:/etc/passwd",
        "concatf:list",
        "pipe:0",
        "subfile,,start,0,end,0,,:/etc/passwd",
        "crypto:/etc/passwd",
        "data:text/plain,x",
        "ftp://10.0.0.5/x",
        "gopher://10.0.0.5/",
        "rtmp://10.0.0.5/x",
        "tcp://10.0.0.5:22",
        "javascript:alert(1)",
        "rtsp:10.0.0.5/x",
        "rtsp:///x",
        "rtsp://",
        "rtsp://10.0.0.5/x|cat",
        "rtsp://10.0.0.5/x\n-i /etc/passwd",
        "rtsp://10.0.0.5/a b",
        "rtsp://10.0.0.5:99999/",
        "rtsp://10.0.0.5:0/",
        "rtsp://10.0.0.5/#x",
        "rtsp://admin:pa/ss@10.0.0.5/x",
        "rtsp://admin:12/3@10.0.0.5/x",
        "rtsp://host%2f/x",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:169.254.169.254]/",
        "http://[fe80::1]/",
        "http://metadata.google.internal/",
        "http://2852039166/",
        "http://0xa9fea9fe/",
        "http://169.254.43518/",
        "http://0.0.0.0/",
        "rtsp://239.0.0.1/",
        "-i",
        "file:-i",
        "file:",
        "file://other-machine/x.mp4",
        "/videos/a\0b",
        "file:~nobody-of-that-name/a.mp4",
        "",
        "   ",
        "rtsp://host/" + "x" * 3000,
    ],
)
def test_address_that_is_no_camera_is_refused(text: str) -> None:
    with pytest.raises(CameraAddressError):
        parse_address(text)


def test_refusal_never_repeats_the_address(caplog: pytest.LogCaptureFixture) -> None:
    for text in (
        f"ftp://admin:{CANARY}@10.0.0.5/",
        f"rtsp://admin:{CANARY}/@10.0.0.5/",
        f"rtsp://admin:{CANARY}@10.0.0.5:port/",
        f"rtsp://admin:{CANARY}@10.0.0.5/ x",
    ):
        with pytest.raises(CameraAddressError) as caught:
            parse_address(text)
        assert CANARY not in str(caught.value)
        assert CANARY not in repr(caught.value.context)
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("t").info("%r", parse_address(f"rtsp://a:{CANARY}@h/"))
    assert CANARY not in caplog.text


def test_loopback_is_a_camera_because_simulated_ones_live_there() -> None:
    assert parse_address("rtsp://127.0.0.1:8554/RZ-01-A").is_network
    assert parse_address("http://[::1]:8080/mjpeg").is_network


@pytest.mark.parametrize(
    ("text", "scheme", "path"),
    [
        ("/videos/a.mp4", "file", "/videos/a.mp4"),
        ("clips/a b.mp4", "file", "clips/a b.mp4"),
        ("file:/videos/a.mp4", "file", "/videos/a.mp4"),
        ("file:///videos/a.mp4", "file", "/videos/a.mp4"),
        ("folder:/stills", "folder", "/stills"),
        ("/stills/", "folder", "/stills"),
    ],
)
def test_path_is_taken_with_or_without_a_scheme(text: str, scheme: str, path: str) -> None:
    address = parse_address(text)
    assert (address.scheme, address.path) == (scheme, Path(path))
    assert not address.is_network


def test_relative_path_cannot_be_taken_for_a_protocol() -> None:
    assert parse_address("file:exec:ls").full == "./exec:ls"


@given(st.text(max_size=80))
def test_any_text_is_accepted_or_refused_with_the_one_error(text: str) -> None:
    try:
        address = parse_address(text)
    except CameraAddressError:
        return
    assert isinstance(address, CameraAddress)
    assert address.scheme in {"rtsp", "rtsps", "http", "https", "file", "folder"}
