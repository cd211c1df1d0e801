"""What happened and what was done: states, a timeline that only grows, pursuit over cameras."""
