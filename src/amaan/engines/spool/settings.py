"""Limits of a spool on disk."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

MIB = 1024 * 1024


class SpoolSettings(BaseModel):
    """Where a spool lies and how much of the disk it may take."""

    model_config = ConfigDict(frozen=True)

    directory: Path = Field(description="Folder that holds the spool; one process at a time.")
    source: str = Field(min_length=1, max_length=64, description="Name of the worker.")
    file_kinds: frozenset[str] = Field(
        default=frozenset({"picture"}),
        description="Kinds kept as files beside the database: bulky, and the first to be given up.",
    )
    database_bytes: int = Field(
        default=2048 * MIB,
        ge=64 * 1024,
        description="The database's greatest size; about two million reads by default.",
    )
    file_bytes: int = Field(
        default=8192 * MIB, ge=0, description="Greatest sum of the files beside the database."
    )
    reserve_bytes: int = Field(
        default=64 * MIB,
        ge=0,
        description="Free disk that files may not eat into, so that there is room for reads.",
    )
    ballast_bytes: int = Field(
        default=8 * MIB,
        ge=0,
        description="Disk set by so that a full disk can still be drained (see ballast.py).",
    )
