"""The XML that a simulated ONVIF device answers with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol
from xml.sax.saxutils import escape

ENVELOPE: Final = "http://www.w3.org/2003/05/soap-envelope"
DEVICE: Final = "http://www.onvif.org/ver10/device/wsdl"
MEDIA: Final = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2: Final = "http://www.onvif.org/ver20/media/wsdl"
PTZ: Final = "http://www.onvif.org/ver20/ptz/wsdl"

BOMB: Final = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9))
    + f']><s:Envelope xmlns:s="{ENVELOPE}"><s:Body>&j;</s:Body></s:Envelope>'
)
EXTERNAL: Final = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY x SYSTEM "http://{host}/secret">]>'
    f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body>&x;</s:Body></s:Envelope>'
)


class Stream(Protocol):
    """What is told of a stream."""

    token: str
    width: int
    height: int
    fps: int
    gop: int
    kbps: int
    codec: str


def _envelope(body: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{ENVELOPE}" '
        f'xmlns:tds="{DEVICE}" xmlns:trt="{MEDIA}" xmlns:tr2="{MEDIA2}" xmlns:tptz="{PTZ}" '
        'xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:ter="http://www.onvif.org/ver10/error">'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    )


INFORMATION: Final = _envelope(
    "<tds:GetDeviceInformationResponse><tds:Manufacturer>Amaan</tds:Manufacturer>"
    "<tds:Model>Simulated PTZ</tds:Model><tds:FirmwareVersion>1.0</tds:FirmwareVersion>"
    "<tds:SerialNumber>0001</tds:SerialNumber><tds:HardwareId>none</tds:HardwareId>"
    "</tds:GetDeviceInformationResponse>"
)


def fault(code: str) -> str:
    """Return a refusal."""
    return _envelope(
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:"
        f"{code}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang='en'>refused</s:Text>"
        "</s:Reason></s:Fault>"
    )


def clock(now: datetime) -> str:
    """Return the device's time."""
    return _envelope(
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
        "<tt:DateTimeType>Manual</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>"
        f"<tt:UTCDateTime><tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
        f"<tt:Second>{now.second}</tt:Second></tt:Time><tt:Date><tt:Year>{now.year}</tt:Year>"
        f"<tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date></tt:UTCDateTime>"
        "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def services(base: str, *, t: bool, turns: bool) -> str:
    """Return where the device's services are."""
    known = [(DEVICE, "device_service"), (MEDIA2, "media2") if t else (MEDIA, "media")]
    if turns:
        known.append((PTZ, "ptz"))
    listed = "".join(
        f"<tds:Service><tds:Namespace>{namespace}</tds:Namespace><tds:XAddr>{base}/{name}"
        "</tds:XAddr><tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version>"
        "</tds:Service>"
        for namespace, name in known
    )
    return _envelope(f"<tds:GetServicesResponse>{listed}</tds:GetServicesResponse>")


def profiles(streams: Sequence[Stream], *, t: bool, turns: bool) -> str:
    """Return a profile for each stream."""
    made = _profile2 if t else _profile
    listed = "".join(made(one, turns) for one in streams)
    return _envelope(f"<{_p(t)}:GetProfilesResponse>{listed}</{_p(t)}:GetProfilesResponse>")


def _profile2(one: Stream, turns: bool) -> str:
    motors = f"<tr2:PTZ token='Z1'>{_motors()}</tr2:PTZ>" if turns else ""
    return (
        f"<tr2:Profiles token='P{one.token}' fixed='true'><tr2:Name>{one.token}</tr2:Name>"
        f"<tr2:Configurations><tr2:VideoEncoder token='{one.token}' GovLength='{one.gop}'>"
        f"{_encoder2(one)}</tr2:VideoEncoder>{motors}</tr2:Configurations></tr2:Profiles>"
    )


def _profile(one: Stream, turns: bool) -> str:
    motors = f"<tt:PTZConfiguration token='Z1'>{_motors()}</tt:PTZConfiguration>" if turns else ""
    return (
        f"<trt:Profiles token='P{one.token}' fixed='true'><tt:Name>{one.token}</tt:Name>"
        f"<tt:VideoEncoderConfiguration token='{one.token}'>{_encoder(one)}"
        f"</tt:VideoEncoderConfiguration>{motors}</trt:Profiles>"
    )


def _motors() -> str:
    return "<tt:Name>Z1</tt:Name><tt:UseCount>1</tt:UseCount><tt:NodeToken>N1</tt:NodeToken>"


def encoder(one: Stream, *, t: bool) -> str:
    """Return how a stream is coded."""
    if t:
        return _envelope(
            "<tr2:GetVideoEncoderConfigurationsResponse>"
            f"<tr2:Configurations token='{one.token}' GovLength='{one.gop}'>{_encoder2(one)}"
            "</tr2:Configurations></tr2:GetVideoEncoderConfigurationsResponse>"
        )
    return _envelope(
        "<trt:GetVideoEncoderConfigurationResponse>"
        f"<trt:Configuration token='{one.token}'>{_encoder(one)}</trt:Configuration>"
        "</trt:GetVideoEncoderConfigurationResponse>"
    )


def _encoder2(one: Stream) -> str:
    return (
        f"<tt:Name>{one.token}</tt:Name><tt:UseCount>1</tt:UseCount>"
        f"<tt:Encoding>{one.codec}</tt:Encoding>{_size(one)}"
        f"<tt:RateControl ConstantBitRate='false'><tt:FrameRateLimit>{one.fps}</tt:FrameRateLimit>"
        f"<tt:BitrateLimit>{one.kbps}</tt:BitrateLimit></tt:RateControl><tt:Quality>4</tt:Quality>"
    )


def _encoder(one: Stream) -> str:
    return (
        f"<tt:Name>{one.token}</tt:Name><tt:UseCount>1</tt:UseCount>"
        f"<tt:Encoding>{one.codec}</tt:Encoding>{_size(one)}<tt:Quality>4</tt:Quality>"
        f"<tt:RateControl><tt:FrameRateLimit>{one.fps}</tt:FrameRateLimit>"
        f"<tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>{one.kbps}"
        f"</tt:BitrateLimit></tt:RateControl><tt:H264><tt:GovLength>{one.gop}</tt:GovLength>"
        "<tt:H264Profile>Main</tt:H264Profile></tt:H264><tt:Multicast><tt:Address>"
        "<tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address>"
        "<tt:Port>0</tt:Port><tt:TTL>1</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>"
        "<tt:SessionTimeout>PT60S</tt:SessionTimeout>"
    )


def _size(one: Stream) -> str:
    return (
        f"<tt:Resolution><tt:Width>{one.width}</tt:Width><tt:Height>{one.height}</tt:Height>"
        "</tt:Resolution>"
    )


def uri(operation: str, text: str, *, t: bool) -> str:
    """Return where a stream or a picture is."""
    if t:
        return _envelope(
            f"<tr2:{operation}Response><tr2:Uri>{text}</tr2:Uri></tr2:{operation}Response>"
        )
    return _envelope(
        f"<trt:{operation}Response><trt:MediaUri><tt:Uri>{text}</tt:Uri>"
        "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>"
        "<tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT60S</tt:Timeout>"
        f"</trt:MediaUri></trt:{operation}Response>"
    )


def presets(known: Mapping[str, str]) -> str:
    """Return the positions that a device knows."""
    listed = "".join(
        f"<tptz:Preset token='{token}'><tt:Name>{escape(name)}</tt:Name></tptz:Preset>"
        for token, name in known.items()
    )
    return _envelope(f"<tptz:GetPresetsResponse>{listed}</tptz:GetPresetsResponse>")


def turned(operation: str) -> str:
    """Return that a motor does what it was told."""
    return _envelope(f"<tptz:{operation}Response/>")


def done(operation: str, *, t: bool) -> str:
    """Return that something was set."""
    return _envelope(f"<{_p(t)}:{operation}Response/>")


def match(message_id: str, url: str) -> str:
    """Return a WS-Discovery answer."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{ENVELOPE}" '
        'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Header>'
        f"<a:RelatesTo>{escape(message_id)}</a:RelatesTo></s:Header><s:Body><d:ProbeMatches>"
        "<d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:0001</a:Address>"
        "</a:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>"
        "onvif://www.onvif.org/name/Simulated%20PTZ onvif://www.onvif.org/hardware/none "
        f"onvif://www.onvif.org/location/gate</d:Scopes><d:XAddrs>{url}</d:XAddrs>"
        "<d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches></s:Body>"
        "</s:Envelope>"
    )


def _p(t: bool) -> str:
    return "tr2" if t else "trt"
