"""Where a request comes from, and how refused workers are counted. Pure."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=1)
ADDRESSES_MOST: Final = 1_000
MANY: Final = "many"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Return networks by their text (``10.0.0.5``, ``10.1.0.0/16``). Raises ValueError."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def client_address(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Return the address of who asks.

    ``forwarded`` (every X-Forwarded-For line, in order: some proxies add a line of their own to
    those that the asker sent) counts only when the peer is a trusted proxy: then the last address
    in it that is no trusted proxy itself, as each proxy adds to its end.
    """
    if peer is None:
        return "unknown"
    if not forwarded or not _within(peer, trusted):
        return peer
    found = peer
    for hop in reversed(",".join(forwarded).split(",")):
        address = hop.strip()
        try:
            ipaddress.ip_address(address)
        except ValueError:
            return found
        found = address
        if not _within(address, trusted):
            return found
    return found


def _within(address: str, trusted: Sequence[Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted)


@dataclass(slots=True)
class _Window:
    since: datetime
    more: int = 0


class Refusals:
    """Refused workers: the first of an address is written at once, the rest of a minute as one."""

    def __init__(self) -> None:
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def is_first(self, address: str, now: datetime) -> bool:
        """Count a refusal; True when it is to be written by itself."""
        if address not in self._windows and len(self._windows) >= ADDRESSES_MOST:
            address = MANY
        window = self._windows.get(address)
        if window is None:
            self._windows[address] = _Window(now)
            return True
        window.more += 1
        return False

    def due(self, now: datetime) -> list[tuple[str, int]]:
        """Return (address, further refusals) of the minutes that are over, and forget them."""
        over = [
            address for address, window in self._windows.items() if now - window.since >= WINDOW
        ]
        closed = [(address, self._windows.pop(address).more) for address in over]
        return [(address, more) for address, more in closed if more]
