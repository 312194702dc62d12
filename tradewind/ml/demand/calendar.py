"""What is known of days in advance: weekday, month, holidays, pay days, sale days."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradewind.ml.panel import Floats

HOLIDAYS = frozenset({(1, 1), (4, 13), (4, 14), (4, 15), (5, 1), (12, 5), (12, 25), (12, 31)})
"""Fixed days (month, day) on which people rest, Songkran among them."""
FIRST_PAY_DAY, LAST_PAY_DAY = 25, 28


def is_sale_day(days: pd.DatetimeIndex) -> NDArray[np.bool_]:
    """Double days, such as 11.11, on which marketplaces of the region hold their sales."""
    return np.asarray(days.month == days.day)


def calendar(days: pd.DatetimeIndex) -> dict[str, Floats]:
    """One array per feature, a value per day."""
    dates = list(zip(days.month, days.day, strict=True))
    pay_day = (days.day >= FIRST_PAY_DAY) & (days.day <= LAST_PAY_DAY)
    return {
        "weekday": days.dayofweek.to_numpy(float),
        "day_of_month": days.day.to_numpy(float),
        "month": days.month.to_numpy(float),
        "quarter": days.quarter.to_numpy(float),
        "is_pay_day": np.asarray(pay_day, dtype=float),
        "is_sale_day": is_sale_day(days).astype(float),
        "is_holiday": np.array([float(date in HOLIDAYS) for date in dates]),
    }
