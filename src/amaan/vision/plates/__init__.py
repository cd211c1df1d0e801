"""Adapters that find and read plates, and what they share: grammar, layout, decoding."""
