"""Reads, hot-lists, matching, search. In: observations. Out: PlateMatched."""
