"""Cameras that send JPEG after JPEG over HTTP (multipart/x-mixed-replace).

httpx's transport is used without its client: the client logs whole addresses and follows
redirects by itself. Here a redirect is followed only on the same host and never from https down
to http, and a password is sent only when the camera asks for it.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import httpx

from amaan.city.address import CameraAddress, CameraAddressError, parse_address
from amaan.video.errors import (
    NoSuchStreamError,
    NotVideoError,
    SourceDamagedError,
    SourceError,
    SourceUnauthorisedError,
    SourceUnreachableError,
    UnsupportedCodecError,
)
from amaan.video.packets import Coded, StreamFormat, jpeg_packet
from amaan.video.pictures import JpegSplitter, picture_size
from amaan.video.settings import VideoSettings
from amaan.video.streams import probe_format

MAX_REDIRECTS = 3
GARBAGE_FACTOR = 2  # so many times the largest picture without one: no picture will come


@lru_cache
def _tls(accept_own: bool) -> ssl.SSLContext:
    """Make the context once: it costs 20 ms and a quarter megabyte each time."""
    context = ssl.create_default_context()
    if accept_own:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _split_secret(text: str) -> tuple[str, tuple[str, str] | None]:
    """Return the address without user and password, and these."""
    parts = urlsplit(text)
    userinfo, at, place = parts.netloc.rpartition("@")
    bare = urlunsplit((parts.scheme, place, parts.path or "/", parts.query, ""))
    if not at:
        return bare, None
    user, _, password = userinfo.partition(":")
    return bare, (unquote(user), unquote(password))


def _status_fault(status: int) -> SourceError | None:
    if status in (401, 403):
        return SourceUnauthorisedError("the camera refused the name and password")
    if status in (404, 410):
        return NoSuchStreamError("the camera answers, but has no stream at this path")
    if status != 200:
        return SourceUnreachableError(f"the camera answered with status {status}")
    return None


class MjpegSource:
    """One HTTP connection to a camera that sends JPEG pictures."""

    live = True
    notice = ""

    def __init__(
        self, address: CameraAddress, settings: VideoSettings, at: CameraAddress | None = None
    ) -> None:
        self._settings = settings
        self._name = urlsplit(address.full).hostname or ""
        self._ip = urlsplit((at or address).full).hostname or ""
        self._transport = httpx.HTTPTransport(
            verify=_tls(settings.accept_own_certificates), retries=0
        )
        self._response: httpx.Response | None = None
        self._format: StreamFormat | None = None
        fault: SourceError
        try:
            self._response = self._connect(address.full)
            return
        except httpx.TimeoutException:
            fault = SourceUnreachableError(f"no answer within {settings.open_timeout_s:g} s")
        except httpx.ConnectError:
            fault = SourceUnreachableError("the host is unknown, out of reach or refuses")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            fault = NotVideoError("the answer is not HTTP")
        except SourceError as error:
            fault = error
        self.close()
        raise fault

    def _connect(self, address: str) -> httpx.Response:
        bare, secret = _split_secret(address)
        host = urlsplit(bare).hostname
        for _ in range(MAX_REDIRECTS + 1):
            response = self._ask(bare, secret)
            if not response.is_redirect:
                break
            response.close()
            bare = self._redirected(bare, response.headers.get("location", ""), host)
        else:
            raise NotVideoError("the camera sends us from address to address")
        fault = _status_fault(response.status_code)
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if fault is None and kind and not kind.startswith(("multipart/", "image/jpeg")):
            shown = kind if kind.replace("/", "").replace("-", "").isalnum() else "something else"
            fault = NotVideoError(f"the camera answers with {shown[:40]}, not with JPEG pictures")
        if fault is not None:
            response.close()
            raise fault
        return response

    @staticmethod
    def _redirected(bare: str, location: str, host: str | None) -> str:
        target = urljoin(bare, location)
        try:
            scheme = parse_address(target).scheme
        except CameraAddressError:
            scheme = "refused"
        down = bare.startswith("https:") and scheme != "https"
        if scheme not in ("http", "https") or down or urlsplit(target).hostname != host:
            raise NotVideoError("the camera sends us on to another host or kind: refused")
        return _split_secret(target)[0]

    def _ask(self, bare: str, secret: tuple[str, str] | None) -> httpx.Response:
        """Ask openly first; answer a digest or basic challenge when there is one."""
        if secret is None:
            return self._send(self._request(bare))
        flow = httpx.DigestAuth(*secret).sync_auth_flow(self._request(bare))
        response = self._send(next(flow))
        with contextlib.suppress(StopIteration, httpx.ProtocolError):
            again = flow.send(response)
            response.close()
            response = self._send(again)
        challenge = response.headers.get("www-authenticate", "").lower()
        if response.status_code == 401 and "basic" in challenge and "digest" not in challenge:
            response.close()
            basic = httpx.BasicAuth(*secret).sync_auth_flow(self._request(bare))
            response = self._send(next(basic))
        return response

    def _request(self, bare: str) -> httpx.Request:
        wait_s = self._settings.open_timeout_s
        waits = {"connect": wait_s, "read": wait_s, "write": wait_s, "pool": wait_s}
        headers = {"User-Agent": "Amaan", "Accept": "multipart/x-mixed-replace, image/jpeg"}
        extensions: dict[str, object] = {"timeout": waits}
        url = httpx.URL(bare)
        if self._ip != self._name and url.host == self._name:
            headers["Host"] = url.netloc.decode("ascii")
            extensions["sni_hostname"] = self._name
            url = url.copy_with(host=self._ip)
        return httpx.Request("GET", url, headers=headers, extensions=extensions)

    def _send(self, request: httpx.Request) -> httpx.Response:
        response = self._transport.handle_request(request)
        response.request = request
        request.extensions["timeout"]["read"] = self._settings.read_timeout_s
        return response

    def packets(self) -> Iterator[Coded]:
        """Yield the pictures as they arrive; what stands between them is passed over."""
        response = self._response
        if response is None:
            return
        splitter = JpegSplitter(self._settings.max_part_bytes)
        begun = last = time.monotonic()
        silent_bytes = 0
        for data in self._chunks(response):
            now = time.monotonic()
            silent_bytes += len(data)
            for jpeg in splitter.feed(data):
                form = self._describe(jpeg)
                if form is None:
                    continue
                last, silent_bytes = now, 0
                at_s = now - begun
                yield Coded(jpeg_packet(jpeg, at_s), form, at_s, at_s, True, time.time())
            if silent_bytes > GARBAGE_FACTOR * self._settings.max_part_bytes:
                raise SourceDamagedError("what arrives holds no JPEG pictures")
            if now - last > self._settings.read_timeout_s:
                raise SourceUnreachableError(
                    f"no whole picture for {self._settings.read_timeout_s:g} s"
                )
        raise SourceUnreachableError("the camera closed the connection")

    def _chunks(self, response: httpx.Response) -> Iterator[bytes]:
        fault: SourceError
        try:
            yield from response.iter_raw()
            return
        except httpx.TimeoutException:
            fault = SourceUnreachableError(f"silent for {self._settings.read_timeout_s:g} s")
        except (httpx.HTTPError, OSError):
            fault = SourceUnreachableError("the connection broke off")
        raise fault

    def _describe(self, jpeg: bytes) -> StreamFormat | None:
        size = picture_size(jpeg)
        if size is None or 0 in size:
            return None
        if size[0] * size[1] > self._settings.max_pixels:
            raise UnsupportedCodecError(f"pictures of {size[0]}x{size[1]} are too large")
        known = self._format
        if known is None or (known.width, known.height) != size:
            self._format = probe_format("mjpeg", jpeg) or known
        return self._format

    def interrupt(self) -> None:
        """Cut the connection, which wakes its reader."""
        response = self._response
        stream = None if response is None else response.extensions.get("network_stream")
        line = None if stream is None else stream.get_extra_info("socket")
        if isinstance(line, socket.socket):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(httpx.HTTPError, OSError):
            if self._response is not None:
                self._response.close()
            self._transport.close()
