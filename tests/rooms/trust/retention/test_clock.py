"""When a run begins by itself, and that a wrong clock deletes nothing."""

from __future__ import annotations

from datetime import timedelta

from tests.rooms.trust.retention.month import Month

from amaan.trust.retention.settings import RetentionSettings

DAY = timedelta(days=1)


async def test_run_begins_by_itself_once_a_night(month: Month) -> None:
    settings, ran = RetentionSettings(), timedelta()
    assert await month.night.run_when_due(settings, ran)
    assert not await month.night.run_when_due(settings, ran)
    month.clock.advance(DAY)
    assert await month.night.run_when_due(settings, ran + DAY)


async def test_clock_that_jumps_ahead_deletes_nothing_until_it_is_put_right(month: Month) -> None:
    settings, ran = RetentionSettings(), timedelta()
    await month.read(month.days_ago(3), "YOUNG1")
    assert await month.night.run_when_due(settings, ran)
    month.clock.advance(60 * DAY)
    assert not await month.night.run_when_due(settings, ran + timedelta(minutes=1))
    assert not month.night.trusts_the_clock
    assert await month.plates() == ["YOUNG1"]
    month.clock.at -= 59 * DAY
    assert not await month.night.run_when_due(settings, ran + DAY)
    month.clock.advance(DAY)
    assert await month.night.run_when_due(settings, ran + 2 * DAY)
    assert await month.plates() == ["YOUNG1"]


async def test_run_of_a_clock_that_was_ahead_does_not_stop_those_after_it(month: Month) -> None:
    settings = RetentionSettings()
    at = month.clock.at
    month.clock.advance(400 * DAY)
    await month.night.run()
    month.clock.at = at
    await month.read(month.days_ago(40), "OVER11")
    assert await month.night.run_when_due(settings, timedelta())
    assert not await month.night.run_when_due(settings, timedelta())
    assert await month.plates() == []
