"""How often one may ask: by address, by session, by worker token; 429 with Retry-After.

Built on ``limits`` (its notation and moving window) over a storage of our own: the library's
in-memory one starts a thread, or a task with threads, to expire what it holds, and holds keys
without bound; this one forgets lazily and never holds more than ``MOST_KEYS``.
"""

from __future__ import annotations

import hashlib
import math
import re
import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import ClassVar

from limits import RateLimitItem, parse
from limits.storage import MovingWindowSupport, Storage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from amaan.console.settings import ConsoleSettings, RateSettings
from amaan.kernel.errors import RefusedError
from amaan.trust.audit.addresses import client_address
from amaan.trust.guards import COOKIE

MOST_KEYS = 50_000  # windows held; the one used longest ago is forgotten first
WORKER_PATHS = re.compile(
    r"/api/video/(?:heartbeat|assignments|journal|channel|answers/[^/]+)$"
    r"|/api/video/clips/[^/]+(?:/failure)?$|/api/city/telemetry$"
    r"|/api/plates/(?:observations|changes)$|/api/plates/pictures/[^/]+$"
)
_SIGN_IN = re.compile(r"/api/trust/(?:sessions$|sessions/second-factor|passkeys/sign-in|oidc/)")
_OPEN = re.compile(
    r"/api/health$|/api/openapi\.json$|/api/trust/(?:audit/(?:checkpoint|consistency|witnesses)"
    r"|report|requests$|oidc$)|/metrics$"
)
_EXPORT = re.compile(r"/api/.*/(?:export|import)$")
_SEARCH = re.compile(
    r"/api/plates/(?:reads|journeys|reach|plates)|/api/trust/(?:audit/entries|report|findings)"
)


class TooManyError(RefusedError):
    """Asked too often."""

    code: ClassVar[str] = "too-many-requests"
    status: ClassVar[int] = 429


class RecentHits(Storage, MovingWindowSupport):
    """The hits of each key in its moving window, newest last; keys bounded."""

    STORAGE_SCHEME = ["amaan+memory"]  # noqa: RUF012  the base class asks for a list

    def __init__(self) -> None:
        self._hits: OrderedDict[str, deque[float]] = OrderedDict()
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()
        super().__init__()

    @property
    def base_exceptions(self) -> type[Exception]:
        """No error of a server behind it is possible."""
        return ValueError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count a hit if the window has room for it."""
        now = time.monotonic()
        hits = self._hits.get(key)
        if hits is None:
            hits = self._hits[key] = deque()
            if len(self._hits) > MOST_KEYS:
                self._hits.popitem(last=False)
        else:
            self._hits.move_to_end(key)
        while hits and hits[0] <= now - expiry:
            hits.popleft()
        if len(hits) + amount > limit:
            return False
        hits.extend([now] * amount)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return when the oldest hit in the window was, and how many there are."""
        del limit
        now = time.monotonic()
        inside = [at for at in self._hits.get(key, ()) if at > now - expiry]
        return (inside[0] if inside else now, len(inside))

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count in a fixed window that begins with its first hit; return the count."""
        now = time.monotonic()
        ends, count = self._counts.get(key, (0.0, 0))
        if ends <= now:
            ends, count = now + expiry, 0
        self._counts[key] = (ends, count + amount)
        if len(self._counts) > MOST_KEYS:
            self._counts.popitem(last=False)
        return count + amount

    def get(self, key: str) -> int:
        """Return the count of a fixed window."""
        ends, count = self._counts.get(key, (0.0, 0))
        return count if ends > time.monotonic() else 0

    def get_expiry(self, key: str) -> float:
        """Return when a fixed window ends, on the monotonic clock."""
        return self._counts.get(key, (time.monotonic(), 0))[0]

    def check(self) -> bool:
        """Say that it works."""
        return True

    def reset(self) -> int | None:
        """Forget everything."""
        held = len(self._hits) + len(self._counts)
        self._hits.clear()
        self._counts.clear()
        return held

    def clear(self, key: str) -> None:
        """Forget one key."""
        self._hits.pop(key, None)
        self._counts.pop(key, None)


@dataclass(frozen=True, slots=True)
class Asking:
    """Whose windows a request counts in: pairs of a rate's name and a key."""

    windows: tuple[tuple[str, str], ...]
    address: str
    worker: str | None = None


def address_of(scope: Scope, proxies: Sequence[IPv4Network | IPv6Network]) -> str:
    """Return the asker's address, by a trusted proxy's word where one stands between.

    IPv6 askers are counted by /64: one holder has all of it.
    """
    client = scope.get("client")
    said = Headers(scope=scope).getlist("x-forwarded-for")
    text = client_address(client[0].partition("%")[0] if client else None, said, proxies)
    try:
        address = ip_address(text)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(ip_network(f"{address}/64", strict=False))
    return str(address)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def asking(scope: Scope, address: str) -> Asking:
    """Return whose windows a request counts in. A key never holds a secret itself."""
    path, headers = scope["path"], Headers(scope=scope)
    scheme, _, token = headers.get("authorization", "").partition(" ")
    cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
    if WORKER_PATHS.match(path) and scheme.lower() == "bearer" and token and not cookie:
        return Asking((), address, _digest(token))
    windows = [("address", address)]
    session = _digest(cookie) if cookie else address
    writes = scope["method"] not in ("GET", "HEAD", "OPTIONS")
    if _SIGN_IN.match(path):
        windows.append(("sign_in" if writes or "/oidc/" in path else "read", address))
    elif _OPEN.match(path) and not cookie:
        windows.append(("open", address))
    elif path == "/api/console/events":
        windows.append(("stream", session))
    elif _EXPORT.match(path):
        windows.append(("export", session))
    elif writes and path.startswith("/api/"):
        windows.append(("write", session))
    elif _SEARCH.match(path):
        windows.append(("search", session))
    elif path.startswith("/api/"):
        windows.append(("read", session))
    return Asking(tuple(windows), address)


class Limits:
    """Counts; raises TooManyError."""

    def __init__(self, settings: ConsoleSettings) -> None:
        self._storage = RecentHits()
        self._moving = MovingWindowRateLimiter(self._storage)
        self._enabled = settings.rates.enabled
        self._proxies = [ip_network(text, strict=False) for text in settings.proxies]
        self._rates: dict[str, RateLimitItem] = {
            name: parse(getattr(settings.rates, name))
            for name in RateSettings.model_fields
            if name != "enabled"
        }

    def admit(self, scope: Scope) -> Asking | None:
        """Count a request. Raises TooManyError, whose ``retry_after_s`` says how long."""
        if not self._enabled:
            return None
        who = asking(scope, address_of(scope, self._proxies))
        refused = self._rates["refused"]
        if not self._moving.test(refused, "refused", who.address):
            raise self._too_many(refused, "refused", who.address)
        if who.worker is not None:
            rate = self._rates["worker"]
            key = rate.key_for("worker", who.worker)
            if self._storage.incr(key, rate.get_expiry()) > rate.amount:
                wait_s = self._storage.get_expiry(key) - time.monotonic()
                raise _error(wait_s)
        for name, key in who.windows:
            rate = self._rates[name]
            if not self._moving.hit(rate, name, key):
                raise self._too_many(rate, name, key)
        return who

    def answered(self, who: Asking | None, status: int) -> None:
        """Count an answer 401 against its address."""
        if who is not None and status == 401:
            self._moving.hit(self._rates["refused"], "refused", who.address)

    def _too_many(self, rate: RateLimitItem, *key: str) -> TooManyError:
        expiry = rate.get_expiry()
        oldest, _ = self._storage.get_moving_window(rate.key_for(*key), rate.amount, expiry)
        return _error(oldest + expiry - time.monotonic())


def _error(wait_s: float) -> TooManyError:
    return TooManyError(
        "too many requests: wait, then ask again", retry_after_s=max(1, math.ceil(wait_s))
    )
