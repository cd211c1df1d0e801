from zeep import Settings
from zeep.transports import Transport

class Document:
    def __init__(
        self,
        location: str,
        transport: Transport,
        base: object = None,
        settings: Settings | None = None,
    ) -> None: ...
