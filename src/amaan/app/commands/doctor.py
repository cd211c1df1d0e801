"""`amaan doctor`: look at the machine, say how to mend it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def doctor(
    data: Annotated[Path, typer.Option(help="Folder that `up` will use.")] = Path("amaan-data"),
    host: Annotated[str, typer.Option(help="Address that `up` will listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port that `up` will listen on.")] = 8080,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check this machine and say how to mend what is wrong. Exit code 1 when something fails."""
    from rich.console import Console
    from rich.markup import escape

    from amaan.app.doctor.checks import Finding, all_checks

    marks = {"ok": "[green]ok  [/]", "warn": "[yellow]warn[/]", "fail": "[red]FAIL[/]"}
    screen = Console(highlight=False, soft_wrap=True)
    findings: list[Finding] = []
    for check in all_checks(data, host, port):
        finding = check()
        findings.append(finding)
        if not as_json:
            mend = f"\n       {escape(finding.mend)}" if finding.mend else ""
            saw = f"{finding.check:<10} {escape(finding.saw)}"
            screen.print(f"{marks[finding.level]}  {saw}{mend}")
    if as_json:
        answer = {
            "ok": all(finding.level != "fail" for finding in findings),
            "findings": [finding.as_dict() for finding in findings],
        }
        typer.echo(json.dumps(answer))
    if any(finding.level == "fail" for finding in findings):
        raise typer.Exit(1)
