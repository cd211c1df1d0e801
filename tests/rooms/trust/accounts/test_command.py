"""`amaan accounts`, on a database whose centre does not run."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
from tests.people import PASSWORD
from typer.testing import CliRunner, Result

from amaan.app.cli import app


class Command:
    """Runs `amaan accounts` as a person at the machine would."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self._where = ["--data", str(folder), "--database", dsn]

    def __call__(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["accounts", *arguments, *self._where])

    def listed(self) -> dict[str, dict[str, object]]:
        answer = self("list", "--json")
        assert answer.exit_code == 0, answer.output
        return {one["username"]: one for one in json.loads(answer.stdout)}


@pytest.fixture
def accounts(tmp_path: Path, dsn: str) -> Command:
    return Command(tmp_path, dsn)


def test_accounts_are_added_granted_reset_and_listed(accounts: Command, dsn: str) -> None:
    root = accounts("add", "root.user", "Root User", "--grant", "administrator")
    assert root.exit_code == 0, root.output
    added = accounts("add", "a.khan", "Ayesha Khan", "--grant", "supervisor")
    assert len(added.stdout.strip()) == 23
    assert "good for one sign-in" in added.stderr
    shown = accounts.listed()["a.khan"]
    assert shown["grants"] == ["supervisor"]
    assert shown["state"] == "password to be changed"
    granted = accounts("grant", "A.Khan", "dispatcher", "call_taker")
    assert granted.stdout == "a.khan: call_taker, dispatcher\n"
    again = accounts("reset", "a.khan")
    assert again.exit_code == 0
    assert again.stdout != added.stdout
    assert accounts("unlock", "a.khan").exit_code == 0
    table = accounts("list")
    assert "Ayesha Khan" in table.stdout
    with psycopg.connect(dsn) as connection:
        rows = str(connection.execute("SELECT granted_by FROM trust.grants").fetchall())
        log = str(connection.execute("SELECT leaf FROM trust.audit_entries").fetchall())
    assert "system:cli:" in rows
    assert log.count('"outcome":"begun"') == log.count('"outcome":"allowed"') == 7
    assert added.stdout.strip() not in log
    assert "system:cli:" in log


def test_what_cannot_be_is_refused_and_written_down(accounts: Command, dsn: str) -> None:
    assert accounts("add", "root.user", "Root", "--grant", "administrator").exit_code == 0
    for wrong in (
        ("add", "x.y", "X", "--grant", "king"),
        ("add", "x.y", "X", "--grant", "supervisor@nowhere"),
        ("add", "root.user", "X"),
        ("grant", "root.user"),
        ("grant", "root.user", "supervisor"),
        ("reset", "nobody"),
    ):
        refused = accounts(*wrong)
        assert refused.exit_code != 0, wrong
        assert refused.stderr.startswith("error: "), wrong
    assert list(accounts.listed()) == ["root.user"]
    with psycopg.connect(dsn) as connection:
        log = str(connection.execute("SELECT leaf FROM trust.audit_entries").fetchall())
    assert log.count('"outcome":"failed"') == 6
    assert "last-administrator" in log
    assert PASSWORD not in log
