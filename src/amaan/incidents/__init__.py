"""Incidents. Enters: alarms, a person's word. Leaves: their timeline and pursuits."""
