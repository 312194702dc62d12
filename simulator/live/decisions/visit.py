"""A visit: its visitor, its cart, and the rows that its events write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator import network, parameters
from simulator.live.decisions import goods
from simulator.live.decisions.checkout import CheckoutRequest
from simulator.live.decisions.context import RunContext
from simulator.live.decisions.records import Destination
from simulator.live.decisions.shop import Campaign, Person, Sku
from simulator.randomness import Choice, ScalarStream
from simulator.rules.pages import page_path

if TYPE_CHECKING:
    from simulator.live.decisions.paths import Path

ON_PRODUCT = frozenset({"product_view", "add_to_cart", "remove_from_cart", "add_to_wishlist"})
ON_CATEGORY = frozenset({"page_view", "search", "filter"})
PRICE_LIMITS = (100, 200, 500, 1_000)
_DEVICES = tuple(parameters.DEVICE_WEIGHTS)
_DEVICE_CHOICE = Choice(list(parameters.DEVICE_WEIGHTS.values()))
_LINES = Choice(parameters.LINES_PER_ORDER_WEIGHTS)
_BITS = 10


@dataclass(slots=True)
class Visitor:
    """A visitor with device and address; `person` is None for one who is not signed in."""

    person: Person | None
    destination: Destination
    platform: str
    device: str
    device_fingerprint: str
    ip_address: str
    is_bot: bool = False


@dataclass(slots=True)
class Visit:
    """A visit in progress; the events of `path` from `position` on are still to come."""

    session_id: str
    visitor: Visitor
    path: Path
    position: int = 0
    campaign: Campaign | None = None
    referrer: str | None = None
    viewed: Sku | None = None
    basket: dict[int, int] = field(default_factory=dict)
    cart_id: int | None = None
    has_begun: bool = False
    has_left: bool = False
    request: CheckoutRequest | None = None
    """The order an attacker has come to place; other visitors order their basket."""

    @property
    def is_over(self) -> bool:
        """Whether all events have happened."""
        return self.position >= len(self.path)


def visitor_from(person: Person) -> Visitor:
    """A signed-in visitor on the account's own device."""
    device = "desktop" if person.platform == "web" else "mobile"
    return Visitor(
        person, person.destination, person.platform, device, person.device_fingerprint, person.ip_address
    )


def anonymous_visitor(number: int, country: str, rng: ScalarStream, is_bot: bool = False) -> Visitor:
    """A visitor who is not signed in, or a bot from a data centre."""
    platform = "web" if is_bot else pick_platform(rng)
    kind: network.NetworkKind = "data_centre" if is_bot else "residential" if platform == "web" else "mobile"
    place = country if country in network.COUNTRIES else "US"
    return Visitor(
        person=None,
        destination=Destination(country, None, None, None),
        platform=platform,
        device="desktop" if is_bot else pick_device(platform, rng),
        device_fingerprint=network.device_fingerprint(number, "headless" if is_bot else "ordinary"),
        ip_address=network.ip_address(number, place, kind),
        is_bot=is_bot,
    )


def pick_platform(rng: ScalarStream) -> str:
    """The platform: web, android or ios."""
    if not rng.happens(parameters.APP_RATE):
        return "web"
    return "android" if rng.happens(parameters.ANDROID_RATE) else "ios"


def pick_device(platform: str, rng: ScalarStream) -> str:
    """The kind of device for a platform."""
    device = _DEVICES[rng.choose(_DEVICE_CHOICE)]
    return "mobile" if platform != "web" and device == "desktop" else device


class Clicks:
    """Executes the events of visits: clickstream rows, carts, wishlists and the checkout."""

    def __init__(self, run: RunContext, choice: goods.Goods, check_out: Callable[[Visit], None]) -> None:
        self._run = run
        self._goods = choice
        self._check_out = check_out
        self._rng = run.rng("clicks")

    def advance(self, visit: Visit) -> None:
        """Execute the visit's next event."""
        event = visit.path[visit.position]
        visit.position += 1
        if not visit.has_begun:
            visit.has_begun = True
            self.write(visit, "session_start")
            if event != "purchase":
                return
        if event == "purchase":
            self._fill_basket(visit)
            self._check_out(visit)
            return
        if event in ON_PRODUCT:
            self._handle(visit, event)
        elif event == "checkout_start":
            self._fill_basket(visit)
        self.write(visit, event)

    def leave(self, visit: Visit) -> None:
        """End the visit; a cart that is not empty is abandoned."""
        visit.has_left = True
        if visit.visitor.person is not None:
            visit.visitor.person.is_online = False
        if visit.cart_id is not None:
            self._run.output.abandoned_carts.append((visit.cart_id, self._run.now))

    def write(self, visit: Visit, event: str, order_id: int | None = None) -> None:
        """Write a row of `user_events`."""
        visitor, bits = visit.visitor, self._rng.bits()
        sku = visit.viewed if event in ON_PRODUCT else None
        wanted = self._goods.viewed(self._rng) if event in ON_CATEGORY else None
        category_id = next((each.category_id for each in (sku, wanted) if each is not None), None)
        product_id = sku.product_id if sku else None
        campaign_id = visit.campaign.campaign_id if visit.campaign else None
        self._run.output.events.append(
            (
                event,
                visit.session_id,
                visitor.person.user_id if visitor.person else None,
                product_id,
                category_id,
                order_id,
                campaign_id,
                visitor.platform,
                visitor.device,
                visitor.device_fingerprint,
                visitor.ip_address,
                500 + (bits >> 20) % 60_000,
                wanted.department.lower() if wanted and event == "search" else None,
                {"price_max": PRICE_LIMITS[bits % len(PRICE_LIMITS)]} if event == "filter" else None,
                (bits >> 40) % 10_001 / 10_000 if event.endswith("view") else None,
                bits >> _BITS & 7,
                visitor.destination.country,
                visitor.destination.city,
                page_path(event, product_id, category_id, campaign_id),
                visit.referrer if event == "session_start" else None,
                visitor.is_bot,
                self._run.now,
            )
        )

    def _handle(self, visit: Visit, event: str) -> None:
        """Apply an event on a product to the visit and its cart."""
        if visit.request is not None:
            visit.viewed = self._run.shop.sku_by_id[next(iter(visit.request.basket))]
        elif event == "product_view":
            is_before_cart = not visit.is_over and visit.path[visit.position] == "add_to_cart"
            visit.viewed = (self._goods.bought if is_before_cart else self._goods.viewed)(self._rng)
        elif visit.viewed is None:
            visit.viewed = self._goods.viewed(self._rng)
        if event == "add_to_cart":
            self._add(visit, visit.viewed)
        elif event == "remove_from_cart" and visit.cart_id is not None and visit.basket:
            sku_id, _ = visit.basket.popitem()
            visit.viewed = self._run.shop.sku_by_id[sku_id]
            self._run.output.cart_items.pop((visit.cart_id, sku_id), None)
            self._run.output.removed_items.add((visit.cart_id, sku_id))
        elif event == "add_to_wishlist" and visit.visitor.person is not None and visit.viewed is not None:
            entry = (visit.visitor.person.user_id, visit.viewed.product_id, self._run.now)
            self._run.output.wishlist_items.append(entry)

    def _add(self, visit: Visit, sku: Sku | None) -> None:
        if sku is None or sku.sku_id in visit.basket:
            return
        run, now = self._run, self._run.now
        currency = run.shop.currency_of(visit.visitor.destination.country, sku)
        if visit.cart_id is None:
            visit.cart_id = run.new_id("carts")
            person = visit.visitor.person
            user_id = person.user_id if person else None
            run.output.carts.append((visit.cart_id, user_id, visit.session_id, currency, now))
        sale = run.shop.flash_sales.get(sku.sku_id)
        price = sale.sale_price if sale and sale.starts_at <= now < sale.ends_at else sku.price
        pieces = visit.request.basket[sku.sku_id] if visit.request else goods.quantity(self._rng)
        visit.basket[sku.sku_id] = pieces
        unit_price = run.shop.converted(price, sku.currency, currency)
        run.output.cart_items[visit.cart_id, sku.sku_id] = (pieces, unit_price, now)

    def _fill_basket(self, visit: Visit) -> None:
        """Fill the cart of a visit that was already in progress when the run began."""
        for _ in range(0 if visit.basket else self._rng.choose(_LINES) + 1):
            self._add(visit, self._goods.bought(self._rng))
