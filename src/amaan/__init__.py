"""Amaan: an open command and control centre for a safe city."""

__version__ = "0.1.0"
