"""The demo city as a running centre: its simulator, what it is seeded with."""
