"""The `amaan` command."""

from __future__ import annotations

import typer

from amaan.app.commands import up, worker

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Amaan, for a safe city.")
app.command(epilog=up.EPILOG)(up.up)
app.command()(worker.worker)


def main() -> None:
    """Run the command line."""
    app()
