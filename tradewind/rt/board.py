"""The live figures of the last minutes, read from the marts in one go; what `tradewind top` shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

SALES = """
select minute, sum(order_count), sum(gmv), sum(cancelled_order_count)
from rt.rt_order_metrics where minute >= {since:DateTime('UTC')} group by minute order by minute"""
CITIES = """
select city, sum(order_count), sum(gmv)
from rt.rt_order_metrics where minute >= {since:DateTime('UTC')}
group by city order by sum(gmv) desc, city limit 5"""
CATEGORIES = """
select category, sum(units_sold), sum(gmv)
from rt.rt_category_velocity where window_start >= {since:DateTime('UTC')}
group by category order by sum(gmv) desc, category limit 5"""
FUNNEL = """
select sum(views), sum(carts), sum(purchases)
from rt.rt_funnel_metrics where window_start >= {since:DateTime('UTC')}"""
STUCK = "select count(), max(minutes_pending) from rt.rt_stuck_orders"
STOCK = """
select product_name, warehouse_name, quantity, safety_stock, outflow_1h
from rt.rt_stock_alerts order by is_below_safety_stock desc, outflow_1h desc, quantity, sku_id limit 5"""
STOCK_COUNT = "select count(), countIf(is_below_safety_stock) from rt.rt_stock_alerts"
FLASH_SALES = """
select product_name, sold_count, quota, sold_rate
from rt.rt_flash_sale_progress where is_running order by sold_rate desc, flash_sale_id limit 5"""
ORDERS = "select ordered_at, city, channel, status, total_amount from rt.rt_live_orders limit 5"
KPI = "select * from rt.v_live_kpi"


@dataclass(frozen=True)
class Board:
    """What there is to see, at one moment."""

    window: timedelta
    minutes: list[datetime]
    """The minutes of the window, without gaps; the last one is not over yet."""
    gmv: list[Decimal]
    orders: list[int]
    cancelled: int
    cities: list[tuple[Any, ...]]
    categories: list[tuple[Any, ...]]
    funnel: tuple[int, int, int]
    stuck: tuple[int, int]
    """How many orders, and for how many minutes the oldest."""
    stock: list[tuple[Any, ...]]
    stock_alerts: tuple[int, int]
    """How many, and how many of them below the safety stock."""
    flash_sales: list[tuple[Any, ...]]
    latest: list[tuple[Any, ...]]
    kpi: dict[str, Any]


def read_board(client: Client, window: timedelta) -> Board:
    """Read everything; raises clickhouse-connect's errors."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    since = now - window + timedelta(minutes=1)

    def rows(query: str) -> list[Any]:
        return list(client.query(query, parameters={"since": since}).result_rows)

    minutes = [since + timedelta(minutes=number) for number in range(int(window / timedelta(minutes=1)))]
    sales = {row[0].replace(tzinfo=UTC): row[1:] for row in rows(SALES)}
    nothing = (0, Decimal(0), 0)
    return Board(
        window=window,
        minutes=minutes,
        gmv=[Decimal(sales.get(minute, nothing)[1]) for minute in minutes],
        orders=[int(sales.get(minute, nothing)[0]) for minute in minutes],
        cancelled=sum(int(row[2]) for row in sales.values()),
        cities=rows(CITIES),
        categories=rows(CATEGORIES),
        funnel=tuple(int(count or 0) for count in rows(FUNNEL)[0]),  # type: ignore[arg-type]
        stuck=tuple(int(count or 0) for count in rows(STUCK)[0]),  # type: ignore[arg-type]
        stock=rows(STOCK),
        stock_alerts=tuple(int(count or 0) for count in rows(STOCK_COUNT)[0]),  # type: ignore[arg-type]
        flash_sales=rows(FLASH_SALES),
        latest=rows(ORDERS),
        kpi=_row(client, KPI),
    )


def _row(client: Client, query: str) -> dict[str, Any]:
    answer = client.query(query)
    return dict(zip(answer.column_names, answer.result_rows[0], strict=True))
