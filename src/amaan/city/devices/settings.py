"""Where devices' messages come from, and when a device counts as silent."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class BrokerSettings(BaseModel):
    """An MQTT broker that site devices publish to. Without a host the centre asks none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(
        default="",
        title="Broker",
        description="Name or address of the MQTT broker; empty: there is none.",
    )
    port: int = Field(default=8883, ge=1, le=65535, title="Port", description="TCP port.")
    tls: bool = Field(
        default=True,
        title="TLS",
        description="Speak TLS and check the broker's certificate. May be off on this machine "
        "alone.",
    )
    ca_file: Path | None = Field(
        default=None,
        title="Certificate authority",
        description="PEM file of the authority that signed the broker's certificate; without it "
        "the machine's own list is used.",
    )
    user: str = Field(default="", title="User", description="Name to sign in with.")
    password_file: Path | None = Field(
        default=None,
        title="Password file",
        description="File whose first line is the password. It is read at every connection.",
    )
    topic: str = Field(
        default="amaan",
        pattern=r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$",
        title="Topic",
        description="Devices publish to TOPIC/site/device.",
    )

    @model_validator(mode="after")
    def _in_the_open_only_at_home(self) -> BrokerSettings:
        if self.host and not self.tls and self.host not in LOOPBACK:
            raise ValueError("a broker on another machine is spoken to by TLS")
        return self


class DeviceSettings(BaseModel):
    """Site devices."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    silent_after_s: float = Field(
        default=180.0,
        ge=10,
        le=86_400,
        title="Silence",
        description="Seconds without a message after which a device counts as silent.",
    )
    zone: str = Field(
        default="Asia/Karachi",
        title="Time zone",
        description="Zone of the weekly hours at which cabinet doors may be opened.",
    )
    broker: BrokerSettings = Field(
        default=BrokerSettings(), title="Broker", description="MQTT intake of telemetry."
    )

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no time zone {zone}") from error
        return zone
