"""The data shape `demand`: a csv of `date,store,item,sales`, a row per day and series; and its generator."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tradewind.ml.errors import DataError
from tradewind.ml.panel import Panel

COLUMNS = ("date", "store", "item", "sales")


def read(path: Path) -> Panel:
    """The panel of a csv file, also compressed (.zst, .gz, .zip); days without a row are not known.

    Raises DataError naming the column or row that does not fit.
    """
    file = _file(path)
    table = pd.read_csv(file, dtype={"store": str, "item": str})
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise DataError(f"{file} lacks the columns {', '.join(missing)}; expected {','.join(COLUMNS)}")
    return panel(table, str(file))


def panel(table: pd.DataFrame, name: str) -> Panel:
    """The panel of a table of these columns."""
    dates = pd.to_datetime(table["date"], format="%Y-%m-%d", errors="coerce")
    sales = pd.to_numeric(table["sales"], errors="coerce")
    for column, bad in (("date", dates.isna()), ("sales", sales.isna() | (sales < 0))):
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise DataError(
                f"{name}, row {row + 2}: {column} is {table[column].iloc[row]!r}; "
                "expected a date as 2017-12-31 and sales as a number of 0 or more"
            )
    if table.empty:
        raise DataError(f"{name} has no rows")
    doubled = table.duplicated(["date", "store", "item"])
    if doubled.any():
        row = int(np.flatnonzero(doubled)[0])
        raise DataError(f"{name}, row {row + 2}: a second row of the same date, store and item")
    groups = table.groupby(["item", "store"], sort=True)
    codes, keys = groups.ngroup().to_numpy(), groups.size().index
    first = dates.min()
    values = np.full((len(keys), (dates.max() - first).days + 1), np.nan)
    values[codes, (dates - first).dt.days.to_numpy()] = sales.to_numpy()
    frame = pd.DataFrame({"item": keys.get_level_values(0), "place": keys.get_level_values(1)})
    return Panel(frame, values, pd.Timestamp(first))


def generate(*, stores: int, items: int, days: int, seed: int, first_day: str = "2014-01-01") -> pd.DataFrame:
    """A table of this shape: Poisson sales with levels per store and item, week, season and growth."""
    generator = np.random.default_rng(seed)
    dates = pd.date_range(first_day, periods=days, freq="D")
    week = np.array([0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2])[dates.dayofweek]
    season = 1 + 0.3 * np.sin(2 * np.pi * (dates.dayofyear.to_numpy() - 100) / 365.25)
    growth = 1.06 ** (np.arange(days) / 365)
    level = np.outer(generator.uniform(0.7, 1.4, stores), generator.uniform(5, 60, items)).reshape(-1)
    sales = generator.poisson(level[:, None] * (week * season * growth)[None, :])
    store, item = np.divmod(np.arange(stores * items), items)
    return pd.DataFrame(
        {
            "date": np.tile(dates.strftime("%Y-%m-%d"), stores * items),
            "store": np.repeat(store + 1, days),
            "item": np.repeat(item + 1, days),
            "sales": sales.reshape(-1),
        }
    )


def _file(path: Path) -> Path:
    """The file itself, or the only csv in a folder."""
    if not path.exists():
        raise DataError(f"{path} does not exist; give a csv of {','.join(COLUMNS)}")
    if path.is_file():
        return path
    found = sorted(file for file in path.iterdir() if ".csv" in file.suffixes)
    if len(found) != 1:
        raise DataError(f"{path} holds {len(found)} csv files; name the one to read")
    return found[0]
