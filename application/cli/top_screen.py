"""How `tradewind top` looks: one screen of a board."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from application.cli.console import sparkline

if TYPE_CHECKING:
    from tradewind.rt.board import Board

WIDTH = 60
"""Characters of a sparkline."""
HEIGHT = 7
"""Lines of a panel: five rows and its frame."""
KEYS = "q quit   1 15 minutes   2 an hour   3 three hours"


def screen(board: Board) -> RenderableType:
    """Everything on one screen."""
    return Group(
        _headline(board),
        _sales(board),
        _beside(_funnel(board), _cities(board), _categories(board)),
        _beside(_stock(board), _flash_sales(board), _latest(board)),
        Text(KEYS, style="dim"),
    )


def _beside(*panels: Panel) -> Table:
    """Panels of one width in a row."""
    row = Table.grid(expand=True)
    for _ in panels:
        row.add_column(ratio=1)
    row.add_row(*panels)
    return row


def bars(values: Sequence[Decimal | int], width: int = WIDTH) -> str:
    """The values as a sparkline of this width; neighbours are added up where there are more than fit."""
    step = -(-len(values) // width)
    line = sparkline([float(sum(values[start : start + step])) for start in range(0, len(values), step)])
    return "".join(bar * max(1, width // len(values)) for bar in line)


def _headline(board: Board) -> RenderableType:
    kpi = board.kpi
    behind = kpi["seconds_behind"]
    delay = "nothing was ever captured" if behind is None else f"{behind:.1f} s behind the shop"
    state = (
        Text(f" STALE: {delay} ", style="bold white on red")
        if kpi["is_stale"]
        else Text(delay, style="green")
    )
    table = Table.grid(padding=(0, 3))
    table.add_row(
        Text("tradewind top", style="bold"),
        f"today {kpi['gmv_today']:,.2f}",
        f"{kpi['order_count_today']:,} orders",
        _change(kpi["gmv_change_to_yesterday_rate"], "yesterday"),
        _change(kpi["gmv_change_to_week_ago_rate"], "a week ago"),
        state,
    )
    return table


def _change(rate: float | None, what: str) -> Text:
    if rate is None:
        return Text(f"- to {what}", style="dim")
    return Text(f"{rate:+.0%} to {what}", style="green" if rate >= 0 else "red")


def _sales(board: Board) -> Panel:
    minutes = int(board.window.total_seconds() // 60)
    table = Table.grid(padding=(0, 2))
    table.add_row("GMV", Text(bars(board.gmv), style="cyan"), f"{sum(board.gmv):,.2f}")
    table.add_row("orders", Text(bars(board.orders), style="magenta"), f"{sum(board.orders):,}")
    table.add_row(
        "", Text(f"{board.minutes[0]:%H:%M} UTC to now", style="dim"), f"{board.cancelled:,} cancelled"
    )
    return Panel(table, title=f"the last {minutes} minutes, per minute", title_align="left", box=box.ROUNDED)


def _funnel(board: Board) -> Panel:
    views, carts, purchases = board.funnel
    rows = [("views", f"{views:,}", ""), ("carts", f"{carts:,}", _share(carts, views)),
            ("purchases", f"{purchases:,}", _share(purchases, carts))]  # fmt: skip
    return _panel("funnel", rows)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"


def _cities(board: Board) -> Panel:
    return _panel("cities", [(city, f"{orders:,}", f"{gmv:,.2f}") for city, orders, gmv in board.cities])


def _categories(board: Board) -> Panel:
    return _panel(
        "categories", [(name, f"{units:,}", f"{gmv:,.2f}") for name, units, gmv in board.categories]
    )


def _stock(board: Board) -> Panel:
    alerts, below = board.stock_alerts
    stuck, oldest = board.stuck
    rows = [(name, f"{quantity:,}", f"-{out:,}/h") for name, _, quantity, _, out in board.stock]
    pending = f"{stuck:,} stuck orders" + (f", up to {oldest:,} min" if stuck else "")
    return _panel(f"stock: {alerts:,} alerts, {below:,} below safety", rows, pending)


def _flash_sales(board: Board) -> Panel:
    return _panel(
        "flash sales",
        [(name, f"{sold:,} of {quota:,}", f"{rate:.0%}") for name, sold, quota, rate in board.flash_sales],
    )


def _latest(board: Board) -> Panel:
    return _panel(
        "latest orders",
        [
            (f"{at:%H:%M:%S} {city}", channel, f"{amount:,.2f}")
            for at, city, channel, _, amount in board.latest
        ],
    )


def _panel(title: str, rows: Iterable[tuple[Any, ...]], below: str | None = None) -> Panel:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return Panel(
        table,
        title=title,
        title_align="left",
        subtitle=below,
        subtitle_align="left",
        box=box.ROUNDED,
        height=HEIGHT,
    )
