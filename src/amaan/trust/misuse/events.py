"""What this chamber announces; shown to those who review misuse and to nobody else.

``trust.misuse_found``: key is the finding's id. Payload: ``id``, ``detector``, ``found_at``;
neither whom it is about nor what was looked for, as the outbox is read by other rooms.
"""

from __future__ import annotations

from typing import Final

from amaan.kernel.events import NewEvent
from amaan.trust.misuse.model import Finding

FOUND: Final = "trust.misuse_found"
SHOWN: Final = "finding.raised"
"""Under what name an auditor's console hears it."""
SHOWN_TO: Final = "trust.review_misuse"


def found(finding: Finding) -> NewEvent:
    """Announce a new finding."""
    return NewEvent(
        FOUND,
        str(finding.id),
        finding.found_at,
        {
            "id": str(finding.id),
            "detector": finding.suspicion.detector.value,
            "found_at": finding.found_at.isoformat(),
        },
    )
