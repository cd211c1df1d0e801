from lxml.etree import _Element
from zeep import Settings
from zeep.transports import Transport

def parse_xml(
    content: bytes,
    transport: Transport,
    base_url: str | None = None,
    settings: Settings | None = None,
) -> _Element: ...
