"""Who has an account and with which grants; groups of sites."""
