"""The panel of a shop, from its stock ledger: demand per SKU and warehouse, by business time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tradewind.ml.errors import DataError
from tradewind.ml.panel import Floats, Ints, Panel

SALE = "sale"


def shop_panel(
    movements: pd.DataFrame, prices: pd.DataFrame, skus: pd.DataFrame, until: pd.Timestamp
) -> Panel:
    """Demand per SKU (`item`) and warehouse (`place`) on the days before `until`.

    movements: sku_id, warehouse_id, movement_type, quantity_change, moved_at (UTC).
    prices: sku_id, price, valid_from (UTC). skus: sku_id, department.
    A day that begins without stock and brings none is not known: what nobody could buy was not counted.
    """
    moved = movements[movements["moved_at"] < until]
    is_sale = moved["movement_type"].to_numpy() == SALE
    if not is_sale.any():
        raise DataError(
            f"the stock ledger has no sale before {until.date()}; load or simulate a history first"
        )
    day_of = moved["moved_at"].dt.floor("D")
    first = day_of[is_sale].min()
    length = (until - first).days
    groups = moved.groupby(["sku_id", "warehouse_id"], sort=True)
    series, keys = np.asarray(groups.ngroup(), dtype=np.int64), groups.size().index
    day = (day_of - first).dt.days.to_numpy(dtype=np.int64)
    change = moved["quantity_change"].to_numpy(dtype=float)
    sold = _by_day(series[is_sale], day[is_sale], -change[is_sale], len(keys), length)
    stock = _stock(series, day, change, len(keys), length)
    came_in = _by_day(series[change > 0], day[change > 0], change[change > 0], len(keys), length)
    is_unknown = (stock[:, :-1] <= 0) & (came_in == 0) & (sold == 0)
    frame = pd.DataFrame({"item": keys.get_level_values(0), "place": keys.get_level_values(1)})
    frame["category"] = skus.set_index("sku_id")["department"].reindex(frame["item"]).to_numpy()
    price = _prices(prices, frame["item"], first, length)
    start = pd.Timestamp(first).tz_localize(None)
    return Panel(frame, np.where(is_unknown, np.nan, sold), start, {"price": price})


def stock_on_hand(movements: pd.DataFrame, keys: pd.DataFrame, until: pd.Timestamp) -> Floats:
    """Pieces of each series at the beginning of the day `until`."""
    moved = movements[movements["moved_at"] < until]
    sums = moved.groupby(["sku_id", "warehouse_id"])["quantity_change"].sum()
    index = pd.MultiIndex.from_frame(keys[["item", "place"]])
    found: Floats = sums.reindex(index, fill_value=0).to_numpy(dtype=float)
    return found


def _by_day(series: Ints, day: Ints, pieces: Floats, count: int, length: int) -> Floats:
    """Sums per series and day; what was before the first day is left out."""
    found = np.zeros((count, length))
    inside = day >= 0
    np.add.at(found, (series[inside], day[inside]), pieces[inside])
    return found


def _stock(series: Ints, day: Ints, change: Floats, count: int, length: int) -> Floats:
    """Stock at the beginning of each day, and at the end of the last."""
    changes = np.zeros((count, length + 1))
    np.add.at(changes, (series, np.maximum(day + 1, 0)), change)
    stock: Floats = changes.cumsum(axis=1)
    return stock


def _prices(prices: pd.DataFrame, items: pd.Series, first: pd.Timestamp, length: int) -> Floats:
    """The price in force at the end of each day; NaN before the first one is known."""
    known = prices.sort_values("valid_from")
    day = np.maximum((known["valid_from"].dt.floor("D") - first).dt.days.to_numpy(), 0)
    used = day < length
    order = pd.Index(items.unique())
    rows = order.get_indexer(known["sku_id"].to_numpy())
    used &= rows >= 0
    found = np.full((len(order), length), np.nan)
    found[rows[used], day[used]] = known["price"].to_numpy(dtype=float)[used]
    filled: Floats = pd.DataFrame(found).ffill(axis=1).to_numpy(dtype=float)
    placed: Floats = filled[order.get_indexer(items)]
    return placed
