"""The `amaan` command."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Amaan, for a safe city.")


def main() -> None:
    """Run the command line."""
    app()
