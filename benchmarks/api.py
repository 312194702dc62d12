"""How quick the HTTP API of a built home is: cached, computed, and from a commit to live clients.

The home's stack runs (`tradewind up`). A second process of its API is started beside it, without a limit of
requests. Cached answers are asked for by `wrk`, on the same cores; computed ones differ each time; orders are
placed in the shop while many clients listen.

    python -m benchmarks.api [--json] [--clients N] [--seconds N]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.report import Result, machine, show
from tradewind.settings import PROJECT_ROOT, load_settings
from tradewind.stack.ports import any_free_port

CLIENTS, SECONDS, PER_SECOND = 500, 15, 10
CONNECTIONS = 8
COMPUTED = 200
CACHED = ("kpi/summary", "gmv/daily?limit=30", "products/top?limit=10", "gmv/realtime?limit=100")
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
ORDER = """
with placed as (
    insert into orders
        (customer_id, user_id, channel, currency, subtotal_amount, total_amount, ship_to_country, ordered_at)
    select customer_id, user_id, 'app', currency, 10, 10, ship_to_country, now()
    from orders where not is_test limit 1
    returning order_id
)
insert into order_items (order_id, line_number, product_id, sku_id, seller_id, quantity, unit_price)
select placed.order_id, 1, sold.product_id, sold.sku_id, sold.seller_id, 1, 10
from placed cross join (select product_id, sku_id, seller_id from order_items limit 1) as sold
"""


@dataclass(frozen=True)
class Api:
    """A process of the API, and a key."""

    port: int
    key: str

    @property
    def headers(self) -> dict[str, str]:
        """What lets a request in."""
        return {"Authorization": f"Bearer {self.key}"}


@contextlib.contextmanager
def running() -> Iterator[Api]:
    """The API of the home on a port of its own, without a limit of requests."""
    settings = load_settings()
    api = Api(any_free_port(), settings.required("api_key"))
    command = [sys.executable, "-m", "application.api", "--port", str(api.port)]
    environment = os.environ | {"TRADEWIND_API_REQUESTS_PER_MINUTE": "1000000000"}
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment)
    try:
        while not _answers(api):
            if process.poll() is not None:
                raise RuntimeError("the API has not started")
            time.sleep(0.1)
        yield api
    finally:
        process.terminate()
        process.wait()


def _answers(api: Api) -> bool:
    try:
        return _ask(http.client.HTTPConnection("127.0.0.1", api.port, timeout=10), api, "kpi/summary") > 0
    except OSError:
        return False


def cached(api: Api, seconds: int) -> dict[str, Result]:
    """Per address what wrk measures."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is needed: apt-get install wrk")
    return {f"cached {path}": _wrk(api, path, seconds) for path in CACHED}


def _wrk(api: Api, path: str, seconds: int) -> Result:
    url = f"http://127.0.0.1:{api.port}/api/v1/{path}"
    command = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{seconds}s"]
    command += [
        "--latency",
        *(word for name, text in api.headers.items() for word in ("-H", f"{name}: {text}")),
    ]
    said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise RuntimeError(said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    times = dict(re.findall(r"(50|99)%\s+(\S+)", said))
    if rate is None or len(times) != 2:
        raise RuntimeError(f"wrk says something else than expected: {said}")
    return {
        "requests_per_second": float(rate[1]),
        "p50_ms": _milliseconds(times["50"]),
        "p99_ms": _milliseconds(times["99"]),
    }


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]
    return float(number) * MILLISECONDS[unit]


def computed(api: Api) -> Result:
    """Answers that nobody has asked for before, one after the other."""
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=60)
    paths = [
        path.format(number)
        for number in range(COMPUTED // 4)
        for path in (
            "products/top?limit={0}1",
            "customers/rfm?user_id={0}",
            "gmv/daily?from=2020-01-01&limit={0}1",
            "sellers/scorecard?limit={0}1",
        )
    ]
    return _spread([_ask(connection, api, path) for path in paths])


def _ask(connection: http.client.HTTPConnection, api: Api, path: str) -> float:
    started = time.perf_counter()
    connection.request("GET", f"/api/v1/{path}", headers=api.headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.HTTPStatus.OK:
        raise OSError(f"{path}: {answer.status} {body.decode()}")
    return time.perf_counter() - started


async def live(api: Api, clients: int, seconds: int) -> Result:
    """From an order's transaction to its message, over all clients."""
    address = f"ws://127.0.0.1:{api.port}/ws/live-orders"
    delays: list[float] = []
    async with contextlib.AsyncExitStack() as stack:
        sockets = []
        for _ in range(clients):
            opening = connect(address, additional_headers=api.headers, compression=None)
            sockets.append(await stack.enter_async_context(opening))
        await asyncio.sleep(2)
        listening = [asyncio.create_task(_listen(socket, delays)) for socket in sockets]
        started = time.monotonic()
        await asyncio.to_thread(_place_orders, seconds)
        took = time.monotonic() - started
        await asyncio.sleep(3)
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
    return {**_spread(delays), "messages_per_second": len(delays) / clients / took, "clients": clients}


async def _listen(socket: ClientConnection, delays: list[float]) -> None:
    async for text in socket:
        order = json.loads(text)["order"]
        if order["status"] == "pending":
            placed = datetime.fromisoformat(order["ordered_at"])
            delays.append((datetime.now(UTC) - placed).total_seconds())


def _place_orders(seconds: int) -> None:
    with psycopg.connect(load_settings().database_url, autocommit=True) as shop:
        for _ in range(seconds * PER_SECOND):
            due = time.monotonic() + 1 / PER_SECOND
            shop.execute(ORDER)
            time.sleep(max(0.0, due - time.monotonic()))


def _spread(seconds: list[float]) -> Result:
    cuts = statistics.quantiles(seconds, n=100)
    return {"p50_ms": cuts[49] * 1000, "p99_ms": cuts[98] * 1000}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.api", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    arguments = parser.parse_args()
    with running() as api:
        results = {**cached(api, arguments.seconds), "computed": computed(api)}
        results["live orders"] = asyncio.run(live(api, arguments.clients, arguments.seconds))
    show(results, arguments.json)
    if not arguments.json:
        print(machine())


if __name__ == "__main__":
    main()
