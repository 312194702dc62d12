"""`tradewind rt status|rebuild`: the near-real-time marts."""

from __future__ import annotations

from typing import Annotated

import typer

from application.cli.console import ERRORS, OUT, table, write
from application.cli.options import Json

commands = typer.Typer(help="The near-real-time marts.", no_args_is_help=True)

FRESHNESS = "select mart, newest_commit_at, seconds_behind, is_stale from rt.rt_freshness order by mart"


@commands.command()
def status(json_output: Json = False) -> None:
    """Show how far behind the shop each mart is."""
    import json

    from tradewind.settings import load_settings
    from tradewind.warehouse.client import connect

    rows = connect(load_settings().clickhouse_writer_url).query(FRESHNESS).result_rows
    if json_output:
        names = ("mart", "newest_commit_at", "seconds_behind", "is_stale")
        write(json.dumps([dict(zip(names, row, strict=True)) for row in rows], default=str, indent=2))
        return
    shown = [
        (mart, commit and f"{commit:%Y-%m-%d %H:%M:%S}", "-" if behind is None else f"{behind:.1f}", stale)
        for mart, commit, behind, stale in rows
    ]
    OUT.print(table(("mart", "newest commit (UTC)", "seconds behind", "stale"), shown))


@commands.command()
def rebuild(
    mart: Annotated[
        str | None, typer.Argument(help="A mart, such as rt_order_metrics; all of them without it.")
    ] = None,
    json_output: Json = False,
) -> None:
    """Compute marts anew from the change log.

    Readers see the old figures until the new ones are complete; nothing that arrives meanwhile is lost.
    """
    import json

    from application import near_real_time
    from tradewind.settings import load_settings

    with ERRORS.status("rebuilding"):
        states = near_real_time.rebuild(load_settings(), mart)
    if json_output:
        write(json.dumps({"rebuilt": states}, indent=2))
    else:
        OUT.print(f"rebuilt: {', '.join(states)}")
