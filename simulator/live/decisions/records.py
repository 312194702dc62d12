"""Records: what the engine asks the database to write, each in a transaction of its own.

Amounts are in the record's currency, times are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """An order line and the warehouse that holds its pieces."""

    order_item_id: int
    sku_id: int
    product_id: int
    seller_id: int
    warehouse_id: int | None
    """None if the seller ships it."""
    quantity: int
    unit_price: Decimal
    unit_cost: Decimal | None
    discount_amount: Decimal = ZERO
    goods_discount_amount: Decimal = ZERO
    """The discount without the part that pays for shipping."""
    shipping_amount: Decimal = ZERO
    tax_amount: Decimal = ZERO
    flash_sale_id: int | None = None

    @property
    def subtotal_amount(self) -> Decimal:
        """Pieces times price, before discount, shipping and tax."""
        return self.quantity * self.unit_price

    @property
    def total_amount(self) -> Decimal:
        """What the buyer pays for this line."""
        return self.subtotal_amount - self.discount_amount + self.shipping_amount + self.tax_amount


@dataclass(frozen=True, slots=True)
class Redemption:
    """The use of a voucher by an order."""

    voucher_id: int
    discount_amount: Decimal


@dataclass(frozen=True, slots=True)
class Destination:
    """The address of an order."""

    country: str
    city: str | None
    state: str | None
    postal_code: str | None


@dataclass(frozen=True, slots=True)
class Attack:
    """The label of an attack's order, hidden from models; the times are the whole attack's."""

    attack_id: int
    kind: str
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class NewOrder:
    """A new order; its amounts are the sums of its lines, which are sorted by SKU."""

    order_id: int
    customer_id: int
    user_id: int
    channel: str
    currency: str
    destination: Destination
    lines: tuple[Line, ...]
    ordered_at: datetime
    estimated_delivery_at: datetime
    redemption: Redemption | None = None
    campaign_id: int | None = None
    session_id: str | None = None
    cart_id: int | None = None
    device_fingerprint: str | None = None
    ip_address: str | None = None
    is_test: bool = False
    attack: Attack | None = None

    @property
    def total_amount(self) -> Decimal:
        """What the buyer pays."""
        return sum((line.total_amount for line in self.lines), ZERO)


@dataclass(frozen=True, slots=True)
class StatusChange:
    """An order's next status and the time reported for it."""

    order_id: int
    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PaymentAttempt:
    """One attempt to pay an order; a captured one also makes the order paid."""

    payment_id: int
    order_id: int
    sequence_number: int
    method: str
    gateway: str | None
    currency: str
    amount: Decimal
    fee_amount: Decimal | None
    attempted_at: datetime
    captured_at: datetime | None
    """None if the attempt failed."""
    installment_count: int = 1
    card_country: str | None = None
    card_fingerprint: str | None = None
    failure_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one warehouse (None: the seller) ships for an order."""

    shipment_id: int
    warehouse_id: int | None
    tracking_no: str
    carrier: str
    cost_amount: Decimal
    estimated_delivery_at: datetime


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The parcels of an order are picked up."""

    order_id: int
    currency: str
    parcels: tuple[Parcel, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """An order is delivered; its buyer gets loyalty points."""

    order_id: int
    customer_id: int
    loyalty_points: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Cancellation:
    """An order is cancelled before delivery; its pieces return to stock."""

    order_id: int
    currency: str
    reason: str
    lines: tuple[Line, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class LostParcel:
    """A parcel is lost: the order is cancelled and a refund is due."""

    order_id: int
    return_id: int
    currency: str
    quantity: int
    refund_amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Refund:
    """The refund of a return or a lost parcel is paid."""

    order_id: int
    return_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ReturnRequest:
    """A buyer asks to return a line."""

    order_id: int
    return_id: int
    line: Line
    currency: str
    reason: str
    refund_amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class ReturnDecision:
    """A return is approved or rejected."""

    order_id: int
    return_id: int
    is_approved: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ReturnReceipt:
    """Returned goods are received: back into stock, or written off.

    `ends_order` if every line of the order has been received.
    """

    request: ReturnRequest
    is_resellable: bool
    ends_order: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class NewReview:
    """A review of a product."""

    order_id: int
    user_id: int
    product_id: int
    rating: int
    title: str | None
    content: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A new account with its profile, registered or made for a guest's order."""

    user_id: int
    customer_id: int
    user_type: str
    first_name: str
    last_name: str
    email: str
    destination: Destination
    language: str | None
    time_zone: str | None
    acquisition_channel: str | None
    has_marketing_consent: bool
    at: datetime
