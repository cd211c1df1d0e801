"""What an administrator may set about the way in: names, proxies, rates."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated

from limits import parse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _rate(text: str) -> str:
    parse(text)
    return text


def _network(text: str) -> str:
    ip_network(text, strict=False)
    return text


Rate = Annotated[str, AfterValidator(_rate)]
Network = Annotated[str, AfterValidator(_network)]


class RateSettings(BaseModel):
    """How often, in a moving window. ``30/minute``, ``2000/hour``."""

    model_config = ConfigDict(frozen=True)

    enabled: bool = Field(
        default=True,
        title="Rate limits",
        description="Answer 429 with Retry-After to whoever asks too often.",
    )
    address: Rate = Field(
        default="12000/minute",
        title="Everything",
        description="Requests of one address (of one /64 in IPv6), workers' excepted. Behind a "
        "proxy that is not named in `console.proxies` everybody has the proxy's address.",
    )
    sign_in: Rate = Field(
        default="60/minute",
        title="Signing in",
        description="Attempts to sign in, with any factor, from one address.",
    )
    refused: Rate = Field(
        default="600/minute",
        title="Refusals",
        description="Answers 401 to one address, workers' wrong tokens among them; then nothing "
        "is looked at until the window has moved on.",
    )
    open: Rate = Field(
        default="600/minute",
        title="Without signing in",
        description="Requests to open routes from one address: health, log proofs, requests of "
        "the public.",
    )
    read: Rate = Field(
        default="6000/minute", title="Reading", description="Other reading of one session."
    )
    search: Rate = Field(
        default="600/minute",
        title="Searching",
        description="Searches and journeys, audit pages and reports of one session.",
    )
    export: Rate = Field(
        default="60/minute", title="Files", description="Exports and imports of one session."
    )
    write: Rate = Field(
        default="600/minute", title="Writing", description="Changes by one session."
    )
    stream: Rate = Field(
        default="120/minute",
        title="Event streams",
        description="Event streams that one session opens.",
    )
    worker: Rate = Field(
        default="600000/minute",
        title="Workers",
        description="Requests with one worker token, counted in whole minutes.",
    )


class ConsoleSettings(BaseModel):
    """What stands between the network and the rooms."""

    model_config = ConfigDict(frozen=True)

    hosts: tuple[str, ...] = Field(
        default=(),
        title="Names",
        description="Host names by which browsers reach this centre, besides `localhost`, this "
        "machine's own name and IP addresses. Any other is refused, so that no foreign name can "
        "be pointed here.",
    )
    proxies: tuple[Network, ...] = Field(
        default=(),
        title="Proxies",
        description="Addresses or networks of TLS proxies whose X-Forwarded-For is believed "
        "(its last entry that is no such proxy itself).",
    )
    behind_tls: bool = Field(
        default=False,
        title="Behind TLS",
        description="A TLS proxy stands in front: silences the warning of `amaan up --host`, "
        "asks browsers for HTTPS only (HSTS) and, with `trust.cookie_secure`, names the cookie "
        "`__Host-`.",
    )
    rates: RateSettings = Field(
        default=RateSettings(), title="Rates", description="How often one may ask."
    )
