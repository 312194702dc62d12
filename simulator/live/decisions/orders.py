"""Orders: from the wish to the order that the shop has accepted, and second thoughts where it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from simulator import parameters
from simulator.live.decisions import newcomers
from simulator.live.decisions.checkout import Wish, compose, put_back
from simulator.live.decisions.fulfilment import SETTLED_CHANNELS, Fulfilment
from simulator.live.decisions.goods import Goods, quantity
from simulator.live.decisions.population import Population
from simulator.live.decisions.records import NewOrder
from simulator.live.decisions.shop import Person, Voucher
from simulator.live.decisions.stage import Stage
from simulator.live.decisions.visit import Visit
from simulator.live.scenarios import SCENARIOS
from simulator.randomness import Choice

_LINES = Choice(parameters.LINES_PER_ORDER_WEIGHTS)
_OWN_RATE = parameters.MOST_OWN_ORDERS_RATE
SETTLED_PER_OWN_ORDER = parameters.MARKETPLACE_SETTLED_RATE / _OWN_RATE
SHOPEE_PER_OWN_ORDER = (1 - _OWN_RATE - parameters.MARKETPLACE_SETTLED_RATE) / _OWN_RATE
OnBought = Callable[[Visit, int], None]


@dataclass(slots=True)
class _Pending:
    wish: Wish
    visit: Visit | None


class Orders:
    """Everything that is being ordered."""

    def __init__(self, stage: Stage, population: Population, goods: Goods, fulfilment: Fulfilment) -> None:
        self._stage, self._population = stage, population
        self._goods, self._fulfilment = goods, fulfilment
        self._dice = stage.dice("orders")
        self._pending: dict[int, _Pending] = {}
        self.scenario = SCENARIOS["NormalDay"]
        self.on_bought: OnBought = lambda visit, order_id: None
        """Called when the shop has accepted a visit's order."""
        self.on_own_order: Callable[[], None] = lambda: None
        """Called for each ordinary order on our own channels."""

    def check_out(self, visit: Visit) -> None:
        """A visit's basket is ordered."""
        is_ordinary = visit.wish is None
        wish = self._wish_of(visit) if visit.wish is None else visit.wish
        wish.basket, wish.cart_id = visit.basket or wish.basket, visit.cart_id
        visit.basket, visit.cart_id = {}, None
        self._place(wish, visit)
        if is_ordinary:
            self._let_others_order()
            self.on_own_order()

    def accepted(self, order: NewOrder) -> None:
        """The shop has it: the visit has bought, and the order's life begins."""
        pending = self._pending.pop(order.order_id)
        if pending.visit is not None:
            self.on_bought(pending.visit, order.order_id)
        self._fulfilment.begin(order, pending.wish.conduct)

    def refused(self, order: NewOrder, rule: str) -> None:
        """Sold out meanwhile: without the voucher, at the usual price, with what is left; or not at all."""
        pending = self._pending.pop(order.order_id)
        shop, wish = self._stage.shop, pending.wish
        put_back(shop, order)
        if rule.startswith("voucher"):
            wish.voucher_rate, wish.only_voucher = 0.0, None
            if rule == "vouchers_used_within_limit":
                _use_up(shop.vouchers, order)
        elif rule.startswith("inventory"):
            self._doubt_stock(order)
        else:
            for line in order.lines:
                if line.flash_sale_id is not None and line.sku_id in shop.sales:
                    shop.sales[line.sku_id].left = 0
        self._place(wish, pending.visit)

    def _place(self, wish: Wish, visit: Visit | None) -> None:
        order = compose(self._stage, wish, self._dice)
        if order is None:
            if wish.cart_id is not None:
                self._stage.output.abandoned_carts.append((wish.cart_id, self._stage.now))
            return
        self._pending[order.order_id] = _Pending(wish, visit)
        self._stage.write(order)
        self._fulfilment.supply.look_at(order)
        sales = self._stage.shop.sales
        if any(line.flash_sale_id and sales[line.sku_id].left <= 0 for line in order.lines):
            self._goods.refresh(self._stage.now)

    def _wish_of(self, visit: Visit) -> Wish:
        visitor, stage = visit.visitor, self._stage
        if visitor.person is None:
            destination = newcomers.destination_in(visitor.destination.country, self._dice)
            device = visitor.device_fingerprint
            visitor.person = newcomers.register(stage, destination, self._dice, "guest", device)
        return Wish(
            buyer=visitor.person,
            destination=visitor.person.destination,
            basket=visit.basket,
            channel="website" if visitor.platform == "web" else "app",
            voucher_rate=self.scenario.voucher_rate,
            campaign_id=visit.campaign.campaign_id if visit.campaign else None,
            session_id=visit.session_id,
            device_fingerprint=visitor.device_fingerprint,
            ip_address=visitor.ip_address,
        )

    def _let_others_order(self) -> None:
        """For each order on our channels, so many on marketplaces and now and then one by a tester."""
        staff = self._stage.shop.staff
        if staff and self._dice.happens(parameters.TEST_ORDER_RATE / _OWN_RATE):
            self._order_without_visit(staff[self._dice.below(len(staff))], "website", is_test=True)
        for channel, rate in (("lazada", SETTLED_PER_OWN_ORDER), ("shopee", SHOPEE_PER_OWN_ORDER)):
            if self._dice.happens(rate):
                wait = self._dice.below(1_000) / 100
                self._stage.timeline.after(wait, partial(self._order_on_marketplace, channel))

    def _order_on_marketplace(self, channel: str) -> None:
        buyer = self._population.anybody(self._stage.now, self._dice)
        if buyer is None or _never_buys_there(buyer):
            return
        in_tiki = buyer.country == parameters.TIKI_COUNTRY and self._dice.happens(parameters.TIKI_RATE)
        self._order_without_visit(buyer, "tiki" if channel in SETTLED_CHANNELS and in_tiki else channel)

    def _order_without_visit(self, buyer: Person, channel: str, is_test: bool = False) -> None:
        lines = self._dice.choose(_LINES) + 1
        basket = {self._goods.bought(self._dice).sku_id: quantity(self._dice) for _ in range(lines)}
        wish = Wish(
            buyer=buyer,
            destination=buyer.destination,
            basket=basket,
            channel=channel,
            takes_sale_price=False,
            is_test=is_test,
            device_fingerprint=buyer.device_fingerprint if is_test else None,
            ip_address=buyer.ip_address if is_test else None,
        )
        self._place(wish, None)

    def _doubt_stock(self, order: NewOrder) -> None:
        for line in order.lines:
            self._stage.output.recounts.add(line.sku_id)
            place = self._stage.shop.place(line.sku_id, line.warehouse_id)
            if place is not None:
                place.quantity = 0


def _never_buys_there(buyer: Person) -> bool:
    country = parameters.COUNTRIES.get(buyer.country)
    return country is not None and country.marketplace_weight == 0


def _use_up(vouchers: list[Voucher], order: NewOrder) -> None:
    for voucher in vouchers:
        if order.redemption is not None and voucher.voucher_id == order.redemption.voucher_id:
            voucher.uses_left = 0
