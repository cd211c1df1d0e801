"""Measures what the product promises, against a real centre in a process of its own."""
