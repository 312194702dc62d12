"""Everything the shop writes besides orders: returns, reviews, supplies, prices, promotions, spend, rates."""

from __future__ import annotations

from dataclasses import asdict

from simulator.live.database.order_transactions import return_to_stock, step
from simulator.live.database.session import Session
from simulator.live.database.statements import insert, insert_missing, write
from simulator.live.decisions.records import (
    NewReview,
    ReturnDecision,
    ReturnReceipt,
    ReturnRequest,
    StatusChange,
)
from simulator.live.decisions.shop_records import (
    CampaignSpend,
    NewCategory,
    NewContract,
    NewFlashSale,
    NewPrice,
    NewRate,
    NewVoucher,
    Receipt,
)

_WRITE_OFF_RETURN = """
    insert into inventory_log (
        sku_id, warehouse_id, lot_id, movement_type, quantity_change, currency, unit_cost, order_item_id,
        moved_at
    )
    select
        sku_id, warehouse_id, lot_id, 'write_off', -quantity_change, currency, unit_cost, order_item_id,
        moved_at
    from inventory_log
    where order_item_id = %s and movement_type = 'return'
    order by log_id desc
    limit 1
"""


@write.register
def request_return(request: ReturnRequest, session: Session) -> None:
    """A buyer asks to return a line."""
    insert(
        session,
        "order_returns",
        return_id=request.return_id,
        order_id=request.order_id,
        order_item_id=request.line.order_item_id,
        reason=request.reason,
        quantity=request.line.quantity,
        currency=request.currency,
        refund_amount=request.refund_amount,
        requested_at=request.at,
    )


@write.register
def decide_return(decision: ReturnDecision, session: Session) -> None:
    """The return is approved or rejected."""
    session.execute(
        "update order_returns set status = %s where return_id = %s",
        ["approved" if decision.is_approved else "rejected", decision.return_id],
    )


@write.register
def receive_return(receipt: ReturnReceipt, session: Session) -> None:
    """The goods are back in stock, or written off; the order is returned with its last line."""
    request = receipt.request
    session.execute(
        "update order_returns set status = 'received', received_at = %s where return_id = %s",
        [receipt.at, request.return_id],
    )
    return_to_stock([request.line], request.currency, receipt.at, session)
    if not receipt.is_resellable and request.line.warehouse_id is not None:
        session.execute(_WRITE_OFF_RETURN, [request.line.order_item_id])
    if receipt.ends_order:
        step(StatusChange(request.order_id, "returned", receipt.at), session)
        session.execute("update shipments set status = 'returned' where order_id = %s", [request.order_id])


@write.register
def review(opinion: NewReview, session: Session) -> None:
    """A rating with a few words; the product's average follows."""
    insert(
        session,
        "reviews",
        order_id=opinion.order_id,
        user_id=opinion.user_id,
        product_id=opinion.product_id,
        rating=opinion.rating,
        title=opinion.title,
        content=opinion.content,
        reviewed_at=opinion.at,
    )


@write.register
def receive(receipt: Receipt, session: Session) -> None:
    """A supplier's pieces open a lot."""
    insert(
        session,
        "inventory_log",
        sku_id=receipt.sku_id,
        warehouse_id=receipt.warehouse_id,
        movement_type="receipt",
        quantity_change=receipt.quantity,
        currency=receipt.currency,
        unit_cost=receipt.unit_cost,
        supplier_id=receipt.supplier_id,
        moved_at=receipt.at,
    )


@write.register
def reprice(change: NewPrice, session: Session) -> None:
    """A SKU costs something else from now on."""
    session.execute("update product_skus set price = %s where sku_id = %s", [change.price, change.sku_id])


@write.register
def move(change: NewCategory, session: Session) -> None:
    """A product stands in another category from now on."""
    session.execute(
        "update products set category_id = %s where product_id = %s", [change.category_id, change.product_id]
    )


@write.register
def change_contract(contract: NewContract, session: Session) -> None:
    """A seller's contract has another tier and commission."""
    session.execute(
        "update sellers set tier = %s, commission_rate = %s where seller_id = %s",
        [contract.tier, contract.commission_rate, contract.seller_id],
    )


@write.register
def open_flash_sale(sale: NewFlashSale, session: Session) -> None:
    """A quota of pieces at a lower price."""
    insert(session, "flash_sales", **asdict(sale))


@write.register
def issue_voucher(voucher: NewVoucher, session: Session) -> None:
    """A voucher that can be used from now on."""
    insert(session, "vouchers", **asdict(voucher))


@write.register
def spend(cost: CampaignSpend, session: Session) -> None:
    """What a campaign has cost and brought is added to the day's row."""
    insert_missing(
        session,
        "campaign_spend",
        campaign_id=cost.campaign_id,
        spend_date=cost.spend_date,
        currency=cost.currency,
        spend_amount=0,
        impression_count=0,
        click_count=0,
    )
    session.execute(
        "update campaign_spend set spend_amount = spend_amount + %s, "
        "impression_count = impression_count + %s, click_count = click_count + %s "
        "where campaign_id = %s and spend_date = %s",
        [
            *(cost.spend_amount, cost.impression_count, cost.click_count),
            *(cost.campaign_id, cost.spend_date),
        ],
    )


@write.register
def publish(rate: NewRate, session: Session) -> None:
    """A day's exchange rate, unless somebody has published it already."""
    insert_missing(session, "fx_rates", **asdict(rate))
