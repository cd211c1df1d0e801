"""Write docs/settings.md from the settings models. ``--check`` only tells whether it is current."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from amaan.app.settings import CentreSettings
from amaan.app.worker.settings import WorkerSettings

PAGE = Path(__file__).resolve().parent.parent / "docs/settings.md"
HEAD = """# Settings

Flags of `amaan up` win over `AMAAN_` variables, and these over the defaults. Nested ones are
joined by two underscores: `AMAAN_TRUST__SESSION_IDLE=PT20M`. This page is written by
`python scripts/settings_page.py` from the models; a test fails when it is not current.
"""
WORKER = """`AMAAN_WORKER_` variables: `AMAAN_WORKER_VIDEO__RECENT_S=600`. Flags of `amaan worker`
win over them. Workers that `amaan up` starts have its environment, so what is set there reaches
each of them. `amaan watch` and `amaan plates` read no variables: they use the defaults of
`video`, `reader` and `pipeline`."""
MODELS: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("The centre", "`AMAAN_` variables", CentreSettings),
    ("A worker", WORKER, WorkerSettings),
)


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "*(packaged)*" if field.default_factory else "*(required)*"
    return "*(none)*" if field.default is None else f"`{field.default}`"


def _rows(model: type[BaseModel], prefix: str) -> list[str]:
    rows = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and get_origin(kind) is None and issubclass(kind, BaseModel):
            rows += _rows(kind, f"{prefix}{name}.")
            continue
        assert field.description, f"{model.__name__}.{name} is not described"
        rows.append(f"| `{prefix}{name}` | {_default(field)} | {field.description} |")
    return rows


def page() -> str:
    """Return the page as it should be."""
    parts = [HEAD]
    for title, where, model in MODELS:
        rows = "\n".join(_rows(model, ""))
        parts.append(
            f"## {title}\n\n{where}\n\n| name | default | meaning |\n|---|---|---|\n{rows}\n"
        )
    return "\n".join(parts)


def main() -> int:
    """Write the page, or with ``--check`` compare it; return the exit code."""
    if "--check" in sys.argv:
        return 0 if PAGE.read_text() == page() else 1
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
