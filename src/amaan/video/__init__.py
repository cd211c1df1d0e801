"""Streams pulled once: sources, recent recording, clips, camera health."""
