"""The `amaan` command."""

from __future__ import annotations

import typer

from amaan.app.commands import (
    accounts,
    audit,
    bench,
    cameras,
    demo,
    doctor,
    hotlist,
    misuse,
    plates,
    report,
    retention,
    roads,
    simulate,
    up,
    video,
    watch,
    worker,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Amaan, for a safe city.",
    pretty_exceptions_enable=False,  # they show local variables, which may hold secrets
)
app.command(epilog=up.EPILOG)(up.up)
app.command(epilog=demo.EPILOG)(demo.demo)
app.command(epilog=simulate.EPILOG)(simulate.simulate)
app.command()(worker.worker)
app.command()(watch.watch)
app.command()(doctor.doctor)
app.command(epilog=report.EPILOG)(report.report)
app.add_typer(plates.plates, name="plates")
app.add_typer(accounts.accounts, name="accounts")
app.add_typer(cameras.cameras, name="cameras")
app.add_typer(roads.roads, name="roads")
app.add_typer(hotlist.hotlist, name="hotlist")
app.add_typer(audit.audit, name="audit")
app.add_typer(retention.retention, name="retention")
app.add_typer(video.video, name="video")
app.add_typer(misuse.misuse, name="misuse")
app.add_typer(bench.bench, name="bench")


def main() -> None:
    """Run the command line."""
    app()
