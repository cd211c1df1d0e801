"""Settings of the embedded server: durable first, then quick for steady ingest."""

from __future__ import annotations

import shutil
from pathlib import Path

import psutil

MIB = 1 << 20


def settings_text(sockets: Path, *, durable: bool) -> str:
    """Return the text of ``amaan.conf``, which the server reads after its own settings."""
    memory = psutil.virtual_memory().total
    # A sixteenth of memory: the rest of this machine decodes video and caches files.
    shared_buffers = min(max(memory // 16 // MIB, 128), 512)
    on = "on" if durable else "off"
    values = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "60",
        "fsync": on,
        "synchronous_commit": on,
        "full_page_writes": on,
        "shared_buffers": f"{shared_buffers}MB",
        "effective_cache_size": f"{max(memory // 2 // MIB, 256)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        # Reads arrive at up to 20,000 a second: checkpoints far apart write each page once.
        "max_wal_size": "4GB" if durable else "512MB",
        "min_wal_size": "256MB" if durable else "80MB",
        "checkpoint_timeout": "15min",
        "wal_buffers": "16MB",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_min_duration_statement": "2s",
        "log_parameter_max_length": "0",  # values may be plates or sealed secrets
        "log_parameter_max_length_on_error": "0",
        # One file a weekday, overwritten a week later: the log cannot fill the disk.
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgresql-%a.log",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_truncate_on_rotation": "on",
    }
    if _small_shared_memory():
        values["dynamic_shared_memory_type"] = "mmap"
    lines = (f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in values.items())
    return "# Written by Amaan at every start.\n" + "\n".join(lines) + "\n"


def _small_shared_memory() -> bool:
    """Tell whether /dev/shm is as small as containers give it (64 MB): big plans fail there."""
    try:
        return shutil.disk_usage("/dev/shm").total < 256 * MIB  # noqa: S108
    except OSError:
        return True
