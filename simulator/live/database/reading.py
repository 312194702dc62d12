"""Reading the shop at the start of a run: SKUs, people, promotions, rates and open orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from simulator import parameters
from simulator.live.database.session import Session
from simulator.live.decisions import accounts
from simulator.live.decisions.output import CutOff
from simulator.live.decisions.payouts import UnsettledItem
from simulator.live.decisions.records import Destination, Line, NewOrder
from simulator.live.decisions.shop import (
    Campaign,
    FlashSale,
    Person,
    Shop,
    Sku,
    Voucher,
    WarehouseStock,
)
from simulator.live.decisions.transit import warehouse_position
from simulator.randomness import ScalarStream
from simulator.world import names

_QUERIES = Path(__file__).parent / "sql"
MOST_ACTIVE = 20
"""Highest activity of a person, relative to one who has never bought."""
EVERYBODY = 2**62
OPEN_ORDER_DAYS = 45
"""Open orders older than this are not continued."""
WAY_OUT = "seed it with `tradewind source seed --size small`, or load data with `tradewind source load`"


class NothingToSimulate(RuntimeError):
    """The database has no shop, or an empty one; the message says how to fill it."""


@dataclass(frozen=True)
class OpenOrder:
    """An open order, its status, and the number of payment attempts."""

    order: NewOrder
    status: str
    attempts: int


def read_shop(session: Session, seed: int, users: int | None = None) -> Shop:
    """The shop with at most this many people, the same ones for a seed.

    NothingToSimulate if there are no tables, no SKUs for sale, or no buyers.
    """
    rows = _Rows(session)
    if not rows.query("has_shop")[0]["has_shop"]:
        raise NothingToSimulate(f"the database has no shop: run `tradewind source init`, then {WAY_OUT}")
    skus, people = _skus(rows), _people(rows, seed, users)
    if not skus or not people:
        lacking = "nothing is for sale" if not skus else "there are no buyers"
        raise NothingToSimulate(f"the shop is empty ({lacking}): {WAY_OUT}")
    rates = rows.query("rates", today=datetime.now(UTC).date())
    return Shop(
        skus=skus,
        people=people,
        staff=_people(rows, seed, None, "staff"),
        vouchers=[Voucher(**row) for row in rows.query("vouchers")],
        flash_sales={row["sku_id"]: FlashSale(**row) for row in rows.query("flash_sales")},
        campaigns=_campaigns(rows),
        rates={row["currency"]: row["rate"] for row in rates},
        reporting_currency=next((row["reporting_currency"] for row in rates), None),
        rates_of=max((row["rate_date"] for row in rates), default=None),
        sellers={row["seller_id"]: row["tier"] for row in rows.query("sellers")},
        warehouse_positions={
            row["warehouse_id"]: warehouse_position(row["warehouse_name"], row["city"])
            for row in rows.query("warehouses")
        },
    )


def read_open_orders(session: Session) -> Iterable[OpenOrder]:
    """Orders that are neither delivered nor cancelled, oldest first."""
    rows = _Rows(session)
    since = datetime.now(UTC) - timedelta(days=OPEN_ORDER_DAYS)
    lines: dict[int, list[Line]] = defaultdict(list)
    for row in rows.query("open_lines", since=since):
        order_id = row.pop("order_id")
        lines[order_id].append(Line(**row))
    for row in rows.query("open_orders", since=since):
        status, attempts, is_test = row.pop("status"), row.pop("attempts"), bool(row.pop("is_test"))
        place = (row.pop(name) for name in ("country", "city", "state", "postal_code"))
        order_lines = tuple(lines[row["order_id"]])
        if order_lines:
            yield OpenOrder(
                NewOrder(destination=Destination(*place), lines=order_lines, is_test=is_test, **row),
                status,
                attempts,
            )


def read_unsettled(session: Session, cut_off: CutOff) -> list[UnsettledItem]:
    """What no payout of this payer type covers yet, up to the cut-off."""
    since = cut_off.ends_at - timedelta(days=OPEN_ORDER_DAYS)
    found = _Rows(session).query(f"unsettled_{cut_off.payer_type}", since=since, until=cut_off.ends_at)
    absent = dict.fromkeys(("seller_id", "order_item_id", "payment_id", "return_id"))
    return [UnsettledItem(**{**absent, **row}) for row in found]


def read_unfinished_settlements(session: Session) -> tuple[list[dict[str, Any]], list[int]]:
    """Announced payouts that are not transferred, and orders whose fraud case is open."""
    rows, since = _Rows(session), datetime.now(UTC) - timedelta(days=OPEN_ORDER_DAYS)
    open_cases = [int(row["order_id"]) for row in rows.query("open_cases", since=since)]
    return rows.query("pending_payouts", since=since), open_cases


def read_stock(session: Session, sku_ids: Iterable[int]) -> dict[tuple[int, int], int]:
    """Pieces by SKU and warehouse."""
    wanted = list(sku_ids)
    places = ", ".join(["%s"] * len(wanted))
    query = f"select sku_id, warehouse_id, quantity from inventory where sku_id in ({places})"  # noqa: S608
    return {(row["sku_id"], row["warehouse_id"]): row["quantity"] for row in session.rows(query, wanted)}


class _Rows:
    def __init__(self, session: Session) -> None:
        self._session = session

    def query(self, name: str, **values: object) -> list[dict[str, Any]]:
        """The rows of the query in sql/<name>.sql."""
        return self._session.rows((_QUERIES / f"{name}.sql").read_text(), values)


def _skus(rows: _Rows) -> list[Sku]:
    warehouses: dict[int, list[WarehouseStock]] = defaultdict(list)
    for row in rows.query("warehouse_stock"):
        warehouses[row.pop("sku_id")].append(WarehouseStock(**row))
    return [
        Sku(popularity=1 + int(row.pop("sold")), warehouses=warehouses[row["sku_id"]], **row)
        for row in rows.query("skus")
    ]


def _people(rows: _Rows, seed: int, users: int | None, user_type: str = "buyer") -> list[Person]:
    found = rows.query(
        "people",
        user_type=user_type,
        is_test=user_type == "staff",
        most_active=MOST_ACTIVE,
        seed=seed,
        users=EVERYBODY if users is None else users,
    )
    return _existing_people(found, ScalarStream(seed, "live", user_type))


def _existing_people(found: list[dict[str, Any]], rng: ScalarStream) -> list[Person]:
    people = []
    for row in found:
        destination = Destination(row["country"], row["city"], row["state"], row["postal_code"])
        person = accounts.existing_person(row["user_id"], row["customer_id"], destination, rng)
        person.activity = row["activity"]
        people.append(person)
    return people


def _campaigns(rows: _Rows) -> list[Campaign]:
    return [
        Campaign(**row, referrer=names.REFERRERS.get(row["campaign_type"]))
        for row in rows.query("campaigns")
        if row["campaign_type"] in parameters.CLICK_THROUGH_RATE
    ]
