"""The tables `ml.reorder_proposals` and `ml.purchase_orders`."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from tradewind.ml.demand.model import Forecast
from tradewind.ml.outputs import LOW_STOCK, PURCHASE_ORDERS, REORDER_PROPOSALS
from tradewind.ml.panel import Floats, Panel
from tradewind.ml.stock.policy import Policy
from tradewind.ml.stock.reorder import proposals, purchase_orders
from tradewind.ml.stock.run_out import run_out

PROPOSALS, ORDERS = REORDER_PROPOSALS.name, PURCHASE_ORDERS.name
CREATE_PROPOSALS, CREATE_ORDERS = REORDER_PROPOSALS.create(), PURCHASE_ORDERS.create()
WINDOW = 30
COMING = f"""\
select proposals.sku_id as sku_id, proposals.warehouse_id as warehouse_id,
    sum(proposals.order_quantity) as quantity
from {PROPOSALS} as proposals final
inner join {ORDERS} as orders final
    on proposals.proposed_on = orders.proposed_on
    and coalesce(proposals.supplier_id, 0) = orders.supplier_id
    and proposals.warehouse_id = orders.warehouse_id
where orders.status = 'accepted'
    and proposals.proposed_on < {{day:Date}}
    and proposals.proposed_on + proposals.lead_time_days > {{day:Date}}
group by sku_id, warehouse_id"""  # noqa: S608 - our own names
"""Pieces of accepted orders that are not due yet on a day."""


def proposal_rows(
    panel: Panel,
    stock: Floats,
    coming: Floats,
    skus: pd.DataFrame,
    forecast: Forecast,
    version: str,
    policy: Policy,
) -> pd.DataFrame:
    """Rows of `ml.reorder_proposals`.

    stock: at the beginning of the day after the panel; coming: accepted orders not yet delivered.
    """
    gone = run_out(stock, forecast)
    day = panel.future(1)[0].date()
    known = skus.set_index("sku_id").reindex(panel.keys["item"])
    places = pd.DataFrame(
        {
            "sku_id": panel.keys["item"].astype("int64"),
            "warehouse_id": panel.keys["place"].astype("int64"),
            "supplier_id": known["supplier_id"].astype("Int64").to_numpy(),
            "lead_time_days": known["lead_time_days"].to_numpy(dtype=float),
            "unit_cost": known["unit_cost"].to_numpy(dtype=float),
        }
    )
    found = proposals(places, stock, coming, forecast, gone, policy)
    expected = forecast.mean[:, :WINDOW].sum(axis=1)
    found["unit_cost"] = found["unit_cost"].fillna(0.0)
    found["model_version"], found["proposed_on"] = version, day
    found["stock_quantity"] = stock.astype(int)
    found["is_low_stock"] = (stock < LOW_STOCK) & (expected >= policy.least_demand)
    found["expected_demand_30d"] = expected
    found["run_out_date"] = [day + dt.timedelta(days=int(at)) if at >= 0 else None for at in gone.day]
    found["run_out_probability"] = gone.within_horizon
    return found


def order_rows(rows: pd.DataFrame, accepted: str) -> pd.DataFrame:
    """Rows of `ml.purchase_orders`; `accepted`: none, critical or all."""
    found = purchase_orders(rows.assign(supplier_id=rows["supplier_id"].fillna(0).astype("int64")))
    is_accepted = (found["priority"] == "Critical") & (accepted == "critical") | (accepted == "all")
    found["status"] = np.where(is_accepted, "accepted", "proposed")
    found["proposed_on"] = rows["proposed_on"].iloc[0]
    found["amount"] = found["amount"].round(2)
    return found
