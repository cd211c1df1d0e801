"""Swappable machinery behind the Protocols of kernel."""
