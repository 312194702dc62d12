"""Records of supplies, prices, categories, promotions, campaign spend, exchange rates and contracts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Receipt:
    """A supplier's delivery of an SKU to a warehouse."""

    sku_id: int
    warehouse_id: int
    supplier_id: int | None
    quantity: int
    currency: str
    unit_cost: Decimal | None
    at: datetime


@dataclass(frozen=True, slots=True)
class NewPrice:
    """A seller changes a SKU's price."""

    sku_id: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class NewCategory:
    """A product is moved to another category."""

    product_id: int
    category_id: int


@dataclass(frozen=True, slots=True)
class NewFlashSale:
    """A flash sale: a quota of pieces of an SKU at a lower price for a limited time."""

    flash_sale_id: int
    sku_id: int
    sale_price: Decimal
    quota: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class NewVoucher:
    """A voucher of a promotion."""

    voucher_id: int
    voucher_code: str
    voucher_type: str
    value: Decimal
    currency: str
    max_discount_amount: Decimal | None
    min_order_amount: Decimal
    usage_limit: int
    per_user_limit: int
    campaign_id: int | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignSpend:
    """A campaign's spend since it was last written; added to the day's row."""

    campaign_id: int
    spend_date: date
    currency: str
    spend_amount: Decimal
    impression_count: int
    click_count: int


@dataclass(frozen=True, slots=True)
class NewRate:
    """A day's exchange rate."""

    currency: str
    rate_date: date
    reporting_currency: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class NewContract:
    """A seller's contract changes to another tier."""

    seller_id: int
    tier: str
    commission_rate: Decimal
