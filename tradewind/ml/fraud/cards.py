"""The data shape `cards`: csv or parquet of card transactions with a label; and its generator.

The generator follows the simulator that the Fraud Detection Handbook describes (Le Borgne et al., 2022,
chapter 3): customers and terminals on a grid of 100 x 100, each customer using terminals within a radius, and
three kinds of fraud.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tradewind.ml.errors import DataError
from tradewind.ml.panel import Floats, Ints
from tradewind.ml.text import only_file, select_columns

COLUMNS = ("transaction_id", "tx_datetime", "customer_id", "terminal_id", "amount", "is_fraud")
DAY = 86_400
LARGE_AMOUNT = 220
"""Kind 1: every amount above this is fraud."""
TERMINALS_A_DAY, TERMINAL_DAYS = 2, 28
"""Kind 2: that many terminals a day are taken over, for that many days."""
CARDS_A_DAY, CARD_DAYS, CARD_PART, CARD_FACTOR = 3, 14, 1 / 3, 5
"""Kind 3: that many cards a day are stolen; part of their payments is fraud, of a multiple of the amount."""


def read(path: Path) -> pd.DataFrame:
    """The transactions of a csv or parquet file by time; DataError names a missing column or a bad row."""
    file = only_file(path, ".csv", ".parquet")
    if file.suffix == ".parquet":
        table = pd.read_parquet(file)
    else:
        table = pd.read_csv(file, dtype={"customer_id": str, "terminal_id": str})
    return checked(select_columns(table, COLUMNS, file), str(file))


def checked(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """The table by time, with codes of customers and terminals from 0; DataError names a bad row."""
    if table.empty:
        raise DataError(f"{name} has no rows")
    given = table.copy()
    table["tx_datetime"] = pd.to_datetime(table["tx_datetime"], errors="coerce", utc=True).dt.tz_localize(
        None
    )
    table["amount"] = pd.to_numeric(table["amount"], errors="coerce")
    table["is_fraud"] = pd.to_numeric(table["is_fraud"], errors="coerce")
    bad = {
        "tx_datetime": table["tx_datetime"].isna(),
        "customer_id": table["customer_id"].isna(),
        "terminal_id": table["terminal_id"].isna(),
        "amount": table["amount"].isna() | (table["amount"] < 0),
        "is_fraud": ~table["is_fraud"].isin([0, 1]),
        "transaction_id": table["transaction_id"].isna() | table["transaction_id"].duplicated(),
    }
    for column, rows in bad.items():
        if rows.any():
            row = int(np.flatnonzero(rows)[0])
            raise DataError(
                f"{name}, row {row + 2}: {column} is {given[column].iloc[row]!r}; expected different ids, "
                "a time as 2018-04-01 00:00:31, an amount of 0 or more, and is_fraud as 0 or 1"
            )
    for column in ("customer_id", "terminal_id"):
        table[column] = pd.factorize(table[column])[0]
    return table.sort_values(["tx_datetime", "transaction_id"], kind="stable", ignore_index=True)


def generate(
    *, customers: int, terminals: int, days: int, seed: int, first_day: str = "2018-04-01", radius: float = 5
) -> pd.DataFrame:
    """Transactions in this shape; `radius`: how far from home customers pay, on the grid of 100 x 100."""
    generator = np.random.default_rng(seed)
    payments = _payments(generator, customers, terminals, days, radius)
    table = pd.DataFrame(payments, columns=["seconds", "customer_id", "terminal_id", "amount"])
    table = table.sort_values("seconds", kind="stable", ignore_index=True)
    table = table.astype({"seconds": int, "customer_id": int, "terminal_id": int})
    amount, is_fraud = _with_fraud(generator, table, customers, terminals, days)
    moments = pd.Timestamp(first_day) + pd.to_timedelta(table["seconds"], unit="s")
    return pd.DataFrame(
        {
            "transaction_id": np.arange(len(table)),
            "tx_datetime": moments,
            "customer_id": table["customer_id"],
            "terminal_id": table["terminal_id"],
            "amount": amount.round(2),
            "is_fraud": is_fraud.astype(int),
        }
    )


def _payments(
    generator: np.random.Generator, customers: int, terminals: int, days: int, radius: float
) -> Floats:
    """Rows of second, customer, terminal and amount."""
    places = generator.uniform(0, 100, (terminals, 2))
    found = []
    for customer in range(customers):
        home = generator.uniform(0, 100, 2)
        near = np.flatnonzero(((places - home) ** 2).sum(axis=1) < radius**2)
        mean_amount, mean_count = generator.uniform(5, 100), generator.uniform(0, 4)
        if len(near):
            found.append(_of_customer(generator, customer, near, days, mean_amount, mean_count))
    return np.concatenate(found) if found else np.zeros((0, 4))


def _of_customer(
    generator: np.random.Generator,
    customer: int,
    near: Ints,
    days: int,
    mean_amount: float,
    mean_count: float,
) -> Floats:
    """Poisson many payments a day, around noon, of normal amounts with half the mean as deviation."""
    per_day = generator.poisson(mean_count, days)
    day = np.repeat(np.arange(days), per_day)
    second = generator.normal(DAY / 2, 20_000, len(day)).astype(int)
    amount = generator.normal(mean_amount, mean_amount / 2, len(day))
    amount = np.where(amount < 0, generator.uniform(0, 2 * mean_amount, len(day)), amount)
    terminal = near[generator.integers(len(near), size=len(day))]
    used = (second > 0) & (second < DAY)
    rows = np.column_stack([day * DAY + second, np.full(len(day), customer), terminal, amount.round(2)])
    chosen: Floats = rows[used]
    return chosen


def _with_fraud(
    generator: np.random.Generator, table: pd.DataFrame, customers: int, terminals: int, days: int
) -> tuple[Floats, Floats]:
    """Amounts and labels once the three kinds of fraud have happened."""
    amount, day = table["amount"].to_numpy(dtype=float), table["seconds"].to_numpy() // DAY
    is_fraud = amount > LARGE_AMOUNT
    starts = np.searchsorted(day, np.arange(days + CARD_DAYS + TERMINAL_DAYS + 1))
    for today in range(days):
        taken = generator.choice(terminals, min(TERMINALS_A_DAY, terminals), replace=False)
        month = slice(starts[today], starts[today + TERMINAL_DAYS])
        is_fraud[month] |= np.isin(table["terminal_id"].to_numpy()[month], taken)
    for today in range(days):
        stolen = generator.choice(customers, min(CARDS_A_DAY, customers), replace=False)
        weeks = slice(starts[today], starts[today + CARD_DAYS])
        at = starts[today] + np.flatnonzero(np.isin(table["customer_id"].to_numpy()[weeks], stolen))
        chosen = generator.choice(at, int(len(at) * CARD_PART), replace=False)
        amount[chosen] *= CARD_FACTOR
        is_fraud[chosen] = True
    return amount, is_fraud.astype(float)
