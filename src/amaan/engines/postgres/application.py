"""The role the centre works as. It owns nothing: migrations run as the owner, everything else not.

Who asks is told to PostgreSQL in the statement that begins each transaction, and forgotten by
PostgreSQL at its end. Row-level security (migration 0014) goes by it; not told, it shows nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from amaan.kernel.acting import Acting

ROLE: Final = "amaan_app"
EVERYWHERE: Final = "*"
_SITE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


def logged_in_as_role(dsn: str) -> str:
    """Return the connection string with ROLE for the user: for a server that trusts its socket."""
    return make_conninfo(dsn, user=ROLE)


def switched_to_role(dsn: str) -> str:
    """Return the connection string that takes ROLE up after a login that may."""
    return make_conninfo(dsn, options=options_of(dsn, {"role": ROLE}))


def options_of(dsn: str, settings: dict[str, str]) -> str:
    """Return libpq's ``options`` of a connection string with more settings; the new ones win."""
    given = conninfo_to_dict(dsn).get("options")
    added = [f"-c {name}={value}" for name, value in settings.items()]
    return " ".join([*([str(given)] if given else []), *added])


@lru_cache(maxsize=4096)
def beginning(who: Acting) -> str:
    """Return the statements that begin a transaction on somebody's behalf: one round trip.

    What is no code of a site is left out: neither a comma nor a ``*`` reaches further.
    """
    sites = EVERYWHERE
    if who.sites is not None:
        sites = ",".join(site for site in who.sites if _SITE.fullmatch(site))
    actor = who.actor.replace("\0", "").replace("'", "''")
    return (
        f"BEGIN; SET LOCAL amaan.actor = '{actor}'; SET LOCAL amaan.sites = '{sites}'; "
        f"SET LOCAL amaan.configures = '{'on' if who.configures else 'off'}'"
    )
