"""The catalogue: category tree, products and their SKUs, with prices that change over time.

Positions plus one are identifiers. Prices are in hundredths of the catalogue's currency.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import calendar, parameters
from simulator.plan import DAY, Plan
from simulator.randomness import Bools, Choice, Ints, Quantiles, Stream
from simulator.rules import money, pricing
from simulator.traffic import apportion
from simulator.world import names

DEPARTMENT_NAMES = tuple(parameters.DEPARTMENTS)
_LISTED_BEFORE_RATE = 0.85
_MOST_SKUS = len(parameters.SKUS_PER_PRODUCT_WEIGHTS)
_VARIANT_PERCENT = (100, 105, 110, 120, 130)
NEVER = 2**62


@dataclass(frozen=True)
class Category:
    """A category; `parent` is a position, -1 for a root."""

    name: str
    level: int
    parent: int
    department: int


def category_tree() -> list[Category]:
    """All categories, parents before children."""
    found: list[Category] = []
    for department, (name, middle) in enumerate(names.CATEGORY_TREE.items()):
        found.append(Category(name, 1, -1, department))
        root = len(found) - 1
        for category, leaves in middle.items():
            found.append(Category(category, 2, root, department))
            above = len(found) - 1
            found.extend(Category(leaf, 3, above, department) for leaf in leaves)
    return found


CATEGORIES = category_tree()


@dataclass(frozen=True)
class Catalogue:
    """Columns of products (`product_*`) and of SKUs (the others)."""

    product_department: Ints
    product_category: Ints
    """The leaf category it is in at the end of the history."""
    product_previous_category: Ints
    """The leaf category it was in before it moved; the same if it never did."""
    product_seller: Ints
    product_supplier: Ints
    product_listed: Ints
    product_moved_at: Ints
    """When the product moved to its present category; -1 if never."""
    product_paused: Ints
    """When the product was paused; NEVER if it is on sale."""
    product: Ints
    weight: Ints
    """Demand for an SKU, before the season."""
    cost: Ints
    prices: Ints
    """A row per SKU: its first price and the price after each change."""
    changed: Ints
    """A row per SKU: when each of these prices began; NEVER where there was no such change."""
    paused: Ints

    @property
    def count(self) -> int:
        """Number of SKUs."""
        return len(self.product)

    @property
    def department(self) -> Ints:
        """Department of each SKU."""
        return self.product_department[self.product]

    def category_at(self, products: Ints, seconds: Ints) -> Ints:
        """The leaf category of each product at a time."""
        has_moved = self.product_moved_at[products] <= seconds
        return np.where(has_moved, self.product_category[products], self.product_previous_category[products])

    def price_at(self, skus: Ints, seconds: Ints) -> Ints:
        """The price of each SKU at a time."""
        began = (self.changed[skus] <= seconds[:, None]).sum(axis=1) - 1
        price: Ints = self.prices[skus, np.maximum(began, 0)]
        return price

    def is_on_sale(self, skus: Ints, seconds: Ints) -> Bools:
        """Whether each SKU was listed and not yet paused at a time."""
        products = self.product[skus]
        listed = self.product_listed[products] <= seconds
        on_sale: Bools = listed & (self.paused[skus] > seconds) & (self.product_paused[products] > seconds)
        return on_sale

    def seasonal_weights(self, month: int) -> Ints:
        """Demand for each SKU in a month (1-12)."""
        season = calendar.season_weights(month)
        factors = np.array([season[name] for name in DEPARTMENT_NAMES], dtype=np.int64)
        return self.weight * factors[self.department]

    def draw(self, stream: Stream, months: Ints, seconds: Ints) -> Ints:
        """An SKU for each month and time, among those on sale then, weighted by seasonal demand."""
        bits, instead = stream.bits(len(months)), stream.bits(len(months))
        drawn = np.zeros(len(months), dtype=np.int64)
        steady = (self.product_listed[self.product] < seconds.min(initial=NEVER)) & (self.paused == NEVER)
        steady &= self.product_paused[self.product] == NEVER
        for month in np.unique(months).tolist():
            chosen = np.flatnonzero(months == month)
            weights = self.seasonal_weights(month)
            skus = Choice(weights).from_bits(bits[chosen])
            gone = ~self.is_on_sale(skus, seconds[chosen])
            if gone.any():
                skus[gone] = Choice(np.where(steady, weights, 0)).from_bits(instead[chosen][gone])
            drawn[chosen] = skus
        return drawn


def make_catalogue(plan: Plan) -> Catalogue:
    """The catalogue of a plan."""
    stream, count = Stream(plan.seed, "catalogue"), plan.size.products
    department = _departments(count)
    leaf, former, moved = _categories(stream, plan, department)
    old = stream.split("old").happens(_LISTED_BEFORE_RATE, count)
    old[: len(DEPARTMENT_NAMES)] = True
    before = plan.start - DAY * stream.split("before").between(5, 700, count)
    during = plan.start + stream.split("during").below(plan.days * DAY * 9 // 10, count)
    product = np.repeat(np.arange(count), _sku_counts(stream.split("skus"), count))
    prices, changed, cost = _prices(stream, plan, department, product)
    popularity = stream.split("popularity").draw(Quantiles(parameters.HEAVY_QUANTILES_PER_MILLE), count)
    return Catalogue(
        product_department=department,
        product_category=leaf,
        product_previous_category=former,
        product_seller=stream.split("seller").below(plan.size.sellers, count),
        product_supplier=stream.split("supplier").below(plan.size.suppliers, count),
        product_listed=np.where(old, before, during),
        product_moved_at=moved,
        product_paused=_pauses(stream.split("paused"), plan, count, parameters.PAUSED_PRODUCT_RATE),
        product=product,
        weight=popularity[product] * stream.split("share").between(20, 100, len(product)) // 10,
        cost=cost,
        prices=prices,
        changed=changed,
        paused=_pauses(stream.split("sku-paused"), plan, len(product), parameters.PAUSED_SKU_RATE),
    )


def _departments(count: int) -> Ints:
    """Departments of the products in exact proportion to their weights, interleaved."""
    weights = np.array([item.product_weight for item in parameters.DEPARTMENTS.values()], dtype=np.int64)
    parts = apportion(count, weights)
    place = np.concatenate(
        [(np.arange(part) * 2 + 1) * count // (2 * part) for part in parts.tolist() if part]
    )
    return np.repeat(np.arange(len(parts)), parts)[np.argsort(place, kind="stable")]


def _categories(stream: Stream, plan: Plan, department: Ints) -> tuple[Ints, Ints, Ints]:
    """Each product's present leaf category, the one before it moved, and when it moved (-1: never)."""
    leaves = [
        [
            at
            for at, category in enumerate(CATEGORIES)
            if category.level == 3 and category.department == number
        ]
        for number in range(len(DEPARTMENT_NAMES))
    ]
    counts = np.array([len(of) for of in leaves], dtype=np.int64)
    which = stream.split("leaf").below(counts[department], len(department))
    others = np.maximum(counts - 1, 1)[department]
    sibling = (which + 1 + stream.split("former").below(others, len(department))) % counts[department]
    leaf, former = (
        np.array([leaves[number][at] for number, at in zip(department.tolist(), of.tolist(), strict=True)])
        for of in (which, sibling)
    )
    moves = stream.split("moves").happens(parameters.CATEGORY_CHANGE_RATE, len(department))
    moved = plan.start + stream.split("moved").below(plan.days * DAY, len(department))
    return leaf, np.where(moves, former, leaf), np.where(moves, moved, -1)


def _sku_counts(stream: Stream, count: int) -> Ints:
    """SKUs per product, 1 to 5, in the exact proportion of their weights, in random order."""
    parts = apportion(count, np.array(parameters.SKUS_PER_PRODUCT_WEIGHTS, dtype=np.int64))
    return np.repeat(np.arange(_MOST_SKUS) + 1, parts)[np.argsort(stream.bits(count), kind="stable")]


def _prices(stream: Stream, plan: Plan, department: Ints, product: Ints) -> tuple[Ints, Ints, Ints]:
    """Every SKU's prices, when each began, and its cost."""
    details = list(parameters.DEPARTMENTS.values())
    mean = np.array([round(item.mean_price * 100) for item in details], dtype=np.int64)[department]
    spread = stream.split("price").draw(Quantiles(parameters.MILD_QUANTILES_PER_MILLE), len(department))
    count = len(product)
    first_of_product = np.searchsorted(product, product, side="left")
    variant = np.array(_VARIANT_PERCENT, dtype=np.int64)[np.arange(count) - first_of_product]
    base = (mean * spread // 1_000)[product] * variant // 100
    times = len(parameters.PRICE_CHANGES) - 1
    changes = stream.split("changes").choose(Choice(parameters.PRICE_CHANGE_COUNT_WEIGHTS), count)
    prices = np.empty((count, times + 1), dtype=np.int64)
    changed = np.full((count, times + 1), NEVER, dtype=np.int64)
    prices[:, 0], changed[:, 0] = pricing.charm_price(base), 0
    steps = np.array(parameters.PRICE_CHANGE_PERCENT, dtype=np.int64)
    for time in range(1, times + 1):
        percent = steps[stream.split("step", time).below(len(steps), count)]
        prices[:, time] = pricing.changed_price(prices[:, time - 1], percent, money.CENT)
        slot = plan.days * DAY // (times + 1)
        when = plan.start + time * slot + stream.split("when", time).below(slot, count)
        changed[:, time] = np.where(changes >= time, when, NEVER)
    margin = np.array([round(item.margin_rate * 100) for item in details], dtype=np.int64)[department][
        product
    ]
    return prices, changed, prices[:, 0] * (100 - margin) // 100


def _pauses(stream: Stream, plan: Plan, count: int, rate: float) -> Ints:
    """When products or SKUs were paused, in the last quarter of the history; NEVER for most."""
    span = plan.days * DAY // 4
    return np.where(stream.happens(rate, count), plan.end - 1 - stream.below(span, count), NEVER)
