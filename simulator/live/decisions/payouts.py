"""Payouts in live traffic: at the end of each payer's period, what is not settled yet becomes payouts.

The rows to settle are read from the database, so that a run also settles what earlier ones left open.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial

import numpy as np

from simulator import parameters
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.output import CutOff
from simulator.live.decisions.settlement_records import NewPayout, PayoutLine, PayoutTransfer
from simulator.randomness import Ints
from simulator.rules import contracts, money
from simulator.rules import payouts as rules
from simulator.rules.delivery import DAY
from simulator.rules.payouts import GATEWAY, MARKETPLACE, PAYER_TYPES, SALE

SHORTEST_PERIOD_SECONDS = 20.0
"""At a high speed-up a period is several days long, so that the database is not asked all the time."""
_MYRIAD = 10_000


@dataclass(frozen=True, slots=True)
class UnsettledItem:
    """A sale, refund or chargeback that no payout covers yet; amounts are positive."""

    line_type: str
    payer: str
    seller_id: int | None
    currency: str
    order_id: int
    order_item_id: int | None
    payment_id: int | None
    return_id: int | None
    amount: Decimal
    """Money of the payment, refund or order; of an order line its goods before discount."""
    stated_fee: Decimal | None = None
    """The payment's fee."""
    goods_discount_amount: Decimal = Decimal(0)
    is_seller_funded: bool = False
    """Whether the seller pays for the discount."""
    commission_rate: Decimal | None = None
    """The seller's at order time."""


class Payouts:
    """Cut-offs and transfers of all payers."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        self._rng = run.rng("payouts")
        self._unwritten: Counter[str] = Counter()
        """Announced payouts per payer type that are not in the database yet."""

    def begin(self) -> None:
        """Start the periods of all payer types."""
        for payer_type in PAYER_TYPES:
            self._wait_for_cut_off(payer_type)

    def resume(self, payout_id: int, payer_type: str, payer: str) -> None:
        """Transfer a payout that was announced before this run."""
        self._transfer_later(payout_id, payer_type, payer)

    def settle(self, cut_off: CutOff, items: Iterable[UnsettledItem]) -> None:
        """Announce a payout per payer, seller and currency, with a line per item."""
        groups: dict[tuple[str, int | None, str], list[UnsettledItem]] = defaultdict(list)
        for item in items:
            groups[item.payer, item.seller_id, item.currency].append(item)
        for (payer, seller_id, currency), settled in groups.items():
            payout = NewPayout(
                payout_id=self._run.new_id("payouts"),
                payer_type=cut_off.payer_type,
                payer=payer,
                seller_id=seller_id,
                currency=currency,
                lines=tuple(self._line(cut_off.payer_type, item) for item in settled),
                period_starts_at=cut_off.starts_at,
                period_ends_at=cut_off.ends_at,
            )
            self._unwritten[cut_off.payer_type] += 1
            self._run.write(payout)

    def on_written(self, payout: NewPayout) -> None:
        """The database has an announced payout: transfer it when it is due."""
        self._unwritten[payout.payer_type] -= 1
        self._transfer_later(payout.payout_id, payout.payer_type, payout.payer)

    def _wait_for_cut_off(self, payer_type: str) -> None:
        seconds = max(rules.PERIOD_DAYS[payer_type] * DAY / self._run.speed_up, SHORTEST_PERIOD_SECONDS)
        self._run.scheduler.after(seconds, partial(self._cut_off, payer_type, timedelta(seconds=seconds)))

    def _cut_off(self, payer_type: str, period: timedelta) -> None:
        """Ask for what is to be settled; not while payouts wait to be written, or they would be repeated."""
        if not self._unwritten[payer_type]:
            now = self._run.now
            self._run.output.cut_offs.append(CutOff(payer_type, now - period, now))
        self._wait_for_cut_off(payer_type)

    def _transfer_later(self, payout_id: int, payer_type: str, payer: str) -> None:
        seconds = rules.days_to_payout(payer_type, payer) * DAY
        self._run.after(seconds, partial(self._transfer, payout_id))

    def _transfer(self, payout_id: int) -> None:
        self._run.write(PayoutTransfer(payout_id, self._run.now))

    def _line(self, payer_type: str, item: UnsettledItem) -> PayoutLine:
        gross, fee = self._gross_and_fee(payer_type, item)
        sign = 1 if item.line_type == SALE else -1
        return PayoutLine(
            line_type=item.line_type,
            order_id=item.order_id,
            order_item_id=item.order_item_id,
            payment_id=item.payment_id,
            return_id=item.return_id,
            gross_amount=sign * money.decimal(gross[0]),
            fee_amount=sign * money.decimal(fee[0]),
        )

    def _gross_and_fee(self, payer_type: str, item: UnsettledItem) -> tuple[Ints, Ints]:
        """Positive amounts; a gateway gives no fee back."""
        amount, unit = _array(item.amount), money.smallest_unit(item.currency)
        if payer_type == GATEWAY:
            is_sale = item.line_type == SALE
            fee = _array(item.stated_fee or Decimal(0)) if is_sale else np.zeros(1, dtype=np.int64)
            is_wrong = np.array([is_sale and self._rng.happens(parameters.PAYOUT_FEE_ERROR_RATE)])
            return amount, rules.gateway_fee(fee, is_wrong, unit)
        if payer_type == MARKETPLACE:
            return amount, rules.marketplace_fee(amount, item.payer, unit)
        discount, is_funded = _array(item.goods_discount_amount), np.array([bool(item.is_seller_funded)])
        gross = rules.seller_gross(amount, discount, is_funded)
        stated = item.commission_rate
        rate = contracts.STANDARD_COMMISSION_PER_MYRIAD if stated is None else int(stated * _MYRIAD)
        return gross, rules.commission(gross, rate, unit)


def _array(amount: Decimal) -> Ints:
    return np.array([money.hundredths(amount)], dtype=np.int64)
