"""Media2, the media service of Profile T, as far as it is needed here."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lxml import etree

from amaan.video.onvif.errors import OnvifAnswerError, OnvifElsewhereError
from amaan.video.onvif.model import Encoder, Profile
from amaan.video.onvif.soap import MEDIA2, Soap

_SCHEMA = "http://www.onvif.org/ver10/schema"
_TEXT_MOST, _URI_MOST = 120, 2048


def profiles(soap: Soap, at: str, most: int) -> Iterator[Profile]:
    """Yield the profiles that have an encoder. Raises OnvifError."""
    for one in soap.raw(at, _body("GetProfiles", ("Type", "All"))).findall("{*}Profiles")[:most]:
        coded = one.find("{*}Configurations/{*}VideoEncoder")
        token = _short(one.get("token", ""))
        if coded is None or not token:
            continue
        yield Profile(
            token=token,
            name=_short(one.findtext("{*}Name", "")) or token,
            encoder=_encoder(coded),
            audio=one.find("{*}Configurations/{*}AudioEncoder") is not None,
            ptz=one.find("{*}Configurations/{*}PTZ") is not None,
            stream_uri=_stream_uri(soap, at, token),
        )


def snapshot_uri(soap: Soap, at: str, profile: str) -> str:
    """Return where the camera's own picture is, as it says. Raises OnvifError."""
    return _uri(soap.raw(at, _body("GetSnapshotUri", ("ProfileToken", profile))))


def set_encoder(soap: Soap, at: str, token: str, fps: int, gop: int) -> None:
    """Set an encoder, all else as the camera told it. Raises OnvifError."""
    asked = _body("GetVideoEncoderConfigurations", ("ConfigurationToken", token))
    found = [
        one for one in soap.raw(at, asked).findall("{*}Configurations") if one.get("token") == token
    ]
    if not found:
        raise OnvifAnswerError("the camera has no such encoder")
    coded = found[0]
    rate = coded.find("{*}RateControl/{*}FrameRateLimit")
    if rate is None or not coded.get("GovLength", ""):
        raise OnvifAnswerError("this stream's keyframes cannot be set")
    rate.text = str(fps)
    coded.set("GovLength", str(gop))
    coded.tag = f"{{{MEDIA2}}}Configuration"
    change = etree.Element(f"{{{MEDIA2}}}SetVideoEncoderConfiguration")
    change.append(coded)
    soap.raw(at, change)


def _stream_uri(soap: Soap, at: str, profile: str) -> str:
    asked = _body("GetStreamUri", ("Protocol", "RTSP"), ("ProfileToken", profile))
    return soap.reach.stream_url(_uri(soap.raw(at, asked)))


def _body(operation: str, *parts: tuple[str, str]) -> etree._Element:
    body = etree.Element(f"{{{MEDIA2}}}{operation}")
    for name, text in parts:
        etree.SubElement(body, f"{{{MEDIA2}}}{name}").text = text
    return body


def _uri(answer: etree._Element) -> str:
    text = answer.findtext("{*}Uri", "").strip()
    if not text or len(text) > _URI_MOST:
        raise OnvifElsewhereError("the camera names no address for one of its streams")
    return text


def _encoder(coded: etree._Element) -> Encoder:
    return Encoder(
        token=_short(coded.get("token", "")),
        codec=_short(coded.findtext("{*}Encoding", "")),
        width=_count(coded.findtext("{*}Resolution/{*}Width", "")),
        height=_count(coded.findtext("{*}Resolution/{*}Height", "")),
        fps=_number(coded.findtext("{*}RateControl/{*}FrameRateLimit", "")),
        gop=_count(coded.get("GovLength", "")),
        kbps=_count(coded.findtext("{*}RateControl/{*}BitrateLimit", "")),
    )


def _short(text: str) -> str:
    return text.strip() if len(text) <= _TEXT_MOST and text.isprintable() else ""


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if math.isfinite(value) and 0 <= value < 1_000_000 else 0.0
