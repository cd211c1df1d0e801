"""Watching live at the centre: one stream from the worker, however many people watch it."""
