"""The transfer problem: stock in warehouses, demand in cities, and what lies between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradewind.ml.errors import DataError
from tradewind.ml.panel import Floats, Ints


@dataclass(frozen=True)
class Problem:
    """Arrays over warehouses (w), cities (c) and SKUs (s); quantities in pieces."""

    warehouses: Sequence[str]
    cities: Sequence[str]
    skus: Sequence[str]
    demand: Floats
    """(c, s)"""
    stock: Floats
    """(w, s)"""
    capacity: Floats
    """(w): pieces that a warehouse can send in the period."""
    cost: Floats
    """(w, c): per piece."""
    lead_time: Floats
    """(w, c), in days."""
    longest_lead_time: float
    """A city is not served from further away."""
    service_level: float = 1.0
    """The part of every city's demand for every SKU that has to be met."""

    def __post_init__(self) -> None:
        w, c, s = len(self.warehouses), len(self.cities), len(self.skus)
        expected = {
            "demand": (c, s), "stock": (w, s), "capacity": (w,), "cost": (w, c), "lead_time": (w, c),
        }  # fmt: skip
        for name, shape in expected.items():
            values = getattr(self, name)
            if values.shape != shape:
                raise DataError(f"{name} has the shape {values.shape}, not {shape}")
            if not np.isfinite(values).all() or (values < 0).any():
                raise DataError(f"{name} has a value that is negative or not a number")
        if not 0 < self.service_level <= 1:
            raise DataError(f"the service level is {self.service_level}; it is above 0 and at most 1")

    @property
    def needed(self) -> Floats:
        """(c, s): pieces that have to arrive."""
        return self.demand * self.service_level

    @property
    def is_near(self) -> NDArray[np.bool_]:
        """(w, c): whether the lead time allows it."""
        near: NDArray[np.bool_] = self.lead_time <= self.longest_lead_time
        return near


@dataclass(frozen=True)
class Binding:
    """A constraint without which more could be delivered."""

    constraint: str
    """stock, capacity or lead time."""
    where: str
    missing: float | None = None
    """Pieces, where they can be told of this constraint alone."""

    def __str__(self) -> str:
        """`stock: Bangkok, SKU 7`."""
        missing = f", {self.missing:g} pieces missing" if self.missing is not None else ""
        return f"{self.constraint}: {self.where}{missing}"


@dataclass(frozen=True)
class Plan:
    """The cheapest transfer."""

    cost: float
    warehouse: Ints
    city: Ints
    sku: Ints
    quantity: Floats
    """One entry per flow above 0."""


class Infeasible(ValueError):
    """The demand cannot be met; `bindings` are the constraints that prevent it, `shortfall` the pieces."""

    def __init__(self, bindings: Sequence[Binding], shortfall: float) -> None:
        self.bindings = list(bindings)
        self.shortfall = shortfall
        named = "; ".join(str(each) for each in self.bindings[:5])
        more = f" and {len(self.bindings) - 5} more" if len(self.bindings) > 5 else ""
        super().__init__(
            f"{shortfall:g} pieces cannot be delivered because of {named}{more}; "
            "raise these, or lower the service level"
        )
