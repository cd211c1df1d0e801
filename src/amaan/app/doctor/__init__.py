"""Checks of the machine that Amaan is to run on, each with the way to mend it."""
