"""The pictures a simulated camera takes: a street, its traffic, plates that can be read."""
