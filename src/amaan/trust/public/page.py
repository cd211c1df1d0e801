"""The report for people: plain, printable HTML in English and Urdu, made from its bytes alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any, Final

from amaan.trust.public.figures import COUNT, TABLES
from amaan.trust.public.words import WORDS, Language

_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#111;background:#fff}
table{border-collapse:collapse;margin:.5rem 0 2rem;width:100%}
caption{text-align:start;font-weight:600;font-size:1.15rem;padding:.25rem 0}
th,td{border:1px solid #767676;padding:.25rem .5rem;text-align:start}
td{text-align:end;font-variant-numeric:tabular-nums}
tfoot th,tfoot td{font-weight:600}
code{overflow-wrap:anywhere}
.draft{border:2px solid #111;padding:.5rem 1rem;font-weight:600}
.wide{overflow-x:auto}
@media print{body{margin:0;max-width:none}table{break-inside:avoid}}
"""


def html_of(report: bytes, language: Language, *, draft: bool = False) -> str:
    """Return a page of its own, without script, font or picture.

    ``draft``: the time is not over, which the page then says.
    """
    document = json.loads(report)
    say = WORDS[language]
    log, below = document["log"], document["suppressed_below"]
    parts = [
        "<!doctype html>",
        f'<html lang="{language}" dir="{"rtl" if language == "ur" else "ltr"}">',
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>{_of(say, 'title')}</title><style>{_STYLE}</style></head><body><main>",
        f"<h1>{_of(say, 'title')}</h1>",
        f"<p>{_of(say, 'period').format(_ltr(document['from']), _ltr(document['to']))}</p>",
    ]
    if draft:
        parts.append(f'<p class="draft" role="note">{_of(say, "draft")}</p>')
    parts.append(f"<p>{_of(say, 'suppressed').format(below)}</p>")
    for name in TABLES:
        parts.append(_table(say, name, document["tables"][name]))
    parts.append(f"<h2>{_of(say, 'check')}</h2><p>{_of(say, 'checked').format(log['size'])}</p>")
    parts.append(f'<p><code dir="ltr">{escape(log["root"])}</code></p>')
    parts.append("</main></body></html>\n")
    return "\n".join(parts)


def _ltr(text: str) -> str:
    return f'<bdi dir="ltr">{escape(text)}</bdi>'


def _of(say: Mapping[str, str], key: str) -> str:
    return escape(say.get(key, key.replace("_", " ")), quote=False)


def _table(say: Mapping[str, str], name: str, table: Mapping[str, Any]) -> str:
    rows: Mapping[str, Any] = table["rows"]
    columns = TABLES[name].columns
    simple = columns == (COUNT,)
    heading = "".join(f'<th scope="col">{_of(say, column)}</th>' for column in columns)
    lines = [
        f'<div class="wide" tabindex="0"><table><caption>{_of(say, "table." + name)}</caption>',
        f"<thead><tr><td></td>{heading}</tr></thead><tbody>",
    ]
    for row in TABLES[name].rows:
        cells = [rows[row]] if simple else [rows[row][column] for column in columns]
        lines.append(_row(_of(say, row), [_figure(say, cell) for cell in cells]))
    lines.append("</tbody>")
    totals = [table["total"]] if "total" in table else []
    if not simple:
        totals = [table["totals"][column] for column in columns]
    if totals:
        lines.append("<tfoot>")
        lines.append(_row(_of(say, "total"), [_figure(say, cell, "untold") for cell in totals]))
        lines.append("</tfoot>")
    lines.append("</table></div>")
    return "\n".join(lines)


def _row(name: str, cells: list[str]) -> str:
    return (
        f'<tr><th scope="row">{name}</th>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
    )


def _figure(say: Mapping[str, str], figure: Mapping[str, Any], small: str = "few") -> str:
    if figure["n"] is not None:
        return str(figure["n"])
    if figure["at_least"] == 0:
        return _of(say, small)
    return _of(say, "at_least").format(figure["at_least"])
