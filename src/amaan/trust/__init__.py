"""Who may: accounts, sessions, worker tokens, sealed secrets."""
