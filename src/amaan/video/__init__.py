"""Streams pulled once: sources, recording, clips, camera health."""
