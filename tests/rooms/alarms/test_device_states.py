"""The states of site devices and the alarms made of them know each other."""

from __future__ import annotations

from amaan.alarms.folding import trouble_of_device
from amaan.city.devices.model import SILENT, STATES

GOOD = {"mains", "solar", "closed", "maintenance", "quiet", "up", "ok"}


def test_every_state_that_is_not_good_makes_an_alarm_and_no_good_one_does() -> None:
    for kind, states in STATES.items():
        for state in (*states, SILENT):
            made = trouble_of_device(kind.value, state)
            assert made == (None if state in GOOD else f"{kind.value}_{state}")
