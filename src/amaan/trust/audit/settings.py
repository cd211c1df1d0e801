"""What an administrator may set about the audit log."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

from amaan.trust.audit.model import NoteError
from amaan.trust.audit.notes import COSIGNATURE, VerifyKey


class AuditSettings(BaseModel):
    """Who witnesses the log."""

    model_config = ConfigDict(frozen=True)

    witnesses: tuple[str, ...] = Field(
        default=(),
        title="Witnesses",
        description="Keys of the witnesses whose signatures are taken, as `amaan audit witness` "
        "prints them.",
    )

    @field_validator("witnesses")
    @classmethod
    def _are_keys(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            try:
                kind = VerifyKey.parse(text).kind
            except NoteError as error:
                raise ValueError(error.detail) from error
            if kind != COSIGNATURE:
                raise ValueError("that is no witness's key")
        return value

    @property
    def witness_keys(self) -> tuple[VerifyKey, ...]:
        """The witnesses' keys."""
        return tuple(VerifyKey.parse(text) for text in self.witnesses)
