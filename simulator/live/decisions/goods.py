"""What people look at and put into carts: popular goods more, flash sales most."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime

from simulator import calendar, parameters
from simulator.live.decisions.shop import Sale, Shop, Sku
from simulator.randomness import Choice, Dice

ORDINARY_SEASON = 100
WEIGHT_UNITS = 1_000
_QUANTITIES = Choice(parameters.QUANTITY_WEIGHTS)


class Goods:
    """Weighted choices among the SKUs; `refresh` takes note of the season, new prices and sales."""

    def __init__(self, shop: Shop, at: datetime) -> None:
        self._shop = shop
        self._looked_at: list[int] = []
        self._bought: list[int] = []
        self.refresh(at)

    def refresh(self, at: datetime) -> None:
        """Weigh everything anew."""
        season = calendar.season_weights(at.month)
        self._looked_at, self._bought = [], []
        looked_at = bought = 0
        for sku in self._shop.skus:
            weight = sku.popularity * season.get(sku.department, ORDINARY_SEASON)
            sale = self._shop.sales.get(sku.sku_id)
            is_on = sale is not None and sale.starts_at <= at < sale.ends_at and sale.left > 0
            looked_at += weight * (parameters.FLASH_VISIBILITY if is_on else 1) * WEIGHT_UNITS
            bought += round(weight * (demand_factor(sku, sale) if sale and is_on else 1) * WEIGHT_UNITS)
            self._looked_at.append(looked_at)
            self._bought.append(bought)

    def looked_at(self, dice: Dice) -> Sku:
        """One that is viewed."""
        return self._pick(self._looked_at, dice)

    def bought(self, dice: Dice) -> Sku:
        """One that is put into a cart."""
        return self._pick(self._bought, dice)

    def _pick(self, sums: list[int], dice: Dice) -> Sku:
        return self._shop.skus[bisect_right(sums, dice.bits() * sums[-1] >> 64)]


def quantity(dice: Dice) -> int:
    """Pieces of one line."""
    return dice.choose(_QUANTITIES) + 1


def demand_factor(sku: Sku, sale: Sale) -> float:
    """Times the pieces that a SKU sells while it is on sale: seen by more, and wanted by more of them."""
    cheaper = float(sku.price / max(sale.sale_price, sku.price / 100))
    wanted: float = cheaper**parameters.PRICE_ELASTICITY
    return parameters.FLASH_VISIBILITY * wanted
