"""Everything the shop writes besides orders: returns, reviews, supplies, prices, promotions, spend, rates."""

from __future__ import annotations

from dataclasses import asdict

from simulator.live.database.order_transactions import return_to_stock, step
from simulator.live.database.session import Session
from simulator.live.database.statements import insert, insert_missing, write
from simulator.live.decisions.records import (
    CampaignSpend,
    NewCategory,
    NewFlashSale,
    NewPrice,
    NewRate,
    NewReview,
    NewVoucher,
    Receipt,
    ReturnDecision,
    ReturnRequest,
    StatusChange,
)


@write.register
def request_return(request: ReturnRequest, session: Session) -> None:
    """The buyer asks for the money of some lines back."""
    wishlist_items = zip(request.return_ids, request.lines, request.refund_amounts, strict=True)
    for return_id, line, refund in wishlist_items:
        insert(
            session,
            "order_returns",
            return_id=return_id,
            order_id=request.order_id,
            order_item_id=line.order_item_id,
            reason=request.reason,
            quantity=line.quantity,
            currency=request.currency,
            refund_amount=refund,
            requested_at=request.at,
        )


@write.register
def decide_return(decision: ReturnDecision, session: Session) -> None:
    """The request is rejected, or the pieces come back and the money is paid out."""
    request = decision.request
    if not decision.is_accepted:
        session.execute_many(
            "update order_returns set status = 'rejected' where return_id = %s",
            [(return_id,) for return_id in request.return_ids],
        )
        return
    session.execute_many(
        "update order_returns set status = 'refunded', received_at = %s, refunded_at = %s "
        "where return_id = %s",
        [(decision.at, decision.at, return_id) for return_id in request.return_ids],
    )
    return_to_stock(decision.resellable, request.currency, decision.at, session)
    if decision.ends_order:
        step(StatusChange(request.order_id, "returned", decision.at), session)


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
