"""The room's only SQL: ``ingest`` writes reads, ``entries`` keeps the hot-list, ``search`` asks."""
