"""Payouts: what gateways and marketplaces paid the platform, and the platform its sellers, line by line."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.history.amounts import order_terms
from simulator.history.generate import History
from simulator.history.order_steps import DELIVERED
from simulator.history.orders import CHANNELS, LAZADA
from simulator.history.payments import CHARGED_BACK, FAILED, VOIDED, PaymentRows
from simulator.history.returns import REFUNDED, ReturnRows
from simulator.plan import DAY, Plan
from simulator.randomness import Bools, Ints, Stream
from simulator.rules import payouts as rules
from simulator.rules.payments import GATEWAYS
from simulator.rules.payouts import CHARGEBACK, LINE_TYPES, REFUND, SALE
from simulator.world.promotions import is_seller_funded
from simulator.world.rates import CURRENCIES

_GATEWAYS = tuple(sorted(set(GATEWAYS)))
_GATEWAY_OF_METHOD = np.array([_GATEWAYS.index(gateway) for gateway in GATEWAYS])
_MARKETPLACES = CHANNELS[LAZADA:]
_PAYERS = (
    *((rules.GATEWAY, gateway) for gateway in _GATEWAYS),
    *((rules.MARKETPLACE, marketplace) for marketplace in _MARKETPLACES),
    (rules.PLATFORM, rules.PLATFORM),
)
_FIRST_MARKETPLACE, _PLATFORM = len(_GATEWAYS), len(_PAYERS) - 1
_PERIOD = np.array([rules.PERIOD_DAYS[payer_type] for payer_type, _ in _PAYERS]) * DAY
_TO_PAYOUT = np.array([rules.days_to_payout(*payer) for payer in _PAYERS]) * DAY


@dataclass(frozen=True)
class _Lines:
    """Columns of payout lines; money in hundredths, identifiers as positions (-1: null)."""

    payer: Ints
    seller: Ints
    moment: Ints
    """When the sale, refund or chargeback happened; it is paid out after the end of that period."""
    line_type: Ints
    order: Ints
    item: Ints
    payment: Ints
    returned: Ints
    gross: Ints
    fee: Ints

    def take(self, chosen: Ints | Bools) -> _Lines:
        """Some of the lines."""
        return _Lines(**{each.name: getattr(self, each.name)[chosen] for each in fields(self)})


@dataclass(frozen=True)
class Payouts:
    """Lines sorted by payout, the end of the period of each line, and the number of lines of each payout."""

    lines: _Lines
    ends: Ints
    counts: Ints


def make_payouts(history: History) -> Payouts:
    """All payouts whose period ended within the plan."""
    plan, orders = history.plan, history.orders
    lines = _concatenated(
        [
            *_payment_lines(history, history.payment_rows),
            _refunds_of_payments(history, history.return_rows),
            _marketplace_lines(history),
            *_seller_lines(history),
        ]
    )
    ends = _period_ends(plan, lines.moment, lines.payer)
    lines, ends = lines.take(ends < plan.end), ends[ends < plan.end]
    keys = (ends, lines.payer, orders.country[lines.order], lines.seller)
    sequence = np.lexsort((lines.order, lines.moment, *reversed(keys)))
    sorted_keys = np.stack(keys)[:, sequence]
    is_first = np.ones(len(sequence), dtype=np.bool_)
    is_first[1:] = (sorted_keys[:, 1:] != sorted_keys[:, :-1]).any(axis=0)
    starts = np.append(np.flatnonzero(is_first), len(sequence))
    return Payouts(lines.take(sequence), ends[sequence], np.diff(starts))


def payouts_table(history: History, made: Payouts) -> pa.Table:
    """The table `payouts`."""
    plan, orders, count = history.plan, history.orders, len(made.counts)
    first = np.cumsum(made.counts) - made.counts
    head = made.lines.take(first)
    ends = made.ends[first]
    paid = ends + _TO_PAYOUT[head.payer]
    paid = np.where(paid < plan.end, paid, columns.NULL)
    gross, fee = (
        np.add.reduceat(each, first) if count else each for each in (made.lines.gross, made.lines.fee)
    )
    return pa.table(
        {
            "payout_id": columns.integers(np.arange(count) + 1),
            "payer_type": columns.texts(head.payer, [payer_type for payer_type, _ in _PAYERS]),
            "payer": columns.texts(head.payer, [payer for _, payer in _PAYERS]),
            "seller_id": columns.integers(np.where(head.seller >= 0, head.seller + 1, columns.NULL)),
            "status": columns.texts((paid >= 0).astype(np.int64), ("pending", "paid")),
            "currency": columns.texts(orders.country[head.order], CURRENCIES),
            "gross_amount": columns.signed_amounts(gross),
            "fee_amount": columns.signed_amounts(fee),
            "net_amount": columns.signed_amounts(gross - fee),
            "period_starts_at": columns.timestamps(ends - _PERIOD[head.payer]),
            "period_ends_at": columns.timestamps(ends),
            "paid_at": columns.timestamps(paid),
            "created_at": columns.timestamps(ends),
            "updated_at": columns.timestamps(np.maximum(ends, paid)),
        }
    )


def payout_lines_table(made: Payouts) -> pa.Table:
    """The table `payout_lines`."""
    lines, count = made.lines, len(made.lines.order)
    payout = np.repeat(np.arange(len(made.counts)), made.counts)
    written = columns.timestamps(made.ends)
    references = {
        "order_item_id": lines.item,
        "payment_id": lines.payment,
        "return_id": lines.returned,
    }
    return pa.table(
        {
            "payout_line_id": columns.integers(np.arange(count) + 1),
            "payout_id": columns.integers(payout + 1),
            "order_id": columns.integers(lines.order + 1),
            **{
                name: columns.integers(np.where(each >= 0, each + 1, columns.NULL))
                for name, each in references.items()
            },
            "line_type": columns.texts(lines.line_type, LINE_TYPES),
            "gross_amount": columns.signed_amounts(lines.gross),
            "fee_amount": columns.signed_amounts(lines.fee),
            "net_amount": columns.signed_amounts(lines.gross - lines.fee),
            "created_at": written,
            "updated_at": written,
        }
    )


def _period_ends(plan: Plan, moment: Ints, payer: Ints) -> Ints:
    """End of the payer's period that holds each time; periods are counted from the start of the plan."""
    ends: Ints = plan.start + ((moment - plan.start) // _PERIOD[payer] + 1) * _PERIOD[payer]
    return ends


def _lines(
    line_type: str, payer: Ints | int, order: Ints, moment: Ints, gross: Ints, **others: Ints
) -> _Lines:
    """Lines of one type; what is not given is null, or a fee of zero."""
    none = np.full(len(order), columns.NULL)
    given = {"seller": none, "item": none, "payment": none, "returned": none, "fee": np.zeros_like(order)}
    kind = np.full(len(order), LINE_TYPES.index(line_type))
    return _Lines(
        payer=np.broadcast_to(payer, order.shape), order=order, moment=moment, line_type=kind, gross=gross,
        **{**given, **others},
    )  # fmt: skip


def _concatenated(parts: list[_Lines]) -> _Lines:
    return _Lines(
        **{each.name: np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(_Lines)}
    )


def _payment_lines(history: History, rows: PaymentRows) -> list[_Lines]:
    """Captured payments; chargebacks; and refunds of payments voided after they were paid out."""
    plan, status = history.plan, rows.status
    payer = _GATEWAY_OF_METHOD[history.payments.method[rows.order]]
    is_voided_later = (status == VOIDED) & (rows.voided >= _period_ends(plan, rows.received, payer))
    is_wrong = Stream(plan.seed, "payouts").happens(parameters.PAYOUT_FEE_ERROR_RATE, len(status))
    unit = order_terms(history.orders.country[rows.order]).unit
    fee = rules.gateway_fee(rows.fee, is_wrong, unit)
    total = history.amounts.total[rows.order]

    def part(line_type: str, chosen: Ints, moment: Ints, sign: int) -> _Lines:
        given = {"payment": chosen, "fee": fee[chosen]} if line_type == SALE else {"payment": chosen}
        return _lines(
            line_type, payer[chosen], rows.order[chosen], moment[chosen], sign * total[chosen], **given
        )

    is_sale = (rows.received < plan.end) & (status != FAILED) & ((status != VOIDED) | is_voided_later)
    return [
        part(SALE, np.flatnonzero(is_sale), rows.received, 1),
        part(REFUND, np.flatnonzero(is_voided_later), rows.voided, -1),
        part(CHARGEBACK, np.flatnonzero(status == CHARGED_BACK), rows.charged_back, -1),
    ]


def _refunds_of_payments(history: History, rows: ReturnRows) -> _Lines:
    refunded = np.flatnonzero(rows.status == REFUNDED)
    order = rows.order[refunded]
    payment = history.payment_rows.captured_of_orders(history.orders.count)[order] - 1
    payer = _GATEWAY_OF_METHOD[history.payments.method[order]]
    gross = -rows.refund[refunded]
    return _lines(REFUND, payer, order, rows.refunded[refunded], gross, payment=payment, returned=refunded)


def _marketplace_lines(history: History) -> _Lines:
    """Delivered orders that a marketplace settles."""
    orders, delivered = history.orders, history.order_steps.at(DELIVERED)
    order = np.flatnonzero(orders.is_settled_elsewhere & (delivered >= 0))
    channel = orders.channel[order] - LAZADA
    total, unit = history.amounts.total[order], order_terms(orders.country[order]).unit
    fees = [rules.marketplace_fee(total, marketplace, unit) for marketplace in _MARKETPLACES]
    fee = np.stack(fees)[channel, np.arange(len(order))]
    return _lines(SALE, _FIRST_MARKETPLACE + channel, order, delivered[order], total, fee=fee)


def _seller_lines(history: History) -> list[_Lines]:
    """Delivered order lines, and those that were refunded; test orders are no sales."""
    orders, order_lines, rows = history.orders, history.order_lines, history.return_rows
    delivered = history.order_steps.at(DELIVERED)[order_lines.order]
    catalogue = history.world.catalogue
    seller = catalogue.product_seller[catalogue.product[order_lines.sku]]
    voucher = history.amounts.voucher[order_lines.order]
    funded = is_seller_funded(np.maximum(voucher, 0)) & (voucher >= 0)
    gross = rules.seller_gross(order_lines.amount, history.amounts.line_goods_discount, funded)
    rate = history.world.sellers.commission_at(seller, orders.moment[order_lines.order])
    fee = rules.commission(gross, rate, order_terms(orders.country[order_lines.order]).unit)
    sold = np.flatnonzero((delivered >= 0) & ~orders.is_test[order_lines.order])
    refunded = np.flatnonzero((rows.status == REFUNDED) & (rows.line >= 0))
    back = rows.line[refunded]

    def part(line_type: str, item: Ints, moment: Ints, sign: int, **given: Ints) -> _Lines:
        amounts = {"gross": sign * gross[item], "fee": sign * fee[item]}
        order = order_lines.order[item]
        return _lines(line_type, _PLATFORM, order, moment, seller=seller[item], item=item, **amounts, **given)

    return [
        part(SALE, sold, delivered[sold], 1),
        part(REFUND, back, rows.refunded[refunded], -1, returned=refunded),
    ]
