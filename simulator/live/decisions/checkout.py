"""From a basket to an order: what is in stock, what it costs, which voucher helps; exact to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from simulator import parameters
from simulator.live.decisions.records import (
    NOTHING,
    Attack,
    Destination,
    Line,
    NewOrder,
    Redemption,
)
from simulator.live.decisions.shop import (
    Person,
    Place,
    Sale,
    Shop,
    Sku,
    Voucher,
    rounded,
)
from simulator.live.decisions.stage import Stage
from simulator.live.decisions.transit import mean_transit_hours
from simulator.randomness import Dice


@dataclass(frozen=True, slots=True)
class Conduct:
    """How an attacker's order differs from others in what follows it."""

    payment_failure_rate: float | None = None
    card_country: str | None = None
    """None: the country the order goes to."""
    returns_everything: bool = False


@dataclass(slots=True)
class Wish:
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
    conduct: Conduct = Conduct()


@dataclass(slots=True)
class _Goods:
    sku: Sku
    quantity: int
    place: Place | None
    sale: Sale | None
    unit_price: Decimal

    @property
    def subtotal(self) -> Decimal:
        return self.quantity * self.unit_price


def compose(stage: Stage, wish: Wish, dice: Dice) -> NewOrder | None:
    """The order that comes of a wish now, its pieces set aside; None if nothing of it is to be had."""
    shop, now = stage.shop, stage.now
    goods, currency = _goods(shop, wish, now, dice)
    if not goods:
        return None
    subtotals = [each.subtotal for each in goods]
    voucher = _voucher(shop, wish, currency, sum(subtotals, NOTHING), now, dice)
    shipping = spread(_shipping(wish, currency, sum(subtotals, NOTHING)), subtotals, currency)
    discounts = spread(_discount(voucher, subtotals), subtotals, currency)
    if voucher is not None and voucher.voucher_type == "free_shipping":
        discounts = shipping
    is_on_goods = voucher is not None and voucher.voucher_type != "free_shipping"
    rate = _tax_rate(wish, currency)
    lines = []
    for each, discount, shipping_part in zip(goods, discounts, shipping, strict=True):
        base = each.subtotal - (discount if is_on_goods else NOTHING)
        lines.append(_line(stage, each, currency, discount, shipping_part, rounded(base * rate, currency)))
        _set_aside(each)
    if voucher is not None:
        voucher.uses_left -= 1
    promised = sum(parameters.HANDLING_HOURS) + parameters.PROMISED_TRANSIT_RATE * max(
        mean_transit_hours(shop.warehouse_cities.get(line.warehouse_id or 0), wish.destination)
        for line in lines
    )
    return NewOrder(
        order_id=stage.new_id("orders"),
        customer_id=wish.buyer.customer_id,
        user_id=wish.buyer.user_id,
        channel=wish.channel,
        currency=currency,
        destination=wish.destination,
        lines=tuple(lines),
        ordered_at=now,
        estimated_delivery_at=now + stage.sped_up(promised),
        redemption=Redemption(voucher.voucher_id, sum(discounts, NOTHING)) if voucher else None,
        campaign_id=wish.campaign_id,
        session_id=wish.session_id,
        cart_id=wish.cart_id,
        device_fingerprint=wish.device_fingerprint,
        ip_address=wish.ip_address,
        is_test=wish.is_test,
        attack=wish.attack,
    )


def spread(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """An amount in parts in proportion to weights, which add up to it exactly."""
    whole, running, before = sum(weights, NOTHING), NOTHING, NOTHING
    parts = []
    for weight in weights:
        running += weight
        until = rounded(total * running / whole, currency) if whole else NOTHING
        parts.append(until - before)
        before = until
    if parts:
        parts[-1] += total - before
    return parts


def put_back(shop: Shop, order: NewOrder) -> None:
    """The pieces and voucher of an order that was not placed after all, or is cancelled, are free again."""
    for line in order.lines:
        place = shop.place(line.sku_id, line.warehouse_id)
        if place is not None:
            place.quantity += line.quantity
        sale = shop.sales.get(line.sku_id)
        if sale is not None and sale.flash_sale_id == line.flash_sale_id:
            sale.left += line.quantity
    for voucher in shop.vouchers:
        if order.redemption is not None and voucher.voucher_id == order.redemption.voucher_id:
            voucher.uses_left += 1


def _goods(shop: Shop, wish: Wish, now: datetime, dice: Dice) -> tuple[list[_Goods], str]:
    found: list[_Goods] = []
    currency = ""
    for sku_id in sorted(wish.basket):
        sku, quantity = shop.sku_by_id[sku_id], wish.basket[sku_id]
        place = _nearest_place(shop, sku, quantity, wish.destination)
        if place is None and shop.warehouse_cities:
            continue
        currency = currency or shop.currency_of(wish.destination.country, sku)
        if sku.currency != currency and not {sku.currency, currency} <= shop.rates.keys():
            continue
        sale = shop.sales.get(sku_id)
        if sale is not None and not (wish.takes_sale_price and sale.starts_at <= now < sale.ends_at):
            sale = None
        if sale is not None and sale.left < quantity:
            if not dice.happens(_still_wanted(sku, sale)):
                continue
            sale = None
        price = sale.sale_price if sale else sku.price
        found.append(_Goods(sku, quantity, place, sale, shop.converted(price, sku.currency, currency)))
    return found, currency


def _still_wanted(sku: Sku, sale: Sale) -> float:
    """Of those who came for the sale's price, how many pay the usual one when it is sold out."""
    share: float = float(sale.sale_price / sku.price) ** parameters.PRICE_ELASTICITY
    return min(1.0, share)


def _nearest_place(shop: Shop, sku: Sku, quantity: int, destination: Destination) -> Place | None:
    enough = [place for place in sku.places if place.quantity >= quantity]
    return min(
        enough,
        key=lambda place: mean_transit_hours(shop.warehouse_cities.get(place.warehouse_id), destination),
        default=None,
    )


def _set_aside(goods: _Goods) -> None:
    if goods.place is not None:
        goods.place.quantity -= goods.quantity
    if goods.sale is not None:
        goods.sale.left -= goods.quantity


def _line(
    stage: Stage, goods: _Goods, currency: str, discount: Decimal, shipping: Decimal, tax: Decimal
) -> Line:
    sku, shop = goods.sku, stage.shop
    return Line(
        order_item_id=stage.new_id("order_items"),
        sku_id=sku.sku_id,
        product_id=sku.product_id,
        seller_id=sku.seller_id,
        warehouse_id=goods.place.warehouse_id if goods.place else None,
        quantity=goods.quantity,
        unit_price=goods.unit_price,
        unit_cost=None if sku.cost is None else shop.converted(sku.cost, sku.currency, currency),
        discount_amount=discount,
        shipping_amount=shipping,
        tax_amount=tax,
        flash_sale_id=goods.sale.flash_sale_id if goods.sale else None,
    )


def _tax_rate(wish: Wish, currency: str) -> Decimal:
    country = parameters.COUNTRIES.get(wish.destination.country)
    return Decimal(str(country.tax_rate)) if country and country.currency == currency else NOTHING


def _shipping(wish: Wish, currency: str, subtotal: Decimal) -> Decimal:
    country = parameters.COUNTRIES.get(wish.destination.country)
    if (
        country is None
        or country.currency != currency
        or subtotal >= Decimal(str(country.free_shipping_from))
    ):
        return NOTHING
    return Decimal(str(country.shipping_fee))


def _voucher(
    shop: Shop, wish: Wish, currency: str, subtotal: Decimal, now: datetime, dice: Dice
) -> Voucher | None:
    if wish.only_voucher is not None:
        return wish.only_voucher if _fits(wish.only_voucher, currency, subtotal, now) else None
    if not dice.happens(wish.voucher_rate):
        return None
    fitting = [
        each for each in shop.vouchers if each.is_for_everyone and _fits(each, currency, subtotal, now)
    ]
    return fitting[dice.below(len(fitting))] if fitting else None


def _fits(voucher: Voucher, currency: str, subtotal: Decimal, now: datetime) -> bool:
    return (
        voucher.uses_left > 0
        and voucher.currency == currency
        and voucher.starts_at <= now < voucher.ends_at
        and subtotal >= voucher.min_order_amount
    )


def _discount(voucher: Voucher | None, subtotals: list[Decimal]) -> Decimal:
    subtotal = sum(subtotals, NOTHING)
    if voucher is None or voucher.voucher_type == "free_shipping":
        return NOTHING
    wanted = subtotal * voucher.value / 100 if voucher.voucher_type == "percentage" else voucher.value
    if voucher.max_discount_amount is not None:
        wanted = min(wanted, voucher.max_discount_amount)
    return rounded(min(wanted, subtotal), voucher.currency)
