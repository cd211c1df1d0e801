from lxml.etree import QName

class Error(Exception): ...

class Fault(Error):  # noqa: N818
    subcodes: list[QName] | None
