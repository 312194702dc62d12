"""The data shape `purchases`: csv of `customer_id,date,quantity,amount`; generator; records of customers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tradewind.ml.errors import DataError
from tradewind.ml.panel import Floats
from tradewind.ml.text import only_file, select_columns

COLUMNS = ("customer_id", "date", "quantity", "amount")
WEEK = 7.0


@dataclass(frozen=True)
class Records:
    """What is known of each customer at the end of a day; times in weeks since the first purchase.

    Days on which a customer bought several times are one purchase.
    """

    customer: pd.Index
    frequency: Floats
    """Purchases after the first one."""
    recency: Floats
    """When the last one was."""
    age: Floats
    """How long ago the first one was."""
    value: Floats
    """Mean amount of the purchases after the first one; 0 without one."""
    first_value: Floats
    """Amount of the first one."""


def read(path: Path) -> pd.DataFrame:
    """The purchases of a csv file, also compressed; DataError names the column or row that does not fit."""
    file = only_file(path, ".csv")
    table = pd.read_csv(file, dtype={"customer_id": str, "date": str})
    return checked(select_columns(table, COLUMNS, file), str(file))


def checked(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """The table with dates and numbers; DataError names a bad row."""
    if table.empty:
        raise DataError(f"{name} has no rows")
    given = table.copy()
    table["date"] = pd.to_datetime(table["date"], format="%Y-%m-%d", errors="coerce")
    for column in ("quantity", "amount"):
        table[column] = pd.to_numeric(table[column], errors="coerce")
    bad = {
        "customer_id": table["customer_id"].isna(),
        "date": table["date"].isna(),
        "quantity": table["quantity"].isna() | (table["quantity"] < 0),
        "amount": table["amount"].isna() | (table["amount"] < 0),
    }
    for column, rows in bad.items():
        if rows.any():
            row = int(np.flatnonzero(rows)[0])
            raise DataError(
                f"{name}, row {row + 2}: {column} is {given[column].iloc[row]!r}; expected a customer, "
                "a date as 1997-09-30, and a quantity and an amount of 0 or more"
            )
    return table


def by_day(table: pd.DataFrame) -> pd.DataFrame:
    """One row per customer and day, amounts and quantities added up."""
    return table.groupby(["customer_id", "date"], sort=True, as_index=False)[["quantity", "amount"]].sum()


def records(table: pd.DataFrame, until: pd.Timestamp) -> Records:
    """The record of every customer who bought until the end of the day `until`."""
    days = by_day(table[table["date"] <= until])
    is_first = ~days["customer_id"].duplicated()
    groups = days.groupby("customer_id", sort=True)["date"].agg(["min", "max", "size"])
    later = days[~is_first].groupby("customer_id")["amount"].mean().reindex(groups.index, fill_value=0.0)
    return Records(
        groups.index,
        groups["size"].to_numpy(dtype=float) - 1,
        (groups["max"] - groups["min"]).dt.days.to_numpy(dtype=np.float64) / WEEK,
        (until - groups["min"]).dt.days.to_numpy(dtype=np.float64) / WEEK,
        later.to_numpy(dtype=np.float64),
        days.loc[is_first, "amount"].to_numpy(),
    )


def generate(
    *, customers: int, days: int, seed: int, parameters: tuple[float, float, float, float], first_day: str
) -> pd.DataFrame:
    """Purchases of customers as BG/NBD and Gamma-Gamma say; parameters r, alpha, a, b in weeks.

    First purchases are spread over the first twelve weeks. After each later one a customer leaves with a
    probability of the customer's own. Amounts vary around a mean of the customer's own, about 35 on average.
    """
    generator = np.random.default_rng(seed)
    r, alpha, a, b = parameters
    rate, leaving = generator.gamma(r, 1 / alpha, customers), generator.beta(a, b, customers)
    mean = 15.4 * 6.25 / generator.gamma(3.74, 1.0, customers)
    start = generator.integers(0, 84, customers) + 0.0
    active = np.arange(customers)
    moment, bought, when = start.copy(), [active], [start]
    while len(active):
        stays = generator.random(len(active)) >= leaving[active] * (moment[active] > start[active])
        active = active[stays]
        moment[active] += WEEK * generator.exponential(1 / np.maximum(rate[active], 1e-9))
        active = active[moment[active] < days]
        bought.append(active)
        when.append(moment[active])
    who, at = np.concatenate(bought), np.concatenate(when)
    amount = generator.gamma(6.25, mean[who] / 6.25)
    table = pd.DataFrame(
        {
            "customer_id": who + 1,
            "date": (pd.Timestamp(first_day) + pd.to_timedelta(np.floor(at), unit="D")).strftime("%Y-%m-%d"),
            "quantity": 1 + generator.poisson(amount / 20),
            "amount": amount.round(2),
        }
    )
    return table.sort_values(["customer_id", "date"], kind="stable", ignore_index=True)
