"""The checkout: from a basket to an order, with the stock reserved and every amount exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from simulator import parameters
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.records import ZERO, Attack, Destination, Line, NewOrder, Redemption
from simulator.live.decisions.shop import FlashSale, Person, Shop, Sku, Voucher, WarehouseStock
from simulator.live.decisions.transit import SELLER, mean_transit_seconds
from simulator.randomness import ScalarStream
from simulator.rules import delivery, money, pricing, vouchers
from simulator.rules.attacks import AttackRule
from simulator.rules.vouchers import NONE, VoucherTerms


@dataclass(frozen=True, slots=True)
class FraudBehaviour:
    """What an attacker's order does after it is placed, by the rule of the attack."""

    rule: AttackRule
    card_country: str
    card: int | None
    """Number of the card; None for one of the account's own."""


@dataclass(slots=True)
class CheckoutRequest:
    """What a buyer asks to order, and how."""

    buyer: Person
    destination: Destination
    basket: dict[int, int]
    """Pieces by SKU."""
    channel: str
    voucher_rate: float = 0.0
    """Probability that a voucher is used if one applies."""
    takes_sale_price: bool = True
    campaign_id: int | None = None
    session_id: str | None = None
    cart_id: int | None = None
    device_fingerprint: str | None = None
    ip_address: str | None = None
    is_test: bool = False
    attack: Attack | None = None
    fraud: FraudBehaviour | None = None
    only_voucher: Voucher | None = None
    """The only voucher the buyer wants to use."""


@dataclass(slots=True)
class _Item:
    sku: Sku
    quantity: int
    stock: WarehouseStock | None
    """None if the seller ships it."""
    sale: FlashSale | None
    unit_price: Decimal

    @property
    def subtotal(self) -> Decimal:
        return self.quantity * self.unit_price


def build_order(run: RunContext, request: CheckoutRequest, rng: ScalarStream) -> NewOrder | None:
    """Build the order and reserve its stock; None if nothing is in stock."""
    shop, now = run.shop, run.now
    items, currency = _items(shop, request, now, rng)
    if not items:
        return None
    subtotal = sum((item.subtotal for item in items), ZERO)
    voucher = _voucher(shop, request, currency, subtotal, now, rng)
    amounts = _amounts(items, request.destination.country, currency, voucher)
    lines = [_line(run, item, currency, amounts, position) for position, item in enumerate(items)]
    for item in items:
        _reserve(item)
    if voucher is not None:
        voucher.uses_left -= 1
    return NewOrder(
        order_id=run.new_id("orders"),
        customer_id=request.buyer.customer_id,
        user_id=request.buyer.user_id,
        channel=request.channel,
        currency=currency,
        destination=request.destination,
        lines=tuple(lines),
        ordered_at=now,
        estimated_delivery_at=now + run.real_time(_promised_seconds(shop, lines, request.destination)),
        redemption=Redemption(voucher.voucher_id, money.decimal(amounts.discount[0])) if voucher else None,
        campaign_id=request.campaign_id,
        session_id=request.session_id,
        cart_id=request.cart_id,
        device_fingerprint=request.device_fingerprint,
        ip_address=request.ip_address,
        is_test=request.is_test,
        attack=request.attack,
    )


def release_reservation(shop: Shop, order: NewOrder) -> None:
    """Release the stock and the voucher of an order that is refused or cancelled."""
    for line in order.lines:
        stock = shop.warehouse_stock(line.sku_id, line.warehouse_id)
        if stock is not None:
            stock.quantity += line.quantity
        sale = shop.flash_sales.get(line.sku_id)
        if sale is not None and sale.flash_sale_id == line.flash_sale_id:
            sale.pieces_left += line.quantity
    for voucher in shop.vouchers:
        if order.redemption is not None and voucher.voucher_id == order.redemption.voucher_id:
            voucher.uses_left += 1


def slowest_transit_seconds(shop: Shop, lines: Sequence[Line], destination: Destination) -> int:
    """Mean transit time from the slowest warehouse of an order."""
    positions = {shop.warehouse_positions.get(line.warehouse_id or 0, SELLER) for line in lines}
    return max(mean_transit_seconds(position, destination) for position in positions)


def _items(shop: Shop, request: CheckoutRequest, now: datetime, rng: ScalarStream) -> tuple[list[_Item], str]:
    """The SKUs of the basket that can be ordered, with warehouse and price, and the order's currency."""
    skus = [shop.sku_by_id[sku_id] for sku_id in sorted(request.basket)]
    if shop.warehouse_positions:
        skus = [sku for sku in skus if _stocks(sku, request.basket[sku.sku_id])]
    if not skus:
        return [], ""
    currency = shop.currency_of(request.destination.country, skus[0])
    priced = []
    for sku in skus:
        if sku.currency != currency and not {sku.currency, currency} <= shop.rates.keys():
            continue
        sale, is_wanted = _flash_sale(shop, sku, request, now, rng)
        if is_wanted:
            priced.append((sku, sale))
    warehouses = _choose_warehouses(shop, [sku for sku, _ in priced], request)
    return [
        _Item(
            sku,
            request.basket[sku.sku_id],
            warehouses.get(sku.sku_id),
            sale,
            shop.converted(sale.sale_price if sale else sku.price, sku.currency, currency),
        )
        for sku, sale in priced
    ], currency


def _flash_sale(
    shop: Shop, sku: Sku, request: CheckoutRequest, now: datetime, rng: ScalarStream
) -> tuple[FlashSale | None, bool]:
    """The flash sale an SKU is bought in, and whether it is still wanted if that is sold out."""
    sale = shop.flash_sales.get(sku.sku_id)
    if sale is None or not (request.takes_sale_price and sale.starts_at <= now < sale.ends_at):
        return None, True
    if sale.pieces_left >= request.basket[sku.sku_id]:
        return sale, True
    return None, rng.happens(_demand_at_full_price(sku, sale))


def _demand_at_full_price(sku: Sku, sale: FlashSale) -> float:
    """Share of the buyers of a flash sale who pay the ordinary price when it is sold out."""
    share: float = float(sale.sale_price / sku.price) ** parameters.PRICE_ELASTICITY
    return min(1.0, share)


def _stocks(sku: Sku, quantity: int) -> list[WarehouseStock]:
    return [stock for stock in sku.warehouses if stock.quantity >= quantity]


def _choose_warehouses(shop: Shop, skus: list[Sku], request: CheckoutRequest) -> dict[int, WarehouseStock]:
    """The stock that each SKU is taken from; empty if sellers ship."""
    if not shop.warehouse_positions:
        return {}
    by_distance = sorted(
        shop.warehouse_positions,
        key=lambda each: (mean_transit_seconds(shop.warehouse_positions[each], request.destination), each),
    )
    stocks = [
        {stock.warehouse_id: stock for stock in _stocks(sku, request.basket[sku.sku_id])} for sku in skus
    ]
    chosen = delivery.choose_warehouses(
        range(len(skus)), by_distance, lambda line, warehouse: warehouse in stocks[line]
    )
    assert chosen is not None, "SKUs without stock were left out before"
    return {sku.sku_id: stocks[line][chosen[line]] for line, sku in enumerate(skus)}


def _reserve(item: _Item) -> None:
    if item.stock is not None:
        item.stock.quantity -= item.quantity
    if item.sale is not None:
        item.sale.pieces_left -= item.quantity


def _amounts(
    items: list[_Item], country: str, currency: str, voucher: Voucher | None
) -> pricing.OrderAmounts:
    amount = np.array([money.hundredths(item.subtotal) for item in items], dtype=np.int64)
    terms = pricing.order_terms([(country, currency)])
    return pricing.order_amounts(amount, np.array([0]), terms, _voucher_terms(voucher))


def _voucher_terms(voucher: Voucher | None) -> VoucherTerms:
    if voucher is None:
        return vouchers.no_vouchers(1)
    cap = voucher.max_discount_amount
    return VoucherTerms(
        kind=np.array([vouchers.TYPES.index(voucher.voucher_type)]),
        value=np.array([money.hundredths(voucher.value)]),
        max_discount=np.array([NONE if cap is None else money.hundredths(cap)]),
    )


def _line(run: RunContext, item: _Item, currency: str, amounts: pricing.OrderAmounts, position: int) -> Line:
    sku, shop = item.sku, run.shop
    return Line(
        order_item_id=run.new_id("order_items"),
        sku_id=sku.sku_id,
        product_id=sku.product_id,
        seller_id=sku.seller_id,
        warehouse_id=item.stock.warehouse_id if item.stock else None,
        quantity=item.quantity,
        unit_price=item.unit_price,
        unit_cost=None if sku.cost is None else shop.converted(sku.cost, sku.currency, currency),
        discount_amount=money.decimal(amounts.line_discount[position]),
        goods_discount_amount=money.decimal(amounts.line_goods_discount[position]),
        shipping_amount=money.decimal(amounts.line_shipping[position]),
        tax_amount=money.decimal(amounts.line_tax[position]),
        flash_sale_id=item.sale.flash_sale_id if item.sale else None,
    )


def _promised_seconds(shop: Shop, lines: list[Line], destination: Destination) -> int:
    mean = slowest_transit_seconds(shop, lines, destination)
    return int(delivery.promised_seconds(np.array([mean]))[0])


def _voucher(
    shop: Shop, request: CheckoutRequest, currency: str, subtotal: Decimal, now: datetime, rng: ScalarStream
) -> Voucher | None:
    if request.only_voucher is not None:
        return request.only_voucher if _applies(request.only_voucher, currency, subtotal, now) else None
    if not rng.happens(request.voucher_rate):
        return None
    applying = [
        each for each in shop.vouchers if each.is_for_everyone and _applies(each, currency, subtotal, now)
    ]
    return min(
        applying,
        key=lambda each: vouchers.preference(each.ends_at.timestamp(), each.voucher_id),
        default=None,
    )


def _applies(voucher: Voucher, currency: str, subtotal: Decimal, now: datetime) -> bool:
    return (
        voucher.uses_left > 0
        and voucher.currency == currency
        and voucher.starts_at <= now < voucher.ends_at
        and subtotal >= voucher.min_order_amount
    )
