"""The tables of the catalogue: categories, products, SKUs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.plan import DAY, Plan
from simulator.randomness import Ints, Quantiles, Stream
from simulator.world import names
from simulator.world.catalogue import CATEGORIES, FOREVER, Catalogue

_MILD = Quantiles(parameters.MILD_QUANTILES_PER_MILLE)


def categories(plan: Plan) -> pa.Table:
    """The table of categories."""
    count = len(CATEGORIES)
    made = columns.instants(np.full(count, plan.start - 1_000 * DAY))
    parents = np.array([category.parent for category in CATEGORIES])
    return pa.table(
        {
            "category_id": columns.numbers(np.arange(count) + 1),
            "parent_id": columns.numbers(np.where(parents < 0, -1, parents + 1)),
            "level": pa.array([category.level for category in CATEGORIES], pa.int64()),
            "category_name": pa.array([category.name for category in CATEGORIES]),
            "local_name": pa.array([names.LOCAL_DEPARTMENT_NAMES.get(item.name) for item in CATEGORIES]),
            "created_at": made,
            "updated_at": made,
        }
    )


def products(plan: Plan, goods: Catalogue, rating_sum: Ints, rating_count: Ints, rated: Ints) -> pa.Table:
    """The table of products; ratings are the sum, number and last time of the stars they got."""
    stream, count = Stream(plan.seed, "products"), len(goods.product_listed)
    rated_or_never = np.maximum(rating_count, 1)
    average = np.where(rating_count > 0, (rating_sum * 200 + rating_count) // (2 * rated_or_never), -1)
    is_paused = goods.product_paused < plan.end
    updated = np.maximum.reduce(
        [goods.product_listed, goods.product_moved, np.where(is_paused, goods.product_paused, 0), rated]
    )
    weight = _around([item.mean_weight_g for item in parameters.DEPARTMENTS.values()], stream, goods)
    brand = stream.split("brand").below(len(names.BRANDS), count)
    side = stream.split("side").between(500, 4_000, count)
    listed = columns.instants(goods.product_listed)
    return pa.table(
        {
            "product_id": columns.numbers(np.arange(count) + 1),
            "category_id": columns.numbers(goods.product_category + 1),
            "seller_id": columns.numbers(goods.product_seller + 1),
            "supplier_id": columns.numbers(goods.product_supplier + 1),
            "product_name": pa.array(product_names(plan, goods)),
            "brand": columns.words(brand, names.BRANDS),
            "description": pa.array(
                [f"{name}, by the original maker." for name in product_names(plan, goods)]
            ),
            "tags": columns.words(
                stream.split("tags").below(3, count), ("[]", '["new"]', '["bestseller", "gift"]')
            ),
            "attributes": columns.words(
                stream.split("origin").below(3, count),
                ('{"origin": "Thailand"}', '{"origin": "Vietnam"}', '{"origin": "China"}'),
            ),
            "weight_g": columns.numbers(weight),
            "length_cm": columns.rates(side, 2),
            "width_cm": columns.rates(side * 3 // 4, 2),
            "height_cm": columns.rates(side // 2, 2),
            "status": columns.words(is_paused.astype(np.int64), ("active", "paused")),
            "currency": columns.same(parameters.CATALOGUE_CURRENCY, count),
            "min_price": columns.amounts(_lowest_prices(plan, goods)),
            "rating_avg": columns.rates(average, 2),
            "review_count": columns.numbers(rating_count),
            "listed_at": listed,
            "created_at": listed,
            "updated_at": columns.instants(updated),
        }
    )


def product_skus(plan: Plan, goods: Catalogue, stock: Ints, moved: Ints) -> pa.Table:
    """The table of SKUs with their present price; `stock` and when it last `moved` come from the ledger."""
    stream, count = Stream(plan.seed, "skus"), goods.count
    changed = np.where(goods.changed < plan.end, goods.changed, 0).max(axis=1)
    is_paused = goods.paused < plan.end
    listed = goods.product_listed[goods.product]
    updated = np.maximum.reduce([listed, changed, moved, np.where(is_paused, goods.paused, 0)])
    colours = stream.split("colour").below(len(names.COLOURS), count).tolist()
    sizes = stream.split("size").below(len(names.SIZES), count).tolist()
    attributes = [
        f'{{"color": "{names.COLOURS[colour]}", "size": "{names.SIZES[size]}"}}'
        for colour, size in zip(colours, sizes, strict=True)
    ]
    return pa.table(
        {
            "sku_id": columns.numbers(np.arange(count) + 1),
            "product_id": columns.numbers(goods.product + 1),
            "sku_code": columns.labelled("TW-", np.arange(count) + 1, 6),
            "attributes": pa.array(attributes),
            "price": columns.amounts(_present_prices(plan, goods)),
            "cost": columns.amounts(goods.cost),
            "stock": columns.numbers(stock),
            "status": columns.words(is_paused.astype(np.int64), ("active", "paused")),
            "created_at": columns.instants(listed),
            "updated_at": columns.instants(updated),
        }
    )


def product_names(plan: Plan, goods: Catalogue) -> list[str]:
    """What products are called: an adjective, the subcategory they are in, and a number."""
    chosen = (
        Stream(plan.seed, "product-names").below(len(names.ADJECTIVES), len(goods.product_listed)).tolist()
    )
    leaves = [CATEGORIES[at].name for at in goods.product_category.tolist()]
    return [
        f"{names.ADJECTIVES[word]} {leaf} {at + 1}"
        for at, (word, leaf) in enumerate(zip(chosen, leaves, strict=True))
    ]


def _present_prices(plan: Plan, goods: Catalogue) -> Ints:
    return goods.price_at(np.arange(goods.count), np.full(goods.count, plan.end - 1))


def _lowest_prices(plan: Plan, goods: Catalogue) -> Ints:
    """Of each product's SKUs on sale; -1 where none is."""
    prices = np.where(goods.paused < plan.end, FOREVER, _present_prices(plan, goods))
    first = np.searchsorted(goods.product, np.arange(len(goods.product_listed)), side="left")
    lowest = np.minimum.reduceat(prices, first)
    return np.where(lowest == FOREVER, -1, lowest)


def _around(means: list[int], stream: Stream, goods: Catalogue) -> Ints:
    spread = stream.split("weight").draw(_MILD, len(goods.product_listed))
    return np.array(means, dtype=np.int64)[goods.product_department] * spread // 1_000
