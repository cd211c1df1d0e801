"""Structured logs without secrets: JSON lines in DIR/logs and, for people, on the terminal."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

FILE_BYTES = 10 << 20
FILES_KEPT = 5
MASK = "***"

_SECRET_KEY = re.compile(
    r"(?i)(pass(word|wd|phrase)?|pwd|secret|token|authorization|cookie|dsn|api_?key|sealed)$"
)
_MASKS = (
    # scheme://user:password@host, also where the password holds '@' or '/'
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://[^\s:/@'\"]*):[^\s'\"]+@"), rf"\1:{MASK}@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {MASK}"),
    (
        re.compile(
            r"(?i)\b((?:\w+_)?(?:pass(?:word|wd|phrase)?|pwd|secret|token|api_?key)['\"]?\s*[=:]\s*)"
            r"('[^']*'|\"[^\"]*\"|[^\s,;&'\")}\]]+)"
        ),
        rf"\1{MASK}",
    ),
)


def mask_text(text: str) -> str:
    """Mask passwords in addresses, bearer tokens and ``password=...`` wherever they stand."""
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return text


def _masked(value: object, depth: int = 0) -> object:
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, bytes):
        return mask_text(value.decode(errors="replace"))
    if depth < 4 and isinstance(value, Mapping):
        return {
            str(key): MASK if _SECRET_KEY.search(str(key)) else _masked(inner, depth + 1)
            for key, inner in value.items()
        }
    if depth < 4 and isinstance(value, list | tuple | set | frozenset):
        return [_masked(inner, depth + 1) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return mask_text(str(value))


def mask_event(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """structlog processor: mask by key and by content. The last one before rendering."""
    return {
        key: MASK if _SECRET_KEY.search(key) else _masked(value) for key, value in event.items()
    }


def start_logging(level: str, file: Path | None = None, *, to_stderr: bool = True) -> None:
    """Send structlog and the standard library's logs to stderr and to a file, masked.

    The terminal gets lines for people; a pipe gets the same JSON lines as the file. Tracebacks
    never show local variables: they may hold secrets.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_event,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    stderr = logging.StreamHandler(sys.stderr)
    stderr.setFormatter(_formatter(shared, for_people=sys.stderr.isatty()))
    handlers: list[logging.Handler] = [stderr] if to_stderr else []
    if file is not None:
        to_file = RotatingFileHandler(
            file, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8"
        )
        to_file.setFormatter(_formatter(shared, for_people=False))
        handlers.append(to_file)
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level.upper())
    logging.captureWarnings(capture=True)
    for name in ("httpx", "httpcore", "alembic", "psycopg.pool", "uvicorn.error", "asyncio"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _formatter(shared: list[Processor], *, for_people: bool) -> logging.Formatter:
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(
            colors=True, exception_formatter=structlog.dev.plain_traceback
        )
        if for_people
        else structlog.processors.JSONRenderer()
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
