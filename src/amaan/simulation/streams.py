"""What a simulated camera serves, and how it may misbehave."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from amaan.simulation.loops import Loop


class Fault(StrEnum):
    """A way in which cameras fail while their connection stands."""

    NONE = "none"
    GARBAGE = "garbage"  # pictures full of noise
    BROKEN = "broken"  # the connection ends in the middle of a picture
    SILENT = "silent"  # nothing more comes


@dataclass(frozen=True, slots=True)
class Stream:
    """One camera's film. ``shift_s`` moves it against other cameras that show the same loop."""

    name: str
    loop: Loop
    shift_s: float = 0.0
    fault: Fault = Fault.NONE
    fault_after_s: float = 3.0

    def fault_at(self, watched_s: float) -> Fault:
        """Return how it misbehaves towards a client that has watched so long."""
        return self.fault if watched_s >= self.fault_after_s else Fault.NONE
