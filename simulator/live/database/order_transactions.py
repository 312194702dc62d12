"""Orders: placed, paid, shipped, delivered or cancelled, over the rules of the database.

Locks are taken in one order, so that concurrent orders queue and do not block each other for ever: SKUs where
the family needs it, the voucher, then flash sales and stock by SKU.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from simulator import parameters
from simulator.live.database.session import Session
from simulator.live.database.statements import insert, insert_missing, write
from simulator.live.decisions.records import (
    Cancellation,
    Delivery,
    Dispatch,
    Line,
    LostParcel,
    NewOrder,
    PaymentAttempt,
    Refund,
    StatusChange,
)


@write.register
def place(order: NewOrder, session: Session) -> None:
    """A pending order with its lines; its voucher is used and its pieces leave the oldest lots."""
    insert(
        session,
        "orders",
        order_id=order.order_id,
        customer_id=order.customer_id,
        user_id=order.user_id,
        campaign_id=order.campaign_id,
        channel=order.channel,
        currency=order.currency,
        subtotal_amount=sum(line.subtotal_amount for line in order.lines),
        discount_amount=sum(line.discount_amount for line in order.lines),
        shipping_amount=sum(line.shipping_amount for line in order.lines),
        tax_amount=sum(line.tax_amount for line in order.lines),
        total_amount=order.total_amount,
        ship_to_country=order.destination.country,
        ship_to_city=order.destination.city,
        ship_to_state=order.destination.state,
        ship_to_postal_code=order.destination.postal_code,
        session_id=order.session_id,
        device_fingerprint=order.device_fingerprint,
        ip_address=order.ip_address,
        is_test=order.is_test,
        ordered_at=order.ordered_at,
        estimated_delivery_at=order.estimated_delivery_at,
    )
    _lock_skus(order.lines, session)
    if order.redemption is not None:
        insert(
            session,
            "voucher_redemptions",
            voucher_id=order.redemption.voucher_id,
            order_id=order.order_id,
            user_id=order.user_id,
            currency=order.currency,
            discount_amount=order.redemption.discount_amount,
            redeemed_at=order.ordered_at,
        )
    for number, line in enumerate(order.lines, 1):
        _add_line(order.order_id, number, line, session)
    for line in order.lines:
        if line.warehouse_id is not None:
            session.take_stock(
                line.sku_id, line.warehouse_id, line.quantity, line.order_item_id, order.ordered_at
            )
    if order.cart_id is not None:
        session.execute(
            "update carts set status = 'converted', order_id = %s, closed_at = %s where cart_id = %s",
            [order.order_id, order.ordered_at, order.cart_id],
        )
    _label(order, session)


def _label(order: NewOrder, session: Session) -> None:
    """An attack's order cannot be seen without its label."""
    if order.attack is None:
        return
    insert_missing(
        session,
        "labels.attacks",
        attack_id=order.attack.attack_id,
        attack_kind=order.attack.kind,
        started_at=order.attack.started_at,
        ended_at=order.attack.ended_at,
    )
    insert(
        session,
        "labels.fraud_labels",
        attack_id=order.attack.attack_id,
        order_id=order.order_id,
        user_id=order.user_id,
        session_id=order.session_id,
    )


def _add_line(order_id: int, number: int, line: Line, session: Session) -> None:
    insert(
        session,
        "order_items",
        order_item_id=line.order_item_id,
        order_id=order_id,
        line_number=number,
        sku_id=line.sku_id,
        product_id=line.product_id,
        seller_id=line.seller_id,
        flash_sale_id=line.flash_sale_id,
        quantity=line.quantity,
        unit_price=line.unit_price,
        unit_cost=line.unit_cost,
        discount_amount=line.discount_amount,
        shipping_amount=line.shipping_amount,
        tax_amount=line.tax_amount,
    )


def _lock_skus(lines: Iterable[Line], session: Session) -> None:
    session.lock_skus(line.sku_id for line in lines if line.warehouse_id is not None)


@write.register
def step(record: StatusChange, session: Session) -> None:
    """An order goes on to its next status."""
    session.execute(
        "update orders set status = %s, status_changed_at = %s where order_id = %s",
        [record.status, record.at, record.order_id],
    )


@write.register
def pay(attempt: PaymentAttempt, session: Session) -> None:
    """An attempt to pay; the order is paid with it unless it failed."""
    failed = attempt.captured_at is None
    insert(
        session,
        "payments",
        payment_id=attempt.payment_id,
        order_id=attempt.order_id,
        sequence_number=attempt.sequence_number,
        method=attempt.method,
        gateway=attempt.gateway,
        status="failed" if failed else "captured",
        currency=attempt.currency,
        amount=attempt.amount,
        fee_amount=attempt.fee_amount,
        installment_count=attempt.installment_count,
        card_country=attempt.card_country,
        card_fingerprint=attempt.card_fingerprint,
        failure_reason=attempt.failure_reason,
        attempted_at=attempt.attempted_at,
        captured_at=attempt.captured_at,
    )
    if attempt.captured_at is not None:
        step(StatusChange(attempt.order_id, "paid", attempt.captured_at), session)


@write.register
def ship(dispatch: Dispatch, session: Session) -> None:
    """Each warehouse's parcel is picked up."""
    for parcel in dispatch.parcels:
        insert(
            session,
            "shipments",
            order_id=dispatch.order_id,
            status="in_transit",
            currency=dispatch.currency,
            shipped_at=dispatch.at,
            **asdict(parcel),
        )
    step(StatusChange(dispatch.order_id, "shipped", dispatch.at), session)


@write.register
def deliver(delivery: Delivery, session: Session) -> None:
    """The parcels arrive, the buyer gets points."""
    session.execute(
        "update shipments set status = 'delivered', delivered_at = %s where order_id = %s",
        [delivery.at, delivery.order_id],
    )
    step(StatusChange(delivery.order_id, "delivered", delivery.at), session)
    if delivery.loyalty_points:
        session.execute(
            "update customers set loyalty_points = loyalty_points + %s where customer_id = %s",
            [delivery.loyalty_points, delivery.customer_id],
        )


@write.register
def cancel(cancellation: Cancellation, session: Session) -> None:
    """The order ends, money taken is given back, and its pieces are back in stock."""
    _lock_skus(cancellation.lines, session)
    session.execute(
        "update orders set status = 'cancelled', status_changed_at = %s, cancel_reason = %s "
        "where order_id = %s",
        [cancellation.at, cancellation.reason, cancellation.order_id],
    )
    session.execute(
        "update payments set status = 'voided' where order_id = %s and status in ('authorized', 'captured')",
        [cancellation.order_id],
    )
    return_to_stock(cancellation.lines, cancellation.currency, cancellation.at, session)


@write.register
def lose(loss: LostParcel, session: Session) -> None:
    """The order ends, its parcels have failed; the payment stands until the money is given back."""
    session.execute(
        "update orders set status = 'cancelled', status_changed_at = %s, cancel_reason = %s "
        "where order_id = %s",
        [loss.at, parameters.LOST_REASON, loss.order_id],
    )
    session.execute("update shipments set status = 'failed' where order_id = %s", [loss.order_id])
    insert(
        session,
        "order_returns",
        return_id=loss.return_id,
        order_id=loss.order_id,
        status="approved",
        reason="other",
        quantity=loss.quantity,
        currency=loss.currency,
        refund_amount=loss.refund_amount,
        requested_at=loss.at,
    )


@write.register
def refund(record: Refund, session: Session) -> None:
    """The money of a lost parcel is back."""
    session.execute(
        "update order_returns set status = 'refunded', refunded_at = %s where return_id = %s",
        [record.at, record.return_id],
    )


def return_to_stock(lines: Iterable[Line], currency: str, at: datetime, session: Session) -> None:
    """Pieces are in stock again, as a lot of their own."""
    for line in lines:
        if line.warehouse_id is None:
            continue
        insert(
            session,
            "inventory_log",
            sku_id=line.sku_id,
            warehouse_id=line.warehouse_id,
            movement_type="return",
            quantity_change=line.quantity,
            currency=currency,
            unit_cost=line.unit_cost,
            order_item_id=line.order_item_id,
            moved_at=at,
        )
