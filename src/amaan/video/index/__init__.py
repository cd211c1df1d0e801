"""What was recorded where: the centre's index of every worker's ledger, and its timeline."""
