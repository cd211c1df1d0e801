"""The camera worker. Enters: assignments and streams. Leaves: reads, pictures, clips, health."""
