"""The tables `categories`, `products` and `product_skus`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.plan import DAY, Plan
from simulator.randomness import Ints, Quantiles, Stream
from simulator.world import names
from simulator.world.catalogue import CATEGORIES, NEVER, Catalogue

_MILD = Quantiles(parameters.MILD_QUANTILES_PER_MILLE)


def categories(plan: Plan) -> pa.Table:
    """The table `categories`."""
    count = len(CATEGORIES)
    made = columns.timestamps(np.full(count, plan.start - 1_000 * DAY))
    parents = np.array([category.parent for category in CATEGORIES])
    return pa.table(
        {
            "category_id": columns.integers(np.arange(count) + 1),
            "parent_id": columns.integers(np.where(parents < 0, -1, parents + 1)),
            "level": pa.array([category.level for category in CATEGORIES], pa.int64()),
            "category_name": pa.array([category.name for category in CATEGORIES]),
            "local_name": pa.array([names.LOCAL_DEPARTMENT_NAMES.get(item.name) for item in CATEGORIES]),
            "created_at": made,
            "updated_at": made,
        }
    )


def products(plan: Plan, catalogue: Catalogue, rating_sum: Ints, rating_count: Ints, rated: Ints) -> pa.Table:
    """The table `products`; ratings are the sum, number and last time of their reviews."""
    stream, count = Stream(plan.seed, "products"), len(catalogue.product_listed)
    rated_or_never = np.maximum(rating_count, 1)
    average = np.where(rating_count > 0, (rating_sum * 200 + rating_count) // (2 * rated_or_never), -1)
    is_paused = catalogue.product_paused < plan.end
    updated = np.maximum.reduce(
        [
            catalogue.product_listed,
            catalogue.product_moved_at,
            np.where(is_paused, catalogue.product_paused, 0),
            rated,
        ]
    )
    weight = _around([item.mean_weight_g for item in parameters.DEPARTMENTS.values()], stream, catalogue)
    brand = stream.split("brand").below(len(names.BRANDS), count)
    side = stream.split("side").between(500, 4_000, count)
    listed = columns.timestamps(catalogue.product_listed)
    return pa.table(
        {
            "product_id": columns.integers(np.arange(count) + 1),
            "category_id": columns.integers(catalogue.product_category + 1),
            "seller_id": columns.integers(catalogue.product_seller + 1),
            "supplier_id": columns.integers(catalogue.product_supplier + 1),
            "product_name": pa.array(product_names(plan, catalogue)),
            "brand": columns.texts(brand, names.BRANDS),
            "description": pa.array(
                [f"{name}, by the original maker." for name in product_names(plan, catalogue)]
            ),
            "tags": columns.texts(
                stream.split("tags").below(3, count), ("[]", '["new"]', '["bestseller", "gift"]')
            ),
            "attributes": columns.texts(
                stream.split("origin").below(3, count),
                ('{"origin": "Thailand"}', '{"origin": "Vietnam"}', '{"origin": "China"}'),
            ),
            "weight_g": columns.integers(weight),
            "length_cm": columns.decimals(side, 2),
            "width_cm": columns.decimals(side * 3 // 4, 2),
            "height_cm": columns.decimals(side // 2, 2),
            "status": columns.texts(is_paused.astype(np.int64), ("active", "paused")),
            "currency": columns.constant(parameters.CATALOGUE_CURRENCY, count),
            "min_price": columns.amounts(_lowest_prices(plan, catalogue)),
            "rating_avg": columns.decimals(average, 2),
            "review_count": columns.integers(rating_count),
            "listed_at": listed,
            "created_at": listed,
            "updated_at": columns.timestamps(updated),
        }
    )


def product_skus(plan: Plan, catalogue: Catalogue, stock: Ints, moved: Ints) -> pa.Table:
    """The table `product_skus` with present prices; `stock` and when it last `moved` come from the ledger."""
    stream, count = Stream(plan.seed, "skus"), catalogue.count
    changed = np.where(catalogue.changed < plan.end, catalogue.changed, 0).max(axis=1)
    is_paused = catalogue.paused < plan.end
    listed = catalogue.product_listed[catalogue.product]
    updated = np.maximum.reduce([listed, changed, moved, np.where(is_paused, catalogue.paused, 0)])
    colours = stream.split("colour").below(len(names.COLOURS), count).tolist()
    sizes = stream.split("size").below(len(names.SIZES), count).tolist()
    attributes = [
        f'{{"color": "{names.COLOURS[colour]}", "size": "{names.SIZES[size]}"}}'
        for colour, size in zip(colours, sizes, strict=True)
    ]
    return pa.table(
        {
            "sku_id": columns.integers(np.arange(count) + 1),
            "product_id": columns.integers(catalogue.product + 1),
            "sku_code": columns.numbered("TW-", np.arange(count) + 1, 6),
            "attributes": pa.array(attributes),
            "price": columns.amounts(_present_prices(plan, catalogue)),
            "cost": columns.amounts(catalogue.cost),
            "stock": columns.integers(stock),
            "status": columns.texts(is_paused.astype(np.int64), ("active", "paused")),
            "created_at": columns.timestamps(listed),
            "updated_at": columns.timestamps(updated),
        }
    )


def product_names(plan: Plan, catalogue: Catalogue) -> list[str]:
    """Product names: an adjective, the leaf category, and a number."""
    chosen = (
        Stream(plan.seed, "product-names")
        .below(len(names.ADJECTIVES), len(catalogue.product_listed))
        .tolist()
    )
    leaves = [CATEGORIES[at].name for at in catalogue.product_category.tolist()]
    return [
        f"{names.ADJECTIVES[word]} {leaf} {at + 1}"
        for at, (word, leaf) in enumerate(zip(chosen, leaves, strict=True))
    ]


def _present_prices(plan: Plan, catalogue: Catalogue) -> Ints:
    return catalogue.price_at(np.arange(catalogue.count), np.full(catalogue.count, plan.end - 1))


def _lowest_prices(plan: Plan, catalogue: Catalogue) -> Ints:
    """Lowest price among each product's SKUs on sale; -1 where none is."""
    prices = np.where(catalogue.paused < plan.end, NEVER, _present_prices(plan, catalogue))
    first = np.searchsorted(catalogue.product, np.arange(len(catalogue.product_listed)), side="left")
    lowest = np.minimum.reduceat(prices, first)
    return np.where(lowest == NEVER, -1, lowest)


def _around(means: list[int], stream: Stream, catalogue: Catalogue) -> Ints:
    spread = stream.split("weight").draw(_MILD, len(catalogue.product_listed))
    return np.array(means, dtype=np.int64)[catalogue.product_department] * spread // 1_000
