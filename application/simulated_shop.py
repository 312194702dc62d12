"""A simulated shop in memory, in the tables that models are evaluated on."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from simulator.history.generate import History
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
