"""From a basket to an order: what is in stock, what it costs, which voucher helps; exact to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from simulator import parameters
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.records import (
    ZERO,
    Attack,
    Destination,
    Line,
    NewOrder,
    Redemption,
)
from simulator.live.decisions.shop import (
    FlashSale,
    Person,
    Shop,
    Sku,
    Voucher,
    WarehouseStock,
    rounded,
)
from simulator.live.decisions.transit import mean_transit_hours
from simulator.randomness import ScalarStream


@dataclass(frozen=True, slots=True)
class FraudBehaviour:
    """How an attacker's order differs from others in what follows it."""

    payment_failure_rate: float | None = None
    card_country: str | None = None
    """None: the country the order goes to."""
    returns_everything: bool = False


@dataclass(slots=True)
class CheckoutRequest:
    """What somebody wants to order, and how."""

    buyer: Person
    destination: Destination
    basket: dict[int, int]
    """Pieces by SKU."""
    channel: str
    voucher_rate: float = 0.0
    """How likely a voucher is used if one fits; 1 for one who has come for it."""
    takes_sale_price: bool = True
    campaign_id: int | None = None
    session_id: str | None = None
    cart_id: int | None = None
    device_fingerprint: str | None = None
    ip_address: str | None = None
    is_test: bool = False
    attack: Attack | None = None
    only_voucher: Voucher | None = None
    behaviour: FraudBehaviour = FraudBehaviour()


@dataclass(slots=True)
class _Goods:
    sku: Sku
    quantity: int
    stock: WarehouseStock | None
    sale: FlashSale | None
    unit_price: Decimal

    @property
    def subtotal(self) -> Decimal:
        return self.quantity * self.unit_price


def build_order(run: RunContext, request: CheckoutRequest, rng: ScalarStream) -> NewOrder | None:
    """The order that comes of a wish now, its pieces set aside; None if nothing of it is to be had."""
    shop, now = run.shop, run.now
    goods, currency = _goods(shop, request, now, rng)
    if not goods:
        return None
    subtotals = [each.subtotal for each in goods]
    voucher = _voucher(shop, request, currency, sum(subtotals, ZERO), now, rng)
    shipping = spread(_shipping(request, currency, sum(subtotals, ZERO)), subtotals, currency)
    discounts = spread(_discount(voucher, subtotals), subtotals, currency)
    if voucher is not None and voucher.voucher_type == "free_shipping":
        discounts = shipping
    is_on_goods = voucher is not None and voucher.voucher_type != "free_shipping"
    rate = _tax_rate(request, currency)
    lines = []
    for each, discount, shipping_part in zip(goods, discounts, shipping, strict=True):
        base = each.subtotal - (discount if is_on_goods else ZERO)
        lines.append(_line(run, each, currency, discount, shipping_part, rounded(base * rate, currency)))
        _reserve(each)
    if voucher is not None:
        voucher.uses_left -= 1
    promised = sum(parameters.HANDLING_HOURS) + parameters.PROMISED_TRANSIT_RATE * max(
        mean_transit_hours(shop.warehouse_cities.get(line.warehouse_id or 0), request.destination)
        for line in lines
    )
    return NewOrder(
        order_id=run.new_id("orders"),
        customer_id=request.buyer.customer_id,
        user_id=request.buyer.user_id,
        channel=request.channel,
        currency=currency,
        destination=request.destination,
        lines=tuple(lines),
        ordered_at=now,
        estimated_delivery_at=now + run.run_time(promised),
        redemption=Redemption(voucher.voucher_id, sum(discounts, ZERO)) if voucher else None,
        campaign_id=request.campaign_id,
        session_id=request.session_id,
        cart_id=request.cart_id,
        device_fingerprint=request.device_fingerprint,
        ip_address=request.ip_address,
        is_test=request.is_test,
        attack=request.attack,
    )


def spread(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """An amount in parts in proportion to weights, which add up to it exactly."""
    whole, running, before = sum(weights, ZERO), ZERO, ZERO
    parts = []
    for weight in weights:
        running += weight
        until = rounded(total * running / whole, currency) if whole else ZERO
        parts.append(until - before)
        before = until
    if parts:
        parts[-1] += total - before
    return parts


def release_reservation(shop: Shop, order: NewOrder) -> None:
    """The pieces and voucher of an order that was not placed after all, or is cancelled, are free again."""
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


def _goods(
    shop: Shop, request: CheckoutRequest, now: datetime, rng: ScalarStream
) -> tuple[list[_Goods], str]:
    found: list[_Goods] = []
    currency = ""
    for sku_id in sorted(request.basket):
        sku, quantity = shop.sku_by_id[sku_id], request.basket[sku_id]
        stock = _nearest_warehouse(shop, sku, quantity, request.destination)
        if stock is None and shop.warehouse_cities:
            continue
        currency = currency or shop.currency_of(request.destination.country, sku)
        if sku.currency != currency and not {sku.currency, currency} <= shop.rates.keys():
            continue
        sale = shop.flash_sales.get(sku_id)
        if sale is not None and not (request.takes_sale_price and sale.starts_at <= now < sale.ends_at):
            sale = None
        if sale is not None and sale.pieces_left < quantity:
            if not rng.happens(_demand_at_full_price(sku, sale)):
                continue
            sale = None
        price = sale.sale_price if sale else sku.price
        found.append(_Goods(sku, quantity, stock, sale, shop.converted(price, sku.currency, currency)))
    return found, currency


def _demand_at_full_price(sku: Sku, sale: FlashSale) -> float:
    """Of those who came for the sale's price, how many pay the usual one when it is sold out."""
    share: float = float(sale.sale_price / sku.price) ** parameters.PRICE_ELASTICITY
    return min(1.0, share)


def _nearest_warehouse(
    shop: Shop, sku: Sku, quantity: int, destination: Destination
) -> WarehouseStock | None:
    enough = [stock for stock in sku.warehouses if stock.quantity >= quantity]
    return min(
        enough,
        key=lambda stock: mean_transit_hours(shop.warehouse_cities.get(stock.warehouse_id), destination),
        default=None,
    )


def _reserve(goods: _Goods) -> None:
    if goods.stock is not None:
        goods.stock.quantity -= goods.quantity
    if goods.sale is not None:
        goods.sale.pieces_left -= goods.quantity


def _line(
    run: RunContext, goods: _Goods, currency: str, discount: Decimal, shipping: Decimal, tax: Decimal
) -> Line:
    sku, shop = goods.sku, run.shop
    return Line(
        order_item_id=run.new_id("order_items"),
        sku_id=sku.sku_id,
        product_id=sku.product_id,
        seller_id=sku.seller_id,
        warehouse_id=goods.stock.warehouse_id if goods.stock else None,
        quantity=goods.quantity,
        unit_price=goods.unit_price,
        unit_cost=None if sku.cost is None else shop.converted(sku.cost, sku.currency, currency),
        discount_amount=discount,
        shipping_amount=shipping,
        tax_amount=tax,
        flash_sale_id=goods.sale.flash_sale_id if goods.sale else None,
    )


def _tax_rate(request: CheckoutRequest, currency: str) -> Decimal:
    country = parameters.COUNTRIES.get(request.destination.country)
    return Decimal(str(country.tax_rate)) if country and country.currency == currency else ZERO


def _shipping(request: CheckoutRequest, currency: str, subtotal: Decimal) -> Decimal:
    country = parameters.COUNTRIES.get(request.destination.country)
    if (
        country is None
        or country.currency != currency
        or subtotal >= Decimal(str(country.free_shipping_from))
    ):
        return ZERO
    return Decimal(str(country.shipping_fee))


def _voucher(
    shop: Shop, request: CheckoutRequest, currency: str, subtotal: Decimal, now: datetime, rng: ScalarStream
) -> Voucher | None:
    if request.only_voucher is not None:
        return request.only_voucher if _fits(request.only_voucher, currency, subtotal, now) else None
    if not rng.happens(request.voucher_rate):
        return None
    fitting = [
        each for each in shop.vouchers if each.is_for_everyone and _fits(each, currency, subtotal, now)
    ]
    return fitting[rng.below(len(fitting))] if fitting else None


def _fits(voucher: Voucher, currency: str, subtotal: Decimal, now: datetime) -> bool:
    return (
        voucher.uses_left > 0
        and voucher.currency == currency
        and voucher.starts_at <= now < voucher.ends_at
        and subtotal >= voucher.min_order_amount
    )


def _discount(voucher: Voucher | None, subtotals: list[Decimal]) -> Decimal:
    subtotal = sum(subtotals, ZERO)
    if voucher is None or voucher.voucher_type == "free_shipping":
        return ZERO
    wanted = subtotal * voucher.value / 100 if voucher.voucher_type == "percentage" else voucher.value
    if voucher.max_discount_amount is not None:
        wanted = min(wanted, voucher.max_discount_amount)
    return rounded(min(wanted, subtotal), voucher.currency)
