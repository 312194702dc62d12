"""Transactions of payouts, chargebacks and fraud cases."""

from __future__ import annotations

from simulator.live.database.session import Session
from simulator.live.database.statements import insert, insert_missing, write
from simulator.live.decisions.settlement_records import (
    CaseDecision,
    Chargeback,
    NewFraudCase,
    NewPayout,
    PayoutTransfer,
)


@write.register
def announce_payout(payout: NewPayout, session: Session) -> None:
    """Insert a pending payout and its lines, in the order of their orders."""
    gross = sum(line.gross_amount for line in payout.lines)
    fee = sum(line.fee_amount for line in payout.lines)
    insert(
        session,
        "payouts",
        payout_id=payout.payout_id,
        payer_type=payout.payer_type,
        payer=payout.payer,
        seller_id=payout.seller_id,
        currency=payout.currency,
        gross_amount=gross,
        fee_amount=fee,
        net_amount=gross - fee,
        period_starts_at=payout.period_starts_at,
        period_ends_at=payout.period_ends_at,
    )
    for line in sorted(payout.lines, key=lambda each: each.order_id):
        insert(
            session,
            "payout_lines",
            payout_id=payout.payout_id,
            order_id=line.order_id,
            order_item_id=line.order_item_id,
            payment_id=line.payment_id,
            return_id=line.return_id,
            line_type=line.line_type,
            gross_amount=line.gross_amount,
            fee_amount=line.fee_amount,
            net_amount=line.gross_amount - line.fee_amount,
        )


@write.register
def transfer_payout(transfer: PayoutTransfer, session: Session) -> None:
    """Mark a payout as paid."""
    session.execute(
        "update payouts set status = 'paid', paid_at = %s where payout_id = %s and status = 'pending'",
        [transfer.at, transfer.payout_id],
    )


@write.register
def charge_back(chargeback: Chargeback, session: Session) -> None:
    """Mark a payment as charged back, unless it is not captured any more."""
    session.execute(
        "update payments set status = 'charged_back', charged_back_at = %s "
        "where payment_id = %s and status = 'captured'",
        [chargeback.at, chargeback.payment_id],
    )


@write.register
def open_case(case: NewFraudCase, session: Session) -> None:
    """Insert an open case, unless the order has one."""
    insert_missing(session, "fraud_cases", order_id=case.order_id, opened_at=case.at)


@write.register
def decide_case(decision: CaseDecision, session: Session) -> None:
    """Decide an open case."""
    session.execute(
        "update fraud_cases set outcome = %s, decided_at = %s where order_id = %s and outcome is null",
        [decision.outcome, decision.at, decision.order_id],
    )
