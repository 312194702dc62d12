"""Orders: what a buyer wants as an order that the shop has accepted, and other attempts where it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from simulator import parameters
from simulator.live.decisions import accounts
from simulator.live.decisions.checkout import CheckoutRequest, build_order, release_reservation
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.fulfilment import SETTLED_CHANNELS, Fulfilment
from simulator.live.decisions.goods import Goods, quantity
from simulator.live.decisions.population import Population
from simulator.live.decisions.records import NewOrder
from simulator.live.decisions.shop import Person, Voucher
from simulator.live.decisions.visit import Visit
from simulator.live.scenarios import SCENARIOS
from simulator.randomness import Choice

_LINES = Choice(parameters.LINES_PER_ORDER_WEIGHTS)
_OWN_RATE = parameters.MOST_OWN_ORDERS_RATE
SETTLED_PER_OWN_ORDER = parameters.MARKETPLACE_SETTLED_RATE / _OWN_RATE
SHOPEE_PER_OWN_ORDER = (1 - _OWN_RATE - parameters.MARKETPLACE_SETTLED_RATE) / _OWN_RATE
OnPurchase = Callable[[Visit, int], None]


@dataclass(slots=True)
class _Pending:
    request: CheckoutRequest
    visit: Visit | None


class Orders:
    """Everything that is being ordered."""

    def __init__(self, run: RunContext, population: Population, goods: Goods, fulfilment: Fulfilment) -> None:
        self._run, self._population = run, population
        self._goods, self._fulfilment = goods, fulfilment
        self._rng = run.rng("orders")
        self._pending: dict[int, _Pending] = {}
        self.scenario = SCENARIOS["NormalDay"]
        self.on_purchase: OnPurchase = lambda visit, order_id: None
        """Called when the shop has accepted a visit's order."""
        self.on_own_order: Callable[[], None] = lambda: None
        """Called for each ordinary order on our own channels."""

    def check_out(self, visit: Visit) -> None:
        """A visit's basket is ordered."""
        is_ordinary = visit.request is None
        request = self._checkout_request(visit) if visit.request is None else visit.request
        request.basket, request.cart_id = visit.basket or request.basket, visit.cart_id
        visit.basket, visit.cart_id = {}, None
        self._place(request, visit)
        if is_ordinary:
            self._order_on_other_channels()
            self.on_own_order()

    def on_accepted(self, order: NewOrder) -> None:
        """The shop has it: the visit has bought, and the order's life begins."""
        pending = self._pending.pop(order.order_id)
        if pending.visit is not None:
            self.on_purchase(pending.visit, order.order_id)
        self._fulfilment.begin(order, pending.request.fraud)

    def on_refused(self, order: NewOrder, rule: str) -> None:
        """Sold out meanwhile: without the voucher, at the usual price, with what is left; or not at all."""
        pending = self._pending.pop(order.order_id)
        shop, request = self._run.shop, pending.request
        release_reservation(shop, order)
        if rule.startswith("voucher"):
            request.voucher_rate, request.only_voucher = 0.0, None
            if rule == "vouchers_used_within_limit":
                _use_up(shop.vouchers, order)
        elif rule.startswith("inventory"):
            self._reload_stock(order)
        else:
            for line in order.lines:
                if line.flash_sale_id is not None and line.sku_id in shop.flash_sales:
                    shop.flash_sales[line.sku_id].pieces_left = 0
        self._place(request, pending.visit)

    def _place(self, request: CheckoutRequest, visit: Visit | None) -> None:
        order = build_order(self._run, request, self._rng)
        if order is None:
            if request.cart_id is not None:
                self._run.output.abandoned_carts.append((request.cart_id, self._run.now))
            return
        self._pending[order.order_id] = _Pending(request, visit)
        self._run.write(order)
        self._fulfilment.replenishment.reorder_low_stock(order)
        flash_sales = self._run.shop.flash_sales
        if any(line.flash_sale_id and flash_sales[line.sku_id].pieces_left <= 0 for line in order.lines):
            self._goods.refresh(self._run.now)

    def _checkout_request(self, visit: Visit) -> CheckoutRequest:
        visitor, run = visit.visitor, self._run
        if visitor.person is None:
            destination = accounts.destination_in(visitor.destination.country, self._rng)
            device = visitor.device_fingerprint
            visitor.person = accounts.register(run, destination, self._rng, "guest", device)
        return CheckoutRequest(
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

    def _order_on_other_channels(self) -> None:
        """For each order on our channels, so many on marketplaces and now and then one by a tester."""
        staff = self._run.shop.staff
        if staff and self._rng.happens(parameters.TEST_ORDER_RATE / _OWN_RATE):
            self._order_without_visit(staff[self._rng.below(len(staff))], "website", is_test=True)
        for channel, rate in (("lazada", SETTLED_PER_OWN_ORDER), ("shopee", SHOPEE_PER_OWN_ORDER)):
            if self._rng.happens(rate):
                wait = self._rng.below(1_000) / 100
                self._run.scheduler.after(wait, partial(self._order_on_marketplace, channel))

    def _order_on_marketplace(self, channel: str) -> None:
        buyer = self._population.random_person(self._run.now, self._rng)
        if buyer is None or _has_no_marketplace(buyer):
            return
        in_tiki = buyer.country == parameters.TIKI_COUNTRY and self._rng.happens(parameters.TIKI_RATE)
        self._order_without_visit(buyer, "tiki" if channel in SETTLED_CHANNELS and in_tiki else channel)

    def _order_without_visit(self, buyer: Person, channel: str, is_test: bool = False) -> None:
        lines = self._rng.choose(_LINES) + 1
        basket = {self._goods.bought(self._rng).sku_id: quantity(self._rng) for _ in range(lines)}
        request = CheckoutRequest(
            buyer=buyer,
            destination=buyer.destination,
            basket=basket,
            channel=channel,
            takes_sale_price=False,
            is_test=is_test,
            device_fingerprint=buyer.device_fingerprint if is_test else None,
            ip_address=buyer.ip_address if is_test else None,
        )
        self._place(request, None)

    def _reload_stock(self, order: NewOrder) -> None:
        for line in order.lines:
            self._run.output.stale_skus.add(line.sku_id)
            stock = self._run.shop.warehouse_stock(line.sku_id, line.warehouse_id)
            if stock is not None:
                stock.quantity = 0


def _has_no_marketplace(buyer: Person) -> bool:
    country = parameters.COUNTRIES.get(buyer.country)
    return country is not None and country.marketplace_weight == 0


def _use_up(vouchers: list[Voucher], order: NewOrder) -> None:
    for voucher in vouchers:
        if order.redemption is not None and voucher.voucher_id == order.redemption.voucher_id:
            voucher.uses_left = 0
