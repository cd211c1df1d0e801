"""Proof of who did what: an RFC 6962 Merkle log, signed checkpoints, witnesses, verification."""
