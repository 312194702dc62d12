"""Run-out dates and reorders, on forecasts whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradewind.ml.demand.counts import POISSON, Counts, Spread
from tradewind.ml.demand.model import Forecast
from tradewind.ml.stock.evaluate import scores
from tradewind.ml.stock.policy import Policy
from tradewind.ml.stock.reorder import proposals, purchase_orders
from tradewind.ml.stock.run_out import actual_day, run_out, week_of

LEVELS = tuple(np.linspace(0, 1, 41).tolist())
POISSON_COUNTS = Counts(tuple(Spread(days, POISSON, 0.0, LEVELS) for days in (1, 7, 14, 30)))
HORIZON = 30


def forecast(*per_day: float) -> Forecast:
    return Forecast(np.repeat(np.array(per_day)[:, None], HORIZON, axis=1), POISSON_COUNTS)


def places(count: int, lead: int = 10, cost: float = 100.0) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sku_id": range(1, count + 1), "warehouse_id": 1, "supplier_id": 7,
            "lead_time_days": lead, "unit_cost": cost,
        }
    )  # fmt: skip


def test_the_probability_of_running_out_is_that_of_simulated_demand() -> None:
    generator = np.random.default_rng(3)
    stock, mean = np.array([20.0, 20.0, 20.0]), np.array([0.4, 0.7, 1.2])
    found = run_out(stock, forecast(*mean))
    drawn = generator.poisson(mean[:, None, None], (3, 20_000, HORIZON)).cumsum(axis=2)
    assert found.probability == pytest.approx((drawn >= 20).mean(axis=1), abs=0.02)


def test_the_day_of_run_out_is_the_first_that_is_more_likely_than_not() -> None:
    found = run_out(np.array([10.0, 10.0, 0.0]), forecast(1.0, 0.01, 0.01))
    assert found.day.tolist() == [9, -1, 0]
    assert found.within_horizon[2] == 1.0 and found.within_horizon[1] < 0.01


def test_the_actual_day_is_that_on_which_the_stock_was_used_up() -> None:
    demand = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 1.0]])
    assert actual_day(np.array([3.0, 5.0]), demand).tolist() == [1, -1]
    assert week_of(np.array([0, 6, 7, -1])).tolist() == [0, 0, 1, -1]


def test_accuracy_and_brier_score_are_beside_those_of_saying_the_same_of_all() -> None:
    predicted, actual = np.array([-1, 0, 2, -1]), np.array([-1, 0, 0, -1])
    accuracy, brier = scores(predicted, actual, np.array([0.0, 1.0, 0.8, 0.2]), "by hand")
    assert (accuracy.value, accuracy.baseline_value, accuracy.is_reached) == (0.75, 0.5, False)
    assert (brier.value, brier.baseline_value, brier.is_reached) == (pytest.approx(0.02), 0.25, True)


def test_the_reorder_point_is_the_quantile_of_the_demand_until_delivery() -> None:
    rows = proposals(
        places(1),
        np.array([500.0]),
        np.zeros(1),
        forecast(3.0),
        run_out(np.array([500.0]), forecast(3.0)),
        Policy(),
    )
    # Poisson(30): 39 is exceeded with less than 5 %, 38 with more.
    assert rows["reorder_point"].item() == 39
    assert rows["classical_reorder_point"].item() == 40  # 30 + 1.645 x sqrt(30), rounded up
    assert rows["economic_quantity"].item() == 115  # sqrt(2 x 1095 x 150 / 25), rounded up
    assert (rows["order_quantity"].item(), rows["priority"].item()) == (0, "None")


@pytest.mark.parametrize(
    ("stock", "priority"),
    [(0, "Critical"), (12, "Critical"), (29, "High"), (38, "Medium"), (45, "Low"), (80, "None")],
)
def test_the_priority_follows_from_what_is_left_until_delivery(stock: float, priority: str) -> None:
    have = np.array([float(stock)])
    rows = proposals(places(1), have, np.zeros(1), forecast(3.0), run_out(have, forecast(3.0)), Policy())
    assert rows["priority"].item() == priority
    assert (rows["order_quantity"].item() > 0) == (priority in ("Critical", "High", "Medium"))


def test_pieces_on_their_way_are_not_ordered_again() -> None:
    have = np.array([10.0])
    rows = proposals(
        places(1), have, np.array([200.0]), forecast(3.0), run_out(have, forecast(3.0)), Policy()
    )
    assert rows["order_quantity"].item() == 0


def test_an_order_is_a_multiple_of_the_minimum_and_covers_the_review_period() -> None:
    have = np.array([0.0])
    policy = Policy(minimum_order=24, order_cost=1.0)
    rows = proposals(places(1), have, np.zeros(1), forecast(3.0), run_out(have, forecast(3.0)), policy)
    quantity = rows["order_quantity"].item()
    assert quantity % 24 == 0 and 51 <= quantity < 51 + 2 * 24


def test_what_nobody_wants_is_not_ordered() -> None:
    have = np.array([0.0])
    rows = proposals(places(1), have, np.zeros(1), forecast(0.001), run_out(have, forecast(0.001)), Policy())
    assert rows["order_quantity"].item() == 0


def test_orders_are_put_together_per_supplier_and_warehouse() -> None:
    have = np.array([0.0, 30.0, 500.0])
    needs = forecast(3.0, 3.0, 3.0)
    rows = proposals(places(3), have, np.zeros(3), needs, run_out(have, needs), Policy())
    order = purchase_orders(rows)
    assert order["sku_count"].item() == 2 and order["priority"].item() == "Critical"
    assert order["quantity"].item() == rows["order_quantity"].sum()
    assert order["amount"].item() == 100 * rows["order_quantity"].sum()
