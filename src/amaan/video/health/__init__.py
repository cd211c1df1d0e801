"""How cameras stood over time: their log, and the availability that follows from it."""
