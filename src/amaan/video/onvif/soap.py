"""SOAP to one camera: zeep's, over our own connection and within our own limits.

onvif-zeep-async brings the descriptions of the services (WSDL), and they are read from the
package alone. Its own client is not used: it connects by name again for each service and goes
wherever an answer points. Media2 (Profile T) is not among its descriptions: ``raw`` speaks that.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

from lxml import etree
from zeep import Client, Settings
from zeep.exceptions import Error as ZeepError
from zeep.exceptions import Fault
from zeep.loader import parse_xml
from zeep.transports import Transport
from zeep.wsdl import Document
from zeep.wsse.username import UsernameToken

from amaan.video.onvif.errors import OnvifAnswerError, OnvifUnauthorisedError
from amaan.video.onvif.reach import Login, Reach

Service = Literal["device", "media", "ptz"]

DEVICE: Final = "http://www.onvif.org/ver10/device/wsdl"
MEDIA: Final = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2: Final = "http://www.onvif.org/ver20/media/wsdl"
PTZ: Final = "http://www.onvif.org/ver20/ptz/wsdl"
ENVELOPE: Final = "http://www.w3.org/2003/05/soap-envelope"
_DESCRIBED: Final[dict[Service, tuple[str, str]]] = {
    "device": ("devicemgmt.wsdl", f"{{{DEVICE}}}DeviceBinding"),
    "media": ("media.wsdl", f"{{{MEDIA}}}MediaBinding"),
    "ptz": ("ptz.wsdl", f"{{{PTZ}}}PTZBinding"),
}
_SETTINGS = Settings(
    strict=False, forbid_dtd=True, forbid_entities=True, forbid_external=True, xml_huge_tree=False
)
_REFUSALS = ("NotAuthorized", "FailedAuthentication", "FailedCheck", "InvalidSecurity")
_loading = threading.Lock()


class Soap:
    """Asks one camera. ``offset`` is what its clock is ahead of ours, for signed requests."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self.offset = timedelta(0)
        self._transport = _CameraTransport(reach)

    def call(
        self, service: Service, at: str, operation: str, *, signed: bool = True, **arguments: Any
    ) -> Any:
        """Return what an operation of a described service returns. Raises OnvifError."""
        document = _description(service)
        client = Client(
            document, wsse=self._token() if signed else None, transport=self._transport,
            settings=_SETTINGS,
        )  # fmt: skip
        proxy = client.create_service(_DESCRIBED[service][1], at)
        try:
            return getattr(proxy, operation)(**arguments)
        except Fault as fault:
            raise _refusal(operation, [name.localname for name in fault.subcodes or []]) from None
        except (ZeepError, etree.LxmlError, ValueError, TypeError, KeyError, AttributeError):
            raise OnvifAnswerError(f"the camera's answer to {operation} cannot be read") from None

    def raw(self, at: str, body: etree._Element) -> etree._Element:
        """Return the first element of the answer's body. Raises OnvifError."""
        operation = etree.QName(body).localname
        envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"s": ENVELOPE})
        etree.SubElement(envelope, f"{{{ENVELOPE}}}Header")
        etree.SubElement(envelope, f"{{{ENVELOPE}}}Body").append(body)
        token = self._token()
        if token is not None:
            token.apply(envelope, {})
        content = self._transport.post(at, etree.tostring(envelope), {}).content
        try:
            found = parse_xml(content, self._transport, settings=_SETTINGS)
            inner = found.find(f"{{{ENVELOPE}}}Body")
            answer = inner[0] if inner is not None else found
        except (ZeepError, etree.LxmlError, ValueError, IndexError, AttributeError):
            raise OnvifAnswerError(f"the camera's answer to {operation} cannot be read") from None
        if etree.QName(answer).localname == "Fault":
            values = [(value.text or "").rpartition(":")[2] for value in answer.iter("{*}Value")]
            raise _refusal(operation, values)
        if etree.QName(answer).localname != f"{operation}Response":
            raise OnvifAnswerError(f"the camera answers something else than {operation}")
        return answer

    def _token(self) -> UsernameToken | None:
        login = self.reach.login
        return None if login is None else _ShiftedToken(login, self.offset)


class _ShiftedToken(UsernameToken):
    """A digest of the password, made at the camera's time: cameras refuse what is not of now."""

    def __init__(self, login: Login, offset: timedelta) -> None:
        created = (datetime.now(UTC) + offset).replace(tzinfo=None, microsecond=0)
        super().__init__(
            login.user, login.password, use_digest=True, created=created, zulu_timestamp=True
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    """As much of an HTTP answer as zeep looks at."""

    content: bytes
    status_code: int = 200
    encoding: str = "utf-8"
    headers: dict[str, str] = field(
        default_factory=lambda: {"Content-Type": "application/soap+xml"}
    )


class _CameraTransport(Transport):
    """Sends through a Reach; loads nothing."""

    def __init__(self, reach: Reach) -> None:
        super().__init__()
        self._reach = reach

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> _Answer:
        """Return a camera's answer to an envelope. Raises OnvifError."""
        kind = headers.get("Content-Type", "application/soap+xml; charset=utf-8")
        content = self._reach.exchange(
            "POST", address, content=message, headers={"Content-Type": kind}
        )
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content:
            raise OnvifAnswerError("the camera's answer holds definitions of its own: refused")
        return _Answer(content)

    def get(self, address: str, params: object, headers: object) -> _Answer:
        """Refuse."""
        raise OnvifAnswerError("nothing is fetched for a description")

    def load(self, url: str) -> bytes:
        """Refuse."""
        raise OnvifAnswerError("nothing is fetched for a description")


class _PackageTransport(Transport):
    """Loads descriptions from the package's folder and from nowhere else."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def load(self, url: str) -> bytes:
        """Return a file of the folder."""
        path = Path(url).resolve()
        if "://" in url or not path.is_relative_to(self._folder):
            raise ValueError("a description outside its package")
        return path.read_bytes()


def _description(service: Service) -> Document:
    with _loading:
        return _loaded(service)


@cache
def _loaded(service: Service) -> Document:
    spec = find_spec("onvif")  # found, not imported: that would start clients of its own
    assert spec is not None, "onvif-zeep-async is installed with Amaan"
    assert spec.submodule_search_locations is not None
    folder = (Path(spec.submodule_search_locations[0]) / "wsdl").resolve()
    path = folder / _DESCRIBED[service][0]
    return Document(str(path), _PackageTransport(folder), settings=_SETTINGS)


def _refusal(operation: str, codes: list[str]) -> OnvifAnswerError | OnvifUnauthorisedError:
    if any(code in _REFUSALS for code in codes):
        return OnvifUnauthorisedError("the camera refuses the user or the password")
    return OnvifAnswerError(f"the camera refuses {operation}")
