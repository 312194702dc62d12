"""Which SKUs are viewed and added to carts: popular ones more, those in flash sales most."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime

from simulator import calendar, parameters
from simulator.live.decisions.shop import FlashSale, Shop, Sku
from simulator.randomness import Choice, ScalarStream

ORDINARY_SEASON = 100
WEIGHT_UNITS = 1_000
_QUANTITIES = Choice(parameters.QUANTITY_WEIGHTS)


class Goods:
    """Weighted choices among the SKUs; `refresh` applies the season, current prices and flash sales."""

    def __init__(self, shop: Shop, at: datetime) -> None:
        self._shop = shop
        self._viewed_sums: list[int] = []
        self._bought_sums: list[int] = []
        self.refresh(at)

    def refresh(self, at: datetime) -> None:
        """Recompute all weights."""
        season = calendar.season_weights(at.month)
        self._viewed_sums, self._bought_sums = [], []
        viewed = bought = 0
        for sku in self._shop.skus:
            weight = sku.popularity * season.get(sku.department, ORDINARY_SEASON)
            sale = self._shop.flash_sales.get(sku.sku_id)
            is_on = sale is not None and sale.starts_at <= at < sale.ends_at and sale.pieces_left > 0
            viewed += weight * (parameters.FLASH_VISIBILITY if is_on else 1) * WEIGHT_UNITS
            bought += round(weight * (demand_factor(sku, sale) if sale and is_on else 1) * WEIGHT_UNITS)
            self._viewed_sums.append(viewed)
            self._bought_sums.append(bought)

    def viewed(self, rng: ScalarStream) -> Sku:
        """An SKU that is viewed."""
        return self._pick(self._viewed_sums, rng)

    def bought(self, rng: ScalarStream) -> Sku:
        """An SKU that is added to a cart."""
        return self._pick(self._bought_sums, rng)

    def _pick(self, sums: list[int], rng: ScalarStream) -> Sku:
        return self._shop.skus[bisect_right(sums, rng.bits() * sums[-1] >> 64)]


def quantity(rng: ScalarStream) -> int:
    """Pieces of one line."""
    return rng.choose(_QUANTITIES) + 1


def demand_factor(sku: Sku, sale: FlashSale) -> float:
    """Factor on an SKU's demand while it is on sale: its visibility times the effect of its price."""
    price_ratio = float(sku.price / max(sale.sale_price, sku.price / 100))
    demand: float = price_ratio**parameters.PRICE_ELASTICITY
    return parameters.FLASH_VISIBILITY * demand
