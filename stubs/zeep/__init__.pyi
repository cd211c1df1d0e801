from typing import Any

from zeep.transports import Transport
from zeep.wsdl import Document
from zeep.wsse.username import UsernameToken

class Settings:
    def __init__(
        self,
        strict: bool = ...,
        xml_huge_tree: bool = ...,
        forbid_dtd: bool = ...,
        forbid_entities: bool = ...,
        forbid_external: bool = ...,
    ) -> None: ...

class Client:
    def __init__(
        self,
        wsdl: Document,
        wsse: UsernameToken | None = None,
        transport: Transport | None = None,
        settings: Settings | None = None,
    ) -> None: ...
    def create_service(self, binding_name: str, address: str) -> Any: ...
