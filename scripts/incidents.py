"""Tries real incidents against a running centre and writes the table into docs/security.md.

``python scripts/incidents.py [--print]``; exits 1 when one of them was not refused. The list is
``tests/security/incident_list.py``, which the tests run too.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.security.incident_list import INCIDENTS, SHOWN_ELSEWHERE  # noqa: E402
from tests.security.world import world  # noqa: E402

PAGE = ROOT / "docs/security.md"
BEGIN, END = "<!-- incidents -->", "<!-- /incidents -->"
HEAD = "| incident | seen elsewhere | here |\n|---|---|---|\n"


def main() -> int:
    """Try everything; print and write the table; return the exit code."""
    rows, failed = [], 0
    with tempfile.TemporaryDirectory(prefix="amaan-incidents-") as data, world(Path(data)) as some:
        for incident in INCIDENTS:
            try:
                outcome = f"refused: {incident.trial(some)}"
            except AssertionError as error:
                outcome, failed = f"NOT REFUSED: {str(error)[:200]}", failed + 1
            print(f"{incident.name}: {outcome}")
            rows.append(f"| {incident.name} | {incident.elsewhere} | {outcome} |")
    rows += [f"| {name} | | by `{path}` |" for name, path in SHOWN_ELSEWHERE]
    if "--print" not in sys.argv and not failed:
        head, _, rest = PAGE.read_text().partition(BEGIN)
        table = HEAD + "\n".join(rows)
        PAGE.write_text(f"{head}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}")
    print(f"incidents: {len(INCIDENTS)} tried, {failed} not refused")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
