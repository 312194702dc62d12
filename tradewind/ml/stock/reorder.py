"""When and how much to reorder: by the quantile of lead-time demand, and the classical rule beside it."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

from tradewind.ml.demand.model import Forecast
from tradewind.ml.panel import Floats, Ints
from tradewind.ml.stock.policy import PRIORITIES, Policy
from tradewind.ml.stock.run_out import RunOut

DAYS_OF_YEAR = 365


def proposals(
    places: pd.DataFrame, stock: Floats, coming: Floats, forecast: Forecast, gone: RunOut, policy: Policy
) -> pd.DataFrame:
    """One row per series, in the order of `places`, which has lead_time_days and unit_cost.

    stock: pieces on hand; coming: pieces ordered and not received. Adds reorder_point,
    classical_reorder_point, economic_quantity, order_quantity and priority. Where stock and coming pieces are
    at or below the reorder point, an order brings them to what lead time and review period need at the
    service level, in whole minimum orders.
    """
    horizon = forecast.mean.shape[1]
    lead = np.clip(places["lead_time_days"].fillna(policy.lead_time_days).to_numpy(int), 1, horizon)
    points = _by_days(forecast, lead, policy.service_level)
    cover = np.clip(lead + policy.review_days, 1, horizon)
    targets = _by_days(forecast, cover, policy.service_level)
    economic = economic_quantity(forecast.mean.mean(axis=1) * DAYS_OF_YEAR, places["unit_cost"], policy)
    position = stock + coming
    wanted = np.maximum(targets - position, economic)
    quantity = np.where(position <= points, _whole_orders(wanted, policy.minimum_order), 0.0)
    quantity[forecast.mean.sum(axis=1) < policy.least_demand] = 0.0
    found = places.copy()
    found["lead_time_days"] = lead
    found["reorder_point"] = points.astype(int)
    found["classical_reorder_point"] = classical_point(forecast, lead, policy.service_level).astype(int)
    found["economic_quantity"] = economic.astype(int)
    found["order_quantity"] = quantity.astype(int)
    found["priority"] = priorities(stock, position, points, gone, lead, policy, quantity)
    return found


def economic_quantity(yearly: Floats, unit_cost: pd.Series, policy: Policy) -> Floats:
    """Wilson's formula: sqrt(2 x yearly demand x cost of an order / yearly cost of holding a piece)."""
    cost = unit_cost.fillna(unit_cost.median() if unit_cost.notna().any() else 1.0).to_numpy(float)
    holding = np.maximum(cost * policy.holding_rate, 1e-6)
    quantity: Floats = np.ceil(np.sqrt(2 * yearly * policy.order_cost / holding))
    return quantity


def classical_point(forecast: Forecast, lead: Ints, service_level: float) -> Floats:
    """Expected demand in the lead time plus a safety stock by the normal distribution."""
    mean = _sum_until(forecast.mean, lead)
    deviation = np.empty_like(mean)
    for days in np.unique(lead):
        chosen = lead == days
        spread = forecast.counts.over(int(days))
        deviation[chosen] = np.sqrt(spread.phi * mean[chosen] + spread.alpha * mean[chosen] ** 2)
    return np.ceil(mean + NormalDist().inv_cdf(service_level) * deviation)


def priorities(
    stock: Floats,
    position: Floats,
    points: Floats,
    gone: RunOut,
    lead: Ints,
    policy: Policy,
    quantity: Floats,
) -> list[str]:
    """How urgent each reorder is.

    Critical: gone, or likely gone before a delivery; High: quite possibly; Medium: at the reorder point; Low:
    little is left above it; None: nothing to do.
    """
    before_delivery = gone.probability[np.arange(len(stock)), lead - 1]
    is_needed = quantity > 0
    conditions = [
        is_needed & ((stock <= 0) | (before_delivery >= policy.critical)),
        is_needed & (before_delivery >= policy.high),
        is_needed,
        (position <= points * policy.low_above) & (points > 0),
    ]
    return [str(name) for name in np.select(conditions, PRIORITIES[:-1], PRIORITIES[-1])]


def purchase_orders(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per supplier and warehouse: how many SKUs and pieces, at what cost, how urgent at most."""
    needed = rows[rows["order_quantity"] > 0].copy()
    needed["amount"] = needed["order_quantity"] * needed["unit_cost"].fillna(0)
    needed["urgency"] = needed["priority"].map({name: at for at, name in enumerate(PRIORITIES)})
    grouped = needed.groupby(["supplier_id", "warehouse_id"], dropna=False)
    found = grouped.agg(
        sku_count=("sku_id", "nunique"), quantity=("order_quantity", "sum"), amount=("amount", "sum"),
        urgency=("urgency", "min"),
    ).reset_index()  # fmt: skip
    found["priority"] = [PRIORITIES[at] for at in found.pop("urgency")]
    return found


def _by_days(forecast: Forecast, days: Ints, level: float) -> Floats:
    """The quantile of the demand over each series' own number of days."""
    found = np.empty(len(days))
    for count in np.unique(days):
        chosen = days == count
        mean = forecast.mean[chosen, : int(count)].sum(axis=1)
        found[chosen] = forecast.counts.over(int(count)).quantile(mean, level)
    return found


def _sum_until(mean: Floats, days: Ints) -> Floats:
    total: Floats = mean.cumsum(axis=1)[np.arange(len(mean)), days - 1]
    return total


def _whole_orders(wanted: Floats, minimum: int) -> Floats:
    return np.ceil(np.maximum(wanted, 1) / minimum) * minimum
