"""What an administrator may set about the audit log."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class AuditSettings(BaseModel):
    """Who witnesses the log."""

    model_config = ConfigDict(frozen=True)

    witnesses: tuple[str, ...] = Field(
        default=(),
        title="Witnesses",
        description="Keys of the witnesses whose signatures are taken, as `amaan audit witness` "
        "prints them.",
    )
