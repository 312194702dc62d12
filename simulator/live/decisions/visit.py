"""One visit: whose, from where, what is in the cart, and the rows that each click leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator import network, parameters
from simulator.live.decisions import goods
from simulator.live.decisions.checkout import Wish
from simulator.live.decisions.records import Destination
from simulator.live.decisions.shop import Campaign, Person, Sku
from simulator.live.decisions.stage import Stage
from simulator.randomness import Choice, Dice

if TYPE_CHECKING:
    from simulator.live.decisions.paths import Path

ON_PRODUCT = frozenset({"product_view", "add_to_cart", "remove_from_cart", "add_to_wishlist"})
PRICE_LIMITS = (100, 200, 500, 1_000)
_DEVICES = tuple(parameters.DEVICE_WEIGHTS)
_DEVICE_CHOICE = Choice(list(parameters.DEVICE_WEIGHTS.values()))
_LINES = Choice(parameters.LINES_PER_ORDER_WEIGHTS)
_BITS = 10


@dataclass(slots=True)
class Visitor:
    """Who visits and with what; `person` is None for one who is not signed in."""

    person: Person | None
    destination: Destination
    platform: str
    device: str
    device_fingerprint: str
    ip_address: str
    is_bot: bool = False


@dataclass(slots=True)
class Visit:
    """A visit under way. `path` is what is still to come from `position` on."""

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
    wish: Wish | None = None
    """What an attacker has come for; others want what is in their basket."""

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to come."""
        return self.position >= len(self.path)


def visitor_of(person: Person) -> Visitor:
    """Somebody known, on the own device."""
    device = "desktop" if person.platform == "web" else "mobile"
    return Visitor(
        person, person.destination, person.platform, device, person.device_fingerprint, person.ip_address
    )


def stranger(number: int, country: str, dice: Dice, is_bot: bool = False) -> Visitor:
    """Somebody who is not signed in, or a bot from a data centre."""
    platform = "web" if is_bot else pick_platform(dice)
    kind: network.NetworkKind = "data_centre" if is_bot else "residential" if platform == "web" else "mobile"
    place = country if country in network.COUNTRIES else "US"
    return Visitor(
        person=None,
        destination=Destination(country, None, None, None),
        platform=platform,
        device="desktop" if is_bot else pick_device(platform, dice),
        device_fingerprint=network.device_fingerprint(number, "headless" if is_bot else "ordinary"),
        ip_address=network.ip_address(number, place, kind),
        is_bot=is_bot,
    )


def pick_platform(dice: Dice) -> str:
    """Website or app."""
    if not dice.happens(parameters.APP_RATE):
        return "web"
    return "android" if dice.happens(parameters.ANDROID_RATE) else "ios"


def pick_device(platform: str, dice: Dice) -> str:
    """What the platform runs on."""
    device = _DEVICES[dice.choose(_DEVICE_CHOICE)]
    return "mobile" if platform != "web" and device == "desktop" else device


class Clicks:
    """Lets the events of visits happen: rows of the clickstream, carts and wishlists, and the checkout."""

    def __init__(self, stage: Stage, choice: goods.Goods, check_out: Callable[[Visit], None]) -> None:
        self._stage = stage
        self._goods = choice
        self._check_out = check_out
        self._dice = stage.dice("clicks")

    def go_on(self, visit: Visit) -> None:
        """The visit's next event."""
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
        """The visit ends; what is still in the cart is left behind."""
        visit.has_left = True
        if visit.visitor.person is not None:
            visit.visitor.person.is_online = False
        if visit.cart_id is not None:
            self._stage.output.abandoned_carts.append((visit.cart_id, self._stage.now))

    def write(self, visit: Visit, event: str, order_id: int | None = None) -> None:
        """A row of the clickstream."""
        visitor, bits = visit.visitor, self._dice.bits()
        sku = visit.viewed if event in ON_PRODUCT else None
        is_search = event in ("search", "filter")
        category_id = sku.category_id if sku else None
        wanted = self._goods.looked_at(self._dice) if is_search else None
        if wanted is not None:
            category_id = wanted.category_id
        self._stage.output.events.append(
            (
                event,
                visit.session_id,
                visitor.person.user_id if visitor.person else None,
                sku.product_id if sku else None,
                category_id,
                order_id,
                visit.campaign.campaign_id if visit.campaign else None,
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
                visit.referrer if event == "session_start" else None,
                visitor.is_bot,
                self._stage.now,
            )
        )

    def _handle(self, visit: Visit, event: str) -> None:
        """What a click on a product does besides leaving its row."""
        if visit.wish is not None:
            visit.viewed = self._stage.shop.sku_by_id[next(iter(visit.wish.basket))]
        elif event == "product_view":
            is_before_cart = not visit.is_over and visit.path[visit.position] == "add_to_cart"
            visit.viewed = (self._goods.bought if is_before_cart else self._goods.looked_at)(self._dice)
        elif visit.viewed is None:
            visit.viewed = self._goods.looked_at(self._dice)
        if event == "add_to_cart":
            self._add(visit, visit.viewed)
        elif event == "remove_from_cart" and visit.cart_id is not None and visit.basket:
            sku_id, _ = visit.basket.popitem()
            visit.viewed = self._stage.shop.sku_by_id[sku_id]
            self._stage.output.cart_items.pop((visit.cart_id, sku_id), None)
            self._stage.output.removed_items.add((visit.cart_id, sku_id))
        elif event == "add_to_wishlist" and visit.visitor.person is not None and visit.viewed is not None:
            wish = (visit.visitor.person.user_id, visit.viewed.product_id, self._stage.now)
            self._stage.output.wishes.append(wish)

    def _add(self, visit: Visit, sku: Sku | None) -> None:
        if sku is None or sku.sku_id in visit.basket:
            return
        stage, now = self._stage, self._stage.now
        currency = stage.shop.currency_of(visit.visitor.destination.country, sku)
        if visit.cart_id is None:
            visit.cart_id = stage.new_id("carts")
            person = visit.visitor.person
            user_id = person.user_id if person else None
            stage.output.carts.append((visit.cart_id, user_id, visit.session_id, currency, now))
        sale = stage.shop.sales.get(sku.sku_id)
        price = sale.sale_price if sale and sale.starts_at <= now < sale.ends_at else sku.price
        pieces = visit.wish.basket[sku.sku_id] if visit.wish else goods.quantity(self._dice)
        visit.basket[sku.sku_id] = pieces
        unit_price = stage.shop.converted(price, sku.currency, currency)
        stage.output.cart_items[visit.cart_id, sku.sku_id] = (pieces, unit_price, now)

    def _fill_basket(self, visit: Visit) -> None:
        """A cart from before the run, for a visit that was under way when it began."""
        for _ in range(0 if visit.basket else self._dice.choose(_LINES) + 1):
            self._add(visit, self._goods.bought(self._dice))
