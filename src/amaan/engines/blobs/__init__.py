"""Bytes by their SHA-256: on this machine's disk."""
