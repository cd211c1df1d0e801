"""A worker's durable store-and-forward queue. Enters: bytes to ship. Leaves: the same, in order."""
