"""`tradewind top`: the shop's last minutes in the terminal, from the near-real-time marts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from application.cli.console import write
from application.cli.options import Json

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

WINDOWS = {"1": 15, "2": 60, "3": 180}
"""Keys and the minutes that they show."""
READ_AGAIN_SECONDS = 1.0
PICTURE_WIDTH = 120


def register(commands: typer.Typer) -> None:
    """Add this command."""
    commands.command()(top)


def top(
    minutes: Annotated[int, typer.Option("--minutes", min=2, max=1440, help="How far to look back.")] = 15,
    url: Annotated[
        str | None,
        typer.Option(
            "--url", help="A warehouse other than CLICKHOUSE_BI_URL: http://user:password@host:port."
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Print the figures and end.")] = False,
    svg: Annotated[
        Path | None, typer.Option("--svg", help="With --once: write a picture of them too.")
    ] = None,
    json_output: Json = False,
) -> None:
    """Watch the shop's last minutes in the terminal.

    GMV, orders, funnel, cities, categories, stock, flash sales, and how far behind the shop the figures are.
    Keys: q quits, 1 2 3 change the window. With --json, the figures are written once, and the command ends.
    """
    from tradewind.settings import load_settings
    from tradewind.warehouse.client import connect

    client = connect(url or load_settings().clickhouse_bi_url)
    window = timedelta(minutes=minutes)
    if json_output:
        _write(client, window)
    elif once:
        _print(client, window, svg)
    else:
        _watch(client, window)


def _write(client: Client, window: timedelta) -> None:
    import json
    from dataclasses import asdict

    from tradewind.rt.board import read_board

    write(json.dumps(asdict(read_board(client, window)), default=str, indent=2))


def _print(client: Client, window: timedelta, svg: Path | None) -> None:
    from rich.console import Console

    from application.cli.top_screen import screen
    from tradewind.rt.board import read_board

    console = Console(record=svg is not None, width=PICTURE_WIDTH, highlight=False, emoji=False)
    console.print(screen(read_board(client, window)))
    if svg:
        console.save_svg(str(svg), title="tradewind top")


def _watch(client: Client, window: timedelta) -> None:
    from rich.console import Console
    from rich.live import Live

    from application.cli.keys import Keys
    from application.cli.top_screen import screen
    from tradewind.rt.board import read_board

    console = Console(highlight=False, emoji=False)
    with Keys() as keys, Live(screen=True, auto_refresh=False, console=console) as live:
        while True:
            live.update(screen(read_board(client, window)), refresh=True)
            key = keys.next(READ_AGAIN_SECONDS)
            if key in ("q", "\x1b", "\x03"):
                return
            if key in WINDOWS:
                window = timedelta(minutes=WINDOWS[key])
