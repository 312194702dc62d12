"""Daily series side by side: the shape that demand models learn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradewind.ml.errors import DataError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Panel:
    """`values[i, d]`: pieces of series i that were wanted on day d.

    NaN where the demand is not known: before the series began, or on a day without stock, whose sales say
    nothing of what was wanted.
    """

    keys: pd.DataFrame
    """What each series is of, a row each; the columns `item` and `place`, and `category` if it is known."""
    values: Floats
    first_day: pd.Timestamp
    known: Mapping[str, Floats] = field(default_factory=dict)
    """Further daily values of the same shape, such as the price, each as it was known on its day."""

    def __post_init__(self) -> None:
        if len(self.keys) != self.values.shape[0]:
            raise DataError(f"{len(self.keys)} keys for {self.values.shape[0]} series; each needs one")
        for name, values in self.known.items():
            if values.shape != self.values.shape:
                raise DataError(f"{name} has the shape {values.shape}, the demand {self.values.shape}")

    @property
    def count(self) -> int:
        """Number of series."""
        return int(self.values.shape[0])

    @property
    def length(self) -> int:
        """Number of days."""
        return int(self.values.shape[1])

    @property
    def days(self) -> pd.DatetimeIndex:
        """The day of each column."""
        return pd.date_range(self.first_day, periods=self.length, freq="D")

    def until(self, origin: int) -> Panel:
        """What was known at the beginning of day number `origin`: the days before it, nothing later."""
        if not 0 < origin <= self.length:
            raise DataError(f"day {origin} is not within the {self.length} days of the data")
        cut = {name: values[:, :origin] for name, values in self.known.items()}
        return replace(self, values=self.values[:, :origin], known=cut)

    def future(self, horizon: int) -> pd.DatetimeIndex:
        """The days after the last one."""
        return pd.date_range(self.first_day + pd.Timedelta(days=self.length), periods=horizon, freq="D")
