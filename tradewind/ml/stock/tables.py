"""The tables `ml.reorder_proposals` and `ml.purchase_orders`."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from tradewind.ml.demand.model import Forecast
from tradewind.ml.panel import Floats, Panel
from tradewind.ml.stock.policy import Policy
from tradewind.ml.stock.reorder import proposals, purchase_orders
from tradewind.ml.stock.run_out import LOW_STOCK, run_out

PROPOSALS, ORDERS = "ml.reorder_proposals", "ml.purchase_orders"
CREATE_PROPOSALS = f"""\
create table if not exists {PROPOSALS} (
    model_version String comment 'Version of the demand model',
    proposed_on Date comment 'The day at whose beginning the stock was looked at',
    sku_id Int64 comment 'The SKU',
    warehouse_id Int64 comment 'The warehouse',
    supplier_id Nullable(Int64) comment 'Its supplier; null if not known',
    stock_quantity Int64 comment 'Pieces on hand; additive',
    is_low_stock Bool comment 'Below {LOW_STOCK} pieces, with demand expected',
    expected_demand_30d Float64 comment 'Expected pieces in the next 30 days; additive',
    run_out_date Nullable(Date) comment 'By its end stock is likely gone; null: not within 30 days',
    run_out_probability Float64 comment 'That stock runs out within 30 days without a delivery, 0-1',
    lead_time_days UInt16 comment 'Days from order to delivery that were assumed',
    unit_cost Float64 comment 'Cost of a piece in the catalogue currency; 0 if not known',
    reorder_point Int64 comment 'Demand until a delivery, not exceeded at the service level',
    classical_reorder_point Int64 comment 'Expected demand until a delivery plus normal safety stock',
    economic_quantity Int64 comment 'Order quantity of the lowest ordering and holding cost',
    order_quantity Int64 comment 'Pieces proposed to order; 0 for none; additive',
    priority LowCardinality(String) comment 'Critical, High, Medium, Low or None',
    made_at DateTime64(6, 'UTC') default now64(6, 'UTC') comment 'When it was written'
) engine = ReplacingMergeTree(made_at) order by (proposed_on, sku_id, warehouse_id)
comment 'What to reorder. One row per day, SKU and warehouse'
"""
CREATE_ORDERS = f"""\
create table if not exists {ORDERS} (
    proposed_on Date comment 'The day of the proposals in it',
    supplier_id Int64 comment 'The supplier; 0 where none is known',
    warehouse_id Int64 comment 'Where to deliver',
    sku_count UInt32 comment 'Different SKUs',
    quantity Int64 comment 'Pieces; additive',
    amount Decimal(18, 2) comment 'Their cost, in the catalogue currency; additive',
    priority LowCardinality(String) comment 'The most urgent in it',
    status LowCardinality(String) comment 'proposed, or accepted by the setting TRADEWIND_ACCEPT_ORDERS',
    made_at DateTime64(6, 'UTC') default now64(6, 'UTC') comment 'When it was written'
) engine = ReplacingMergeTree(made_at) order by (proposed_on, supplier_id, warehouse_id)
comment 'Proposed purchase orders. One row per day, supplier and warehouse'
"""
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
