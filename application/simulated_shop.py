"""A simulated shop in memory, in the tables that models are evaluated on."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from simulator.history.generate import History
    from tradewind.ml.fraud.orders import OrderTables
    from tradewind.ml.panel import Panel
    from tradewind.ml.recommendations.histories import Histories

UNTIL = dt.date(2026, 1, 1)
"""The shop ends before this day: figures can be repeated."""
DAYS = 500


def panel(size: str, seed: int = 1) -> Panel:
    """Demand in a simulated shop, made in memory."""
    from tradewind.ml.demand.history import shop_panel

    return shop_panel(*tables(size, seed), pd.Timestamp(UNTIL, tz="UTC"))


def tables(size: str, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Stock ledger, prices and SKUs of a simulated shop, as the warehouse has them of a captured one."""
    from simulator.history.change_history import sku_price_history
    from simulator.history.inventory_tables import inventory_log
    from simulator.world.catalogue_tables import categories

    history = _history(size, seed)
    catalogue = history.world.catalogue
    tree = categories(history.plan).to_pandas().set_index("category_id")
    product = catalogue.product
    skus = pd.DataFrame(
        {
            "sku_id": range(1, catalogue.count + 1),
            "department": _departments(tree, catalogue.product_category[product] + 1),
            "supplier_id": catalogue.product_supplier[product] + 1,
            "lead_time_days": history.world.suppliers.lead_days[catalogue.product_supplier[product]],
            "unit_cost": catalogue.cost / 100,
        }
    )
    ledger = inventory_log(history.allocation.ledger, catalogue).to_pandas()
    return ledger, sku_price_history(history).to_pandas(), skus


def order_items(size: str, seed: int = 1) -> pd.DataFrame:
    """Order lines of registered customers by customer and time, at catalogue prices, so in one currency."""
    history = _history(size, seed)
    orders, lines, catalogue = history.orders, history.order_lines, history.world.catalogue
    table = pd.DataFrame(
        {
            "order_item_id": np.arange(1, len(lines.order) + 1),
            "user_id": orders.user[lines.order] + 1,
            "sku_id": lines.sku + 1,
            "product_id": catalogue.product[lines.sku] + 1,
            "ordered_at": pd.to_datetime(orders.moment[lines.order], unit="s", utc=True),
            "quantity": lines.quantity,
            "amount": lines.quantity * catalogue.prices[lines.sku, 0] / 100,
            "margin": lines.quantity * (catalogue.prices[lines.sku, 0] - catalogue.cost[lines.sku]) / 100,
        }
    )
    used = (table["user_id"] > 0) & ~orders.is_test[lines.order]
    return table[used].sort_values(["user_id", "ordered_at", "order_item_id"], ignore_index=True)


def purchases(size: str, seed: int = 1) -> pd.DataFrame:
    """The same per customer and day, in the shape `purchases`."""
    table = order_items(size, seed)
    table["date"] = table["ordered_at"].dt.tz_localize(None).dt.floor("D")
    keys = {"user_id": "customer_id"}
    return (
        table.groupby(["user_id", "date"], as_index=False)[["quantity", "amount"]].sum().rename(columns=keys)
    )


def histories(size: str, seed: int = 1) -> Histories:
    """Products that registered customers bought, by time."""
    from tradewind.ml.recommendations.histories import from_lists

    table = order_items(size, seed)
    names = table["product_id"].astype(str)
    return from_lists(names.groupby(table["user_id"], sort=True).agg(list))


@cache
def _history(size: str, seed: int) -> History:
    from simulator.history.generate import generate_history
    from simulator.plan import make_plan

    today = dt.datetime.now(dt.UTC).date()
    return generate_history(make_plan(size, seed, DAYS, UNTIL, today))


def _departments(tree: pd.DataFrame, categories: Any) -> list[str]:
    """The name of each category's root."""
    found = []
    for category in categories:
        while not pd.isna(tree.loc[category, "parent_id"]):
            category = int(tree.loc[category, "parent_id"])
        found.append(str(tree.loc[category, "category_name"]))
    return found


def order_tables(size: str, seed: int = 1) -> tuple[OrderTables, pd.DataFrame]:
    """Orders that accounts placed in a simulated shop, what happened to them, and the labels of attacks.

    Labels: order_id and attack_kind.
    """
    from simulator.history.clickstream import order_origins
    from simulator.history.payments import payments_table
    from simulator.history.returns import order_returns
    from simulator.history.risk import fraud_cases_table
    from simulator.parameters import ATTACK_KINDS
    from simulator.world.places import CITIES, COUNTRY_CODES
    from tradewind.ml.fraud.orders import OrderTables

    history = _history(size, seed)
    orders, people, amounts = history.orders, history.world.people, history.amounts
    payments = payments_table(
        history.plan, orders, amounts, history.payments, history.payment_rows, history.attacks
    ).to_pandas()
    origins = order_origins(history)
    first = payments.drop_duplicates("order_id").set_index("order_id").reindex(np.arange(orders.count) + 1)
    rates = pd.Series(amounts.subtotal).groupby(orders.country).transform("median").to_numpy()
    table = pd.DataFrame(
        {
            "order_id": np.arange(orders.count) + 1,
            "user_id": orders.user + 1,
            "ordered_at": pd.to_datetime(orders.moment, unit="s", utc=True),
            "amount": amounts.total / rates,
            "discount": amounts.discount / rates,
            "city": np.array([city.name for city in CITIES])[orders.city],
            "device": origins.order_device.to_pandas(),
            "address": origins.order_address.to_pandas(),
            "card": first["card_fingerprint"].to_numpy(),
            "card_country": first["card_country"].to_numpy(),
            "country": np.array(COUNTRY_CODES)[people.country[orders.user]],
            "registered_at": pd.to_datetime(people.registered[orders.user], unit="s", utc=True),
            "attempted_at": pd.to_datetime(first["attempted_at"].to_numpy(), utc=True),
        }
    )
    used = orders.is_own & ~orders.is_test & (orders.user >= 0)
    cases = fraud_cases_table(history.risk).to_pandas()
    attacked = np.flatnonzero(orders.attack_order >= 0)
    kinds = np.array(ATTACK_KINDS)[history.attacks.kind_of_order[orders.attack_order[attacked]]]
    tables = OrderTables(
        table[used].reset_index(drop=True),
        payments.loc[payments["status"] == "failed", ["order_id", "attempted_at"]],
        order_returns(orders, history.return_rows).to_pandas()[["order_id", "requested_at"]],
        cases.loc[cases["outcome"] == "fraud", ["order_id", "decided_at"]],
    )
    return tables, pd.DataFrame({"order_id": attacked + 1, "attack_kind": kinds})
