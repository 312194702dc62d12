"""The store-item demand data set (daily sales of 50 items in 10 stores, 2013-2017) into the shop's schema.

What the file knows is how many pieces of an item left a store on a day. That is a movement of stock: a store
is a warehouse, an item a SKU, and a row a `sale` in `inventory_log`, so that the ledger summed by SKU,
warehouse and day is the file again. Orders, buyers and prices are not known, and no order is made up.
"""

from __future__ import annotations

from pathlib import Path

from tradewind.marketplace.loaders import data_set
from tradewind.marketplace.loaders.data_set import DataSet, Step
from tradewind.marketplace.loaders.report import LoadReport
from tradewind.source.files import FileSpec, day, integer

_MANY = 2**31 - 1

SALES = FileSpec(
    "store-item-sales",
    (day("date"), integer("store", 1, _MANY), integer("item", 1, _MANY), integer("sales", 0, _MANY)),
)

STEPS = (
    Step(
        "10_warehouses",
        "warehouses",
        derived="one per store; its place is not stated (city 'not stated', country ZZ, time zone UTC), "
        "its capacity is the most pieces it sold in a month",
    ),
    Step("20_products", "products", derived="one per item, named by its number"),
    Step(
        "21_product_skus",
        "product_skus",
        derived="one per item; the file has no price, so it is the item's number and 99 cents, in USD",
    ),
    Step("30_inventory", "inventory", derived="one per item and store; nothing is left after the last day"),
    Step(
        "40_receipts",
        "inventory_log",
        derived="one receipt per item, store and month, on its first day, of the pieces sold in that month",
    ),
    Step("41_sales", "inventory_log", SALES),
)
DEMAND = DataSet("demand", STEPS, is_large=True)


def load(owner_url: str, folder: Path) -> LoadReport:
    """Load the file in `folder` (see `data_set.load`)."""
    return data_set.load(DEMAND, owner_url, folder)
