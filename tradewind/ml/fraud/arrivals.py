"""What the warehouse knows of orders, taken into a history in memory: first all of it, then what arrives."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tradewind.ml.fraud.live import Account, Happened, LiveHistory, Order, Payment

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

OVERLAP_SECONDS, DEEP_OVERLAP_SECONDS, DEEP_SECONDS = 2, 30, 5.0
"""A row is stamped before it can be read: each look goes back so far, and one every few seconds further."""
COUNTS = """\
select extract(table, '^(.*)__[0-9]+$') as state, sum(last_insert)
from (
    select table, partition_id, max(max_block_number) + 1 as last_insert
    from system.parts
    where active and database = 'rt' and match(table, {states:String})
    group by table, partition_id
)
group by state"""
"""Per state another number, if rows were inserted since the last look; cheap to ask."""
TABLES = "select state, table_name from ops.rt_states final where state in {states:Array(String)}"
BUILT = """\
select toUnixTimestamp64Micro(toDateTime64(min(loaded_at), 6, 'UTC')) - 60000000
from ops.dbt_models final
where model in {models:Array(String)}
having count() = length({models:Array(String)})"""
"""Until then everything is in the batch tables."""


@dataclass(frozen=True)
class Source:
    """One kind of rows, in batch and near real time."""

    state: str
    """Its state in near real time."""
    model: str
    """Its table in batch."""
    columns: str
    """What is read of a row, in both; its id first."""
    take: Callable[[LiveHistory, Sequence[Any], bool], None]
    """Takes a row in; the flag says whether it is gone."""
    batch: str = ""
    """What is read instead of the model's table."""
    view: str = ""
    """What is read instead of the state's own table."""
    condition: str = "true"
    """Which of the rows in batch."""

    @property
    def state_name(self) -> str:
        """The state's name, without its database."""
        return self.state.removeprefix("rt.")

    @property
    def all(self) -> str:
        """The query of all rows in batch."""
        return f"select {self.columns} from {self.batch or self.model} where {self.condition}"  # noqa: S608

    def query(self, table: str) -> str:
        """Of rows that arrived since {since}; of a position, those that are gone come first.

        Every version of a row, by the index of arrivals: the engine need not look for the newest ones.
        """
        return (
            f"select {self.columns}, position, is_gone, toUnixTimestamp64Micro(arrived_at) "  # noqa: S608
            f"from {self.view or table} where arrived_at >= fromUnixTimestamp64Micro({{since:Int64}}, 'UTC') "
            "order by position, is_gone desc settings final = 0"
        )


def _account(shop: LiveHistory, row: Sequence[Any], is_gone: bool) -> None:
    if not is_gone:
        shop.add_account(Account(*row))


def _order(shop: LiveHistory, row: Sequence[Any], is_gone: bool) -> None:
    *values, is_test = row
    order = Order(*values)
    # Guests have no account: near real time has 0 for none.
    if not is_gone and not is_test and order.device and order.user_id:
        shop.add_order(order)


def _payment(shop: LiveHistory, row: Sequence[Any], is_gone: bool) -> None:
    payment = Payment(*row)
    if not is_gone:
        shop.add_payment(payment)


def _return(shop: LiveHistory, row: Sequence[Any], is_gone: bool) -> None:
    return_id, order_id, requested_at = row
    shop.add_return(Happened(return_id, order_id, requested_at, not is_gone))


def _case(shop: LiveHistory, row: Sequence[Any], is_gone: bool) -> None:
    case_id, order_id, decided_at, is_fraud = row
    shop.add_case(Happened(case_id, order_id, decided_at, bool(is_fraud) and not is_gone))


ORDER = (
    "order_id, user_id, toUnixTimestamp64Micro(ordered_at), amount, discount, city, device, address, is_test"
)
PAYMENT = (
    "payment_id, order_id, sequence_number, status, card_fingerprint, card_country, "
    "toUnixTimestamp64Micro(assumeNotNull(attempted_at))"
)
ACCOUNT = "user_id, country, toUnixTimestamp64Micro(assumeNotNull(registered_at))"
RETURN = "return_id, order_id, toUnixTimestamp64Micro(requested_at)"
CASE = "fraud_case_id, order_id, toUnixTimestamp64Micro(assumeNotNull(decided_at)), outcome = 'fraud'"
BATCH_ORDERS = """\
select
    orders.order_id as order_id, assumeNotNull(orders.user_id) as user_id, orders.ordered_at as ordered_at,
    toFloat64(coalesce(facts.total_amount_reporting, orders.total_amount)) as amount,
    toFloat64(orders.discount_amount)
        * if(orders.total_amount = 0, 0, amount / toFloat64(orders.total_amount)) as discount,
    orders.ship_to_city as city, orders.device_fingerprint as device, orders.ip_address as address,
    orders.is_test as is_test
from ods.ods_orders as orders
left join cdm.fact_orders as facts on orders.order_id = facts.order_id
where orders.user_id is not null"""
SOURCES = (
    Source("rt.state_users", "ods.ods_users", ACCOUNT, _account),
    Source("rt.state_orders", "ods.ods_orders", ORDER, _order, f"({BATCH_ORDERS})", "rt.fraud_orders"),
    Source("rt.state_payments", "ods.ods_payments", PAYMENT, _payment),
    Source("rt.state_returns", "ods.ods_order_returns", RETURN, _return),
    Source("rt.state_fraud_cases", "ods.ods_fraud_cases", CASE, _case, condition="decided_at is not null"),
)


class Arrivals:
    """Takes rows into a history: `load` once, then `follow` again and again."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._pool = ThreadPoolExecutor(len(SOURCES), "arrivals")  # what waits for the engine waits together
        self._counts: Mapping[str, int] = {}
        self._tables: Mapping[str, str] = {}
        self._since: dict[str, int] = {}
        self._versions: dict[str, dict[int, tuple[int, bool]]] = {each.state: {} for each in SOURCES}
        self._looked_deep = -DEEP_SECONDS
        self.newest = 0
        """When the newest row of the last look arrived, in microseconds."""

    def load(self) -> LiveHistory:
        """The history of all that has arrived."""
        shop = LiveHistory()
        models = [each.model.removeprefix("ods.") for each in SOURCES]
        [(built,)] = self._rows(BUILT, models=models) or [(0,)]
        for source in SOURCES:
            for row in self._rows(source.all):
                source.take(shop, row, False)
            self._since[source.state] = built
        self.follow(shop)
        return shop

    def follow(self, shop: LiveHistory) -> bool:
        """Take in what has arrived since the last look; whether anything may have."""
        now = time.monotonic()
        is_deep = now - self._looked_deep >= DEEP_SECONDS
        counts: dict[str, int] = dict(
            self._pairs(COUNTS, states=f"^({'|'.join(each.state_name for each in SOURCES)})__[0-9]+$")
        )
        changed = [
            each
            for each in SOURCES
            if is_deep or counts.get(each.state_name) != self._counts.get(each.state_name)
        ]
        if is_deep:
            self._look_for_new_tables()
        overlap = DEEP_OVERLAP_SECONDS if is_deep else OVERLAP_SECONDS
        arrived = self._pool.map(lambda source: self._arrived(source, overlap), changed)
        for source, rows in zip(changed, arrived, strict=True):
            self._take(shop, source, rows)
        has_arrived = counts != self._counts
        self._counts = counts
        if is_deep:
            self._looked_deep = now
        return has_arrived

    def _arrived(self, source: Source, overlap_seconds: int) -> list[Sequence[Any]]:
        since = max(self._since[source.state] - overlap_seconds * 1_000_000, 0)
        return self._rows(source.query(f"rt.{self._tables[source.state_name]}"), since=since)

    def _take(self, shop: LiveHistory, source: Source, rows: Iterable[Sequence[Any]]) -> None:
        since = self._since[source.state]
        versions = self._versions[source.state]
        for *row, position, is_gone, arrived_at in rows:
            version = (position, not is_gone)
            if version > versions.get(row[0], (-1, False)):
                versions[row[0]] = version
                source.take(shop, row, is_gone)
                self.newest = max(self.newest, arrived_at)
            since = max(since, arrived_at)
        self._since[source.state] = since

    def _look_for_new_tables(self) -> None:
        """A state that was made anew is another table, whose rows all arrived when it was filled."""
        self._tables = dict(self._pairs(TABLES, states=[each.state_name for each in SOURCES]))

    def _pairs(self, query: str, **parameters: Any) -> list[tuple[str, Any]]:
        return [(str(name), value) for name, value in self._rows(query, **parameters)]

    def _rows(self, query: str, **parameters: Any) -> list[Sequence[Any]]:
        found: Iterable[Sequence[Any]] = self._client.query(query, parameters=parameters).result_rows
        return list(found)
