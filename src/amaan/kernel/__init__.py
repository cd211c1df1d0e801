"""Clock, ids, geography, events, base error. Pure."""
