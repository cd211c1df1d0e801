"""Not yet built: see the issue."""
