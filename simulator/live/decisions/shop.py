"""The shop as the simulator sees it while it runs: goods, people, promotions, rates.

The database has the last word on
stock and limits; these counts only keep most wishes within them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from simulator import parameters
from simulator.live.decisions.records import Destination

CENT = Decimal("0.01")
UNIT = Decimal(1)


@dataclass(slots=True)
class Place:
    """A SKU's pieces in one warehouse."""

    warehouse_id: int
    quantity: int
    reorder_point: int
    is_ordered: bool = False
    """Whether the supplier has been asked for more."""
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
    places: list[Place] = field(default_factory=list)

    @property
    def stock(self) -> int:
        """Pieces in all warehouses."""
        return sum(place.quantity for place in self.places)


@dataclass(slots=True)
class Person:
    """An account that can buy, with the profile that orders name and the device it is known by."""

    user_id: int
    customer_id: int
    destination: Destination
    device_fingerprint: str
    ip_address: str
    platform: str
    activity: int = 1
    """How often this person visits, relative to others."""
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
    """False for a voucher that only an attack uses."""


@dataclass(slots=True)
class Sale:
    """A flash sale; the price is in the SKU's currency."""

    flash_sale_id: int
    sku_id: int
    sale_price: Decimal
    left: int
    starts_at: datetime
    ends_at: datetime


@dataclass(slots=True)
class Campaign:
    """A campaign that runs, and the visits it has led here since its spend was last written."""

    campaign_id: int
    campaign_type: str
    currency: str
    ends_at: datetime
    referrer: str | None
    visits: int = 0


@dataclass
class Shop:
    """All of it. `rates` is the reporting currency's units for one unit of each currency."""

    skus: Sequence[Sku]
    people: list[Person]
    staff: Sequence[Person]
    vouchers: list[Voucher]
    sales: dict[int, Sale]
    """By SKU."""
    campaigns: list[Campaign]
    rates: dict[str, Decimal]
    reporting_currency: str | None = None
    rates_of: date | None = None
    """The day of the latest rates."""
    warehouse_cities: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sku_by_id = {sku.sku_id: sku for sku in self.skus}
        self.skus_by_product: dict[int, list[Sku]] = {}
        for sku in self.skus:
            self.skus_by_product.setdefault(sku.product_id, []).append(sku)

    def running_campaigns(self, at: datetime) -> list[Campaign]:
        """Those that still lead visitors here."""
        return [campaign for campaign in self.campaigns if campaign.ends_at > at]

    def place(self, sku_id: int, warehouse_id: int | None) -> Place | None:
        """Where a SKU lies in a warehouse; None for one that is not for sale, or that its seller ships."""
        sku = self.sku_by_id.get(sku_id)
        places = sku.places if sku else ()
        return next((place for place in places if place.warehouse_id == warehouse_id), None)

    def currency_of(self, country: str, sku: Sku) -> str:
        """What a buyer from a country pays in: the own currency where its rate is known, else the SKU's."""
        known = parameters.COUNTRIES.get(country)
        if known is None or known.currency not in self.rates or sku.currency not in self.rates:
            return sku.currency
        return known.currency

    def converted(self, amount: Decimal, currency: str, into: str) -> Decimal:
        """An amount in another currency, rounded to what prices in it have."""
        if currency != into:
            amount = amount * self.rates[currency] / self.rates[into]
        return rounded(amount, into)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """To cents, or to whole units where prices have no cents; halves go up."""
    step = UNIT if currency in parameters.WHOLE_UNIT_CURRENCIES else CENT
    return amount.quantize(step, ROUND_HALF_UP)
