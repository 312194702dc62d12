"""What a dashboard waits for: the near-real-time marts over the states of a large shop.

The states of 10 million orders and 100 million events over 90 days are generated, as if captured.
Then the BI user asks every mart for its last hour and last day, over HTTP.

    python -m benchmarks.reading [--json] [--orders N] [--events N] [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import tempfile
import time
from pathlib import Path

from clickhouse_connect.driver.client import Client

from benchmarks.report import Result, machine, show
from benchmarks.warehouse_http import Client as HttpClient
from tests.fixtures.live_stack import LiveStack
from tradewind.rt import states

ORDERS, EVENTS, ROUNDS = 10_000_000, 100_000_000, 100
DAYS = 89
AT_ONCE = 2_000_000

AT = "now64(6, 'UTC') - toIntervalSecond({seconds}) + toIntervalSecond(intDiv(number * {seconds}, {rows}))"
PHRASES = {
    "{minute}": f"toStartOfMinute(toDateTime({AT}, 'UTC'))",
    "{at}": AT,
    "{old}": "now64(6, 'UTC') - toIntervalDay(1)",
    "{currency}": "['THB', 'VND', 'IDR', 'SGD', 'MYR', 'PHP', 'USD'][1 + cityHash64(number, 4) % 7]",
}
SMALL_STATES = {
    "state_inventory": 75_000, "state_product_skus": 15_000, "state_products": 5_000, "state_categories": 50,
    "state_fx_rates": 7 * 401, "state_flash_sales": 50, "state_users": 500_000, "state_warehouses": 5,
}  # fmt: skip

WINDOWED = {
    "rt_order_metrics": "select minute, sum(order_count), sum(gmv) from rt.rt_order_metrics "
    "where minute >= {since} group by minute",
    "rt_funnel_metrics": "select window_start, sum(views), sum(carts), sum(purchases) "
    "from rt.rt_funnel_metrics "
    "where window_start >= {since} group by window_start",
    "rt_events_per_minute": "select minute, sum(event_count) from rt.rt_events_per_minute "
    "where minute >= {since} group by minute",
    "rt_revenue_per_minute": "select * from rt.rt_revenue_per_minute where minute >= {since}",
    "rt_category_velocity": "select category, sum(units_sold), sum(gmv) from rt.rt_category_velocity "
    "where window_start >= {since} group by category",
    "mv_hourly_gmv": "select * from rt.mv_hourly_gmv where hour >= {since}",
}
SINCE = {"last hour": "now() - interval 1 hour", "last day": "now() - interval 1 day"}
UNWINDOWED = {
    "rt_stuck_orders": "select * from rt.rt_stuck_orders",
    "rt_stock_alerts": "select * from rt.rt_stock_alerts limit 100",
    "rt_flash_sale_progress": "select * from rt.rt_flash_sale_progress",
    "rt_live_orders": "select * from rt.rt_live_orders",
    "rt_live_events": "select * from rt.rt_live_events",
    "rt_user_activity": "select * from rt.rt_user_activity where user_id = 7",
    "rt_entity_activity": "select * from rt.rt_entity_activity "
    "where entity_kind = 'user' and entity_id = '7'",
    "rt_arrivals": "select * from rt.rt_arrivals",
    "rt_freshness": "select * from rt.rt_freshness",
    "v_live_kpi": "select * from rt.v_live_kpi",
}


def generate(client: Client, orders: int, events: int) -> None:
    """Fill the states."""
    tables = states.tables(client)
    sizes = {"state_user_events": events, "state_inventory_log": orders} | SMALL_STATES
    for state, select in selects().items():
        rows = sizes.get(state, orders)
        query = select.replace("{seconds}", str(DAYS * 86_400)).replace("{rows}", str(rows))
        table = tables[state]
        columns = _columns(client, table)
        for start in range(0, rows, AT_ONCE):
            numbers = f"numbers({start}, {min(AT_ONCE, rows - start)})"
            client.command(
                f"insert into rt.{table} ({columns}) select {columns} from ({query} from {numbers})"
            )
        client.command(f"optimize table rt.{table} final")


def selects() -> dict[str, str]:
    """State -> what generates it, from states.sql."""
    _, *parts = re.split(r"^-- (state_\w+)$", (Path(__file__).parent / "states.sql").read_text(), flags=re.M)
    found = dict(zip(parts[::2], parts[1::2], strict=True))
    for phrase, sql in PHRASES.items():
        found = {state: text.replace(phrase, sql) for state, text in found.items()}
    return found


def _columns(client: Client, table: str) -> str:
    query = (
        "select name from system.columns where database = 'rt' and table = {table:String} order by position"
    )
    rows = client.query(query, parameters={"table": table})
    return ", ".join(str(row[0]) for row in rows.result_rows)


def ask(reader: HttpClient, query: str, rounds: int) -> Result:
    """How long the answer to a query takes, over and over."""
    times = []
    for number in range(rounds + 3):
        started = time.perf_counter()
        reader.ask(query.encode())
        if number >= 3:
            times.append((time.perf_counter() - started) * 1000)
    cuts = statistics.quantiles(times, n=100)
    return {"p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98]}


def measure(orders: int = ORDERS, events: int = EVENTS, rounds: int = ROUNDS) -> dict[str, Result]:
    """Every mart, on states of this size."""
    with tempfile.TemporaryDirectory(prefix="tradewind-reading-") as folder:
        stack = LiveStack(Path(folder))
        try:
            stack.start_warehouse()
            stack.deploy()
            client = stack.warehouse.client(max_execution_time=0)
            generate(client, orders, events)
            for view in ("fx_rates_by_day_mv", "product_categories_mv"):
                client.command(f"system refresh view rt.{view}")
                client.command(f"system wait view rt.{view}")
            reader = HttpClient(stack.warehouse, "bi")
            results = {
                f"{mart}, {window}": ask(reader, query.format(since=since), rounds)
                for window, since in SINCE.items()
                for mart, query in WINDOWED.items()
            }
            return results | {mart: ask(reader, query, rounds) for mart, query in UNWINDOWED.items()}
        finally:
            stack.stop()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each query is asked")
    arguments = parser.parse_args()
    results = measure(arguments.orders, arguments.events, arguments.rounds)
    if arguments.json:
        print(json.dumps(results, indent=2))
        return
    print(machine())
    show(results, as_json=False)


if __name__ == "__main__":
    main()
