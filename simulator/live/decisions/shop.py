"""The simulator's view of the shop during a run: SKUs, people, promotions and exchange rates.

The database enforces stock and limits; the counts here only avoid most refusals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

import numpy as np

from simulator import parameters
from simulator.live.decisions.records import Destination
from simulator.rules import loyalty, money


@dataclass(slots=True)
class WarehouseStock:
    """Stock of an SKU in one warehouse."""

    warehouse_id: int
    quantity: int
    reorder_point: int
    is_ordered: bool = False
    """Whether a reorder is on its way."""
    lot: int = 0
    """Pieces of the last delivery in this run; 0 before the first."""


@dataclass(slots=True)
class Sku:
    """A variant that is for sale. `price` and `cost` are in `currency`."""

    sku_id: int
    product_id: int
    category_id: int | None
    seller_id: int
    supplier_id: int | None
    department: str
    price: Decimal
    cost: Decimal | None
    currency: str
    popularity: int
    warehouses: list[WarehouseStock] = field(default_factory=list)

    @property
    def stock(self) -> int:
        """Pieces in all warehouses."""
        return sum(stock.quantity for stock in self.warehouses)


@dataclass(slots=True)
class Person:
    """An account that can buy, with its profile, device and address."""

    user_id: int
    customer_id: int
    destination: Destination
    device_fingerprint: str
    ip_address: str
    platform: str
    activity: int = 1
    """Relative frequency of visits."""
    is_online: bool = False

    @property
    def country(self) -> str:
        """Where the person lives."""
        return self.destination.country


@dataclass(slots=True)
class Voucher:
    """A voucher that is valid; amounts in `currency`."""

    voucher_id: int
    voucher_type: str
    value: Decimal
    currency: str
    max_discount_amount: Decimal | None
    min_order_amount: Decimal
    uses_left: int
    starts_at: datetime
    ends_at: datetime
    is_for_everyone: bool = True
    """False for a voucher that only attacks use."""


@dataclass(slots=True)
class FlashSale:
    """A flash sale; the price is in the SKU's currency."""

    flash_sale_id: int
    sku_id: int
    sale_price: Decimal
    pieces_left: int
    starts_at: datetime
    ends_at: datetime


@dataclass(slots=True)
class Campaign:
    """A running campaign, and the visits attributed to it since its spend was last written."""

    campaign_id: int
    campaign_type: str
    currency: str
    ends_at: datetime
    referrer: str | None
    visits: int = 0


@dataclass
class Shop:
    """The whole view. `rates` are units of the reporting currency for one unit of each currency."""

    skus: Sequence[Sku]
    people: list[Person]
    staff: Sequence[Person]
    vouchers: list[Voucher]
    flash_sales: dict[int, FlashSale]
    """By SKU."""
    campaigns: list[Campaign]
    rates: dict[str, Decimal]
    reporting_currency: str | None = None
    rates_of: date | None = None
    """The day of the latest rates."""
    sellers: dict[int, str] = field(default_factory=dict)
    """Contract tier by seller_id."""
    warehouse_positions: dict[int, int] = field(default_factory=dict)
    """Position in parameters.WAREHOUSES, by warehouse_id; empty if sellers ship."""

    def __post_init__(self) -> None:
        self.sku_by_id = {sku.sku_id: sku for sku in self.skus}
        self.skus_by_product: dict[int, list[Sku]] = {}
        for sku in self.skus:
            self.skus_by_product.setdefault(sku.product_id, []).append(sku)

    def running_campaigns(self, at: datetime) -> list[Campaign]:
        """Campaigns that have not ended."""
        return [campaign for campaign in self.campaigns if campaign.ends_at > at]

    def warehouse_stock(self, sku_id: int, warehouse_id: int | None) -> WarehouseStock | None:
        """Stock of an SKU in a warehouse; None if it is not for sale, or shipped by its seller."""
        sku = self.sku_by_id.get(sku_id)
        warehouses = sku.warehouses if sku else ()
        return next(
            (
                warehouse_stock
                for warehouse_stock in warehouses
                if warehouse_stock.warehouse_id == warehouse_id
            ),
            None,
        )

    def currency_of(self, country: str, sku: Sku) -> str:
        """The currency of a buyer from a country: the country's if its rate is known, else the SKU's."""
        known = parameters.COUNTRIES.get(country)
        if known is None or known.currency not in self.rates or sku.currency not in self.rates:
            return sku.currency
        return known.currency

    def converted(self, amount: Decimal, currency: str, into: str) -> Decimal:
        """A price in another currency, rounded half up to at least the currency's smallest unit."""
        same = currency == into
        own, other = (1, 1) if same else (_rate_units(self.rates[each]) for each in (currency, into))
        price = np.array([money.hundredths(amount)])
        return money.decimal(money.convert(price, own, other, money.smallest_unit(into))[0])


def _rate_units(rate: Decimal) -> int:
    return int(rate * loyalty.RATE_UNITS)
