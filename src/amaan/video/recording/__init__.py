"""Recording at the edge. Enters: packets. Leaves: segments on disk, a ledger of what is there."""
