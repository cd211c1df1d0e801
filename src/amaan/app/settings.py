"""The centre's settings: flags of `amaan up` win, then AMAAN_ variables, then these defaults."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from amaan.city.devices.settings import DeviceSettings
from amaan.city.networks import CameraNetworks
from amaan.city.roads.settings import RoadsSettings
from amaan.console.settings import ConsoleSettings
from amaan.incidents.settings import IncidentsSettings
from amaan.plates.settings import PlatesSettings
from amaan.trust.audit.settings import AuditSettings
from amaan.trust.authority.settings import AuthoritySettings
from amaan.trust.retention.settings import RetentionSettings
from amaan.trust.settings import TrustSettings
from amaan.video.playback.settings import PlaybackSettings


def _packaged(package: str, name: str) -> Path:
    return Path(str(files(package) / name))


class CentreSettings(BaseSettings):
    """Everything an administrator may set. Nested ones: AMAAN_TRUST__SESSION_IDLE=PT20M."""

    model_config = SettingsConfigDict(
        env_prefix="AMAAN_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    data: Path = Field(
        default=Path("amaan-data"),
        title="Data folder",
        description="Database, pictures, keys and logs lie here. Back it up; keep it private.",
    )
    host: str = Field(
        default="127.0.0.1",
        title="Address",
        description="Address to listen on. Beyond this machine put a TLS proxy in front.",
    )
    port: int = Field(default=8080, ge=0, le=65535, title="Port", description="TCP port.")
    database: SecretStr | None = Field(
        default=None,
        title="Database",
        description="Connection string of a PostgreSQL 16+ server. Without it the centre starts "
        "a server of its own under the data folder.",
    )
    database_owner: SecretStr | None = Field(
        default=None,
        title="Database owner",
        description="Connection string for migrations, where Database signs in as a role that owns "
        "nothing: a member of amaan_app. Without it Database is used for both.",
    )
    database_connections: int = Field(
        default=16,
        ge=4,
        le=200,
        title="Database connections",
        description="Connections the centre holds at most.",
    )
    workers: int = Field(
        default=1,
        ge=0,
        le=64,
        title="Workers",
        description="Camera worker processes started and restarted by the centre.",
    )
    remote_workers: tuple[str, ...] = Field(
        default=(),
        title="Remote workers",
        description="Names of workers on other machines that cameras are shared out to as well.",
    )
    basemap: Path = Field(
        default_factory=lambda: _packaged("amaan.simulation", "data/basemap.geojson"),
        title="Base map",
        description="GeoJSON file drawn under everything.",
    )
    static: Path = Field(
        default_factory=lambda: _packaged("amaan.console", "static"),
        title="Console files",
        description="Folder of the built console.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", title="Log level", description="Least severe message that is logged."
    )
    cameras: CameraNetworks = Field(
        default=CameraNetworks(), title="Cameras", description="Where cameras may be."
    )
    roads: RoadsSettings = Field(
        default=RoadsSettings(), title="Roads", description="How fast streets may be driven."
    )
    incidents: IncidentsSettings = Field(
        default=IncidentsSettings(), title="Incidents", description="How far a pursuit looks."
    )
    devices: DeviceSettings = Field(
        default=DeviceSettings(), title="Devices", description="Power, doors, links, disks."
    )
    console: ConsoleSettings = Field(
        default=ConsoleSettings(), title="Console", description="The way in: names, proxies, rates."
    )
    trust: TrustSettings = Field(
        default=TrustSettings(), title="Trust", description="Accounts and sessions."
    )
    audit: AuditSettings = Field(
        default=AuditSettings(), title="Audit", description="Who witnesses the audit log."
    )
    authority: AuthoritySettings = Field(
        default=AuthoritySettings(),
        title="Authority",
        description="How far and how long searches and hot-list entries may be allowed.",
    )
    retention: RetentionSettings = Field(
        default=RetentionSettings(), title="Retention", description="When the nightly run begins."
    )
    playback: PlaybackSettings = Field(
        default=PlaybackSettings(), title="Playback", description="Looking back, and exports."
    )
    plates: PlatesSettings = Field(
        default=PlatesSettings(), title="Plates", description="Ingest and search of reads."
    )

    @property
    def worker_names(self) -> tuple[str, ...]:
        """Local workers' names, ``worker-1`` on."""
        return tuple(f"worker-{number}" for number in range(1, self.workers + 1))

    @property
    def expected_workers(self) -> tuple[str, ...]:
        """Every worker that gets cameras."""
        return self.worker_names + self.remote_workers
