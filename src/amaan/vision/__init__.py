"""Pixels to observations: detector, reader, tracker, consensus. No database, no network."""
