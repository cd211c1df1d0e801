"""Misuse of the system by those who use it: nightly detectors over the audit log, and findings.

Enters: audit entries, and facts that an auditor keeps (declared vehicles, shifts, sensitive
places). Leaves: findings, shown to auditors only. Nobody in the street is looked at, and nobody
is scored: a finding is what happened, where it stands in the log, and why it is worth a question.
"""
