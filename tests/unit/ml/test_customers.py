"""Customers: the data shape, known parameters found again, and what is expected of each customer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad

from tradewind.ml.customers import bg_nbd, evaluate, gamma_gamma, purchases
from tradewind.ml.customers.bg_nbd import PurchaseModel
from tradewind.ml.customers.purchases import Records
from tradewind.ml.errors import DataError

CDNOW = (0.243, 4.414, 0.793, 2.426)
"""Published for the CDNOW data, by weeks (Fader, Hardie and Lee, 2005)."""
CUTOFF = pd.Timestamp("1997-09-30")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    made = purchases.generate(customers=8_000, days=546, seed=4, parameters=CDNOW, first_day="1997-01-01")
    return purchases.checked(made, "generated")


def record(frequency: float, recency: float, age: float) -> Records:
    one = np.ones(1)
    return Records(pd.Index(["x"]), one * frequency, one * recency, one * age, one, one)


def test_records_count_days_after_the_first_purchase() -> None:
    rows = [("a", "2025-01-01", 1, 5.0), ("a", "2025-01-15", 1, 2.0), ("a", "2025-01-15", 2, 4.0)]
    rows += [("a", "2025-01-29", 1, 8.0), ("b", "2025-01-08", 1, 3.0), ("a", "2025-03-01", 1, 99.0)]
    given = purchases.checked(pd.DataFrame(rows, columns=list(purchases.COLUMNS)), "made")
    known = purchases.records(given, pd.Timestamp("2025-02-05"))
    assert known.customer.tolist() == ["a", "b"]
    assert known.frequency.tolist() == [2, 0] and known.recency.tolist() == [4, 0]
    assert known.age.tolist() == [5, 4]
    assert known.value.tolist() == [7, 0] and known.first_value.tolist() == [5, 3]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("customer_id,date,amount\na,2025-01-01,1\n", "lacks the columns quantity"),
        (
            "customer_id,date,quantity,amount\na,2025-01-01,1,1\na,01/02/2025,1,1\n",
            "row 3: date is '01/02/2025'",
        ),
        ("customer_id,date,quantity,amount\na,2025-01-01,1,-1\n", "row 2: amount"),
        ("customer_id,date,quantity,amount\na,2025-01-01,x,1\n", "row 2: quantity is 'x'"),
        ("customer_id,date,quantity,amount\n", "no rows"),
    ],
)
def test_a_row_of_another_shape_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "purchases.csv").write_text(text)
    with pytest.raises(DataError, match=named):
        purchases.read(tmp_path)


def test_the_parameters_that_purchases_were_made_by_are_found_again(table: pd.DataFrame) -> None:
    known = purchases.records(table, CUTOFF)
    found = bg_nbd.fit(known)
    assert found.r == pytest.approx(CDNOW[0], rel=0.1)
    assert found.alpha == pytest.approx(CDNOW[1], rel=0.15)
    assert found.a / (found.a + found.b) == pytest.approx(CDNOW[2] / (CDNOW[2] + CDNOW[3]), rel=0.15)
    best = bg_nbd.log_likelihood(np.array([found.r, found.alpha, found.a, found.b]), known).mean()
    assert best >= bg_nbd.log_likelihood(np.array(CDNOW), known).mean() - 1e-4


def test_the_likelihood_is_the_integral_over_customers() -> None:
    """Of one purchase at 3 weeks within 10: the customer stays or leaves after it, over all rates."""
    r, alpha, a, b = CDNOW
    stay = b / (a + b)

    def density(rate: float) -> float:
        weight = alpha**r * rate ** (r - 1) * np.exp(-alpha * rate) / 3.676_862_6
        return float(weight * (stay * rate * np.exp(-10 * rate) + (1 - stay) * rate * np.exp(-3 * rate)))

    from scipy.special import gamma

    integral = quad(density, 0, np.inf)[0] * 3.676_862_6 / gamma(r)
    told = np.exp(bg_nbd.log_likelihood(np.array(CDNOW), record(1, 3, 10))[0])
    assert told == pytest.approx(integral, rel=1e-6)


def test_expected_purchases_agree_with_the_probability_of_none() -> None:
    """For a short time ahead there is one purchase or none."""
    model, known = PurchaseModel(*CDNOW), record(2, 30.43, 38.86)
    soon = 1e-4
    assert model.purchases(known, soon)[0] == pytest.approx(1 - model.churn(known, soon)[0], rel=1e-3)
    assert model.purchases(known, 39)[0] == pytest.approx(1.226, abs=0.001)  # the example of the paper
    assert model.since_first(np.array([soon]))[0] == pytest.approx(soon * CDNOW[0] / CDNOW[1], rel=1e-3)
    assert record(0, 0, 10).frequency == 0 and model.alive(record(0, 0, 10))[0] == 1
    assert model.alive(record(3, 4, 30))[0] < model.alive(record(3, 25, 30))[0]
    assert model.weeks_until_next(record(9, 30, 30))[0] < model.weeks_until_next(record(1, 30, 30))[0]


def test_values_are_found_again(table: pd.DataFrame) -> None:
    known = purchases.records(table, CUTOFF)
    found = gamma_gamma.fit(known.frequency, known.value)
    assert found.mean == pytest.approx(15.4 * 6.25 / 2.74, rel=0.1)
    some, many = found.value(np.array([1.0, 50.0]), np.array([100.0, 100.0]))
    assert found.mean < some < many < 100


def test_totals_of_generated_purchases_are_expected_within_five_percent(table: pd.DataFrame) -> None:
    scores = {score.metric: score for score in evaluate.on_data(table, "generated", CUTOFF)}
    for what in ("repeated purchases since the first", "purchases", "value"):
        score = scores[f"error of total {what}, %"]
        assert score.value is not None and score.baseline_value is not None
        assert score.value < 5 < score.baseline_value
    for metric in ("MAE of purchases per customer", "MAE of value per customer", "Brier score of churn"):
        score = scores[metric]
        assert score.value is not None and score.baseline_value is not None
        assert score.value < score.baseline_value


@pytest.mark.parametrize("cutoff", ["1996-01-01", "1998-12-31"])
def test_a_cutoff_outside_the_data_is_refused(table: pd.DataFrame, cutoff: str) -> None:
    with pytest.raises(DataError, match=f"--cutoff {cutoff} must lie between 1997-01-01"):
        evaluate.on_data(table, "generated", pd.Timestamp(cutoff))


def test_too_few_customers_are_refused_with_what_it_takes() -> None:
    with pytest.raises(DataError, match="1 customers with 1 repeated purchases"):
        bg_nbd.fit(record(1, 2, 3))
