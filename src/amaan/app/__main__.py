"""`python -m amaan.app`: the same as `amaan`."""

from __future__ import annotations

from amaan.app.cli import main

main()
