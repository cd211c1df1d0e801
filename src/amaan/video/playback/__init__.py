"""Recordings as people see them: played under a grant, taken out under an authority."""
