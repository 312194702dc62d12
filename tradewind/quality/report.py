"""The gate's last outcome as a page of HTML that needs nothing from elsewhere."""

from __future__ import annotations

from html import escape
from pathlib import Path

from tradewind.quality.gate import Outcome
from tradewind.quality.suite import DESCRIPTIONS

FILE = Path("quality") / "gate.html"
_STYLE = """\
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; color: #1b1f24 }
table { border-collapse: collapse; width: 100%; margin-bottom: 2rem }
th, td { text-align: left; padding: .4rem .8rem; border-bottom: 1px solid #d8dee4; overflow-wrap: anywhere }
.failed { color: #b3261e } .passed { color: #1a7f37 }"""


def write(home: Path, outcome: Outcome) -> Path:
    """Write the page of an outcome, whole; where it is. Without new events the last page keeps its rules."""
    page = home / FILE
    if outcome.rules or not page.exists():
        page.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = page.with_suffix(".draft")
        draft.write_text(html(outcome))
        draft.replace(page)
    return page


def html(outcome: Outcome) -> str:
    """The page."""
    rules = "".join(
        _row(
            each.rule,
            DESCRIPTIONS[each.rule],
            each.events,
            each.failed,
            "passed" if each.success else "failed",
        )
        for each in outcome.rules
    )
    events = "".join(
        _row(event.log, event.event_key, event.position, event.rule, event.column_name, event.value)
        for examples in outcome.examples.values()
        for event in examples
    )
    logs = ", ".join(log.name for log in outcome.validated) or "none"
    counts = "".join(_row(log, count) for log, count in sorted(outcome.quarantined.items()))
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Quality gate</title>"
        f"<style>{_STYLE}</style><h1>Quality gate</h1>"
        f"<p>Change logs with new events: {escape(logs)}</p>"
        f"<h2>Rules</h2>{_table('rule,expectation,events,failed,result', rules)}"
        f"<h2>Events in quarantine</h2>{_table('log,events', counts)}"
        f"<h2>The latest of each log</h2>{_table('log,key,position,rule,column,value', events)}</html>\n"
    )


def _table(columns: str, rows: str) -> str:
    heads = "".join(f"<th>{name}</th>" for name in columns.split(","))
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _row(*cells: object) -> str:
    return "<tr>" + "".join(f"<td class={_kind(cell)}>{escape(str(cell))}</td>" for cell in cells) + "</tr>"


def _kind(cell: object) -> str:
    return str(cell) if cell in ("passed", "failed") else "cell"
