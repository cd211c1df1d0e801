"""Opens an address: a camera by RTSP or MJPEG, a file, a folder of stills."""

from __future__ import annotations

from amaan.city.address import CameraAddress
from amaan.video.errors import NoSuchStreamError
from amaan.video.packets import Source
from amaan.video.reaching import pinned
from amaan.video.settings import VideoSettings
from amaan.video.streams import open_file, open_rtsp


def open_source(address: CameraAddress, settings: VideoSettings, *, audio: bool = False) -> Source:
    """Open one connection or one pass; blocks for at most about twice the open timeout.

    What only MJPEG and stills need (20 MB of libraries) is loaded with the first of them.

    Raises SourceError, whose detail never holds the address.
    """
    at = pinned(address, settings.networks)
    if address.scheme in ("rtsp", "rtsps"):
        return open_rtsp(at, settings, audio=audio)
    if address.scheme in ("http", "https"):
        from amaan.video.mjpeg import MjpegSource

        return MjpegSource(address, settings, at)
    if address.path is None:
        raise NoSuchStreamError("the address has no path")
    if address.scheme == "folder" or address.path.is_dir():
        from amaan.video.stills import StillsSource

        return StillsSource(address.path, settings)
    return open_file(address.path, settings, audio=audio)
