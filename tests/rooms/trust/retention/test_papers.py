"""Papers that are over, and that come again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.authorities import PAPER, open_desk
from tests.rooms.trust.retention.month import Month

from amaan.trust.authority.model import DocumentNotFoundError


async def test_paper_that_was_removed_carries_no_authority_until_it_comes_again(
    month: Month,
) -> None:
    desk = await open_desk(month.engines.database, month.clock, month.blobs)
    first = await desk.active()
    await desk.service.withdraw(first.id, desk.asker)
    month.clock.advance(timedelta(days=2_600))
    again = await desk.asked(document=first.document)
    await month.night.run()
    assert month.files() == []
    with pytest.raises(DocumentNotFoundError):
        await desk.service.request(desk.asker, again)
    with pytest.raises(DocumentNotFoundError):
        await desk.service.document(first.document.sha256)

    await desk.active()
    month.clock.advance(timedelta(days=40))
    await month.night.run()
    assert month.files() == [PAPER]
    assert (await desk.service.document(first.document.sha256))[1] == PAPER
