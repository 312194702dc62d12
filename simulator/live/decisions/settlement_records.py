"""Records of payouts, chargebacks and fraud cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """A sale, refund or chargeback that a payout settles."""

    line_type: str
    order_id: int
    order_item_id: int | None
    payment_id: int | None
    return_id: int | None
    gross_amount: Decimal
    fee_amount: Decimal


@dataclass(frozen=True, slots=True)
class NewPayout:
    """An announced payout and its lines, in one currency; `seller_id` is None if the platform is paid."""

    payout_id: int
    payer_type: str
    payer: str
    seller_id: int | None
    currency: str
    lines: tuple[PayoutLine, ...]
    period_starts_at: datetime
    period_ends_at: datetime


@dataclass(frozen=True, slots=True)
class PayoutTransfer:
    """The money of a payout is transferred."""

    payout_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Chargeback:
    """A card's issuer takes back the money of a captured payment."""

    order_id: int
    payment_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class NewFraudCase:
    """The risk team begins to investigate an order."""

    order_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseDecision:
    """The risk team decides the case of an order."""

    order_id: int
    outcome: str
    at: datetime
