from __future__ import annotations

from amaan.app.health import Health, reads_check
from amaan.plates.ingest import IngestCounts


async def test_rejected_reads_degrade_the_health_and_are_counted() -> None:
    counts, health = IngestCounts(), Health("1")
    health.add("reads", reads_check(counts))
    assert (await health.report()).status == "ok"
    counts.rejected = 3
    report = await health.report()
    assert report.status == "degraded"
    assert report.checks["reads"].detail.startswith("3 reads were rejected")
