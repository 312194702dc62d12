"""Vouchers and flash sales, and how much they raise demand."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa

from simulator import calendar, columns, parameters
from simulator.plan import DAY, Plan, seconds_of
from simulator.randomness import Bools, Choice, Ints, Stream, per_million
from simulator.rules import money, pricing
from simulator.rules.vouchers import FIXED_AMOUNT, PERCENTAGE, TYPES
from simulator.world.catalogue import Catalogue
from simulator.world.places import COUNTRY_CODES
from simulator.world.rates import CURRENCIES

_COUNTRY_CYCLE = (
    "TH",
    "SG",
    "TH",
    "MY",
    "PH",
    "TH",
    "VN",
    "ID",
    "TH",
    "MY",
    "TH",
    "US",
    "PH",
    "VN",
    "TH",
    "ID",
)
_LAST_VOUCHER_RUNS_ON_DAYS = 7
_MIN_ORDER, _FIXED_VALUE, _MOST_DISCOUNT = 40, 8, 30
"""In percent of the country's free-shipping threshold."""


def demand_per_mille(discount_percent: int) -> int:
    """Demand at a discount, per mille of that at full price: price to the power of -PRICE_ELASTICITY."""
    price = Decimal(100 - discount_percent) / 100
    return int(price ** -Decimal(str(parameters.PRICE_ELASTICITY)) * 1_000)


@dataclass(frozen=True)
class Vouchers:
    """Columns of vouchers; amounts in hundredths of the currency, percentages in hundredths of a percent."""

    country: Ints
    kind: Ints
    value: Ints
    most_discount: Ints
    least_order: Ints
    limit: Ints
    starts: Ints
    ends: Ints


@dataclass(frozen=True)
class FlashSales:
    """Columns of flash sales, ordered by start; prices in the catalogue's currency."""

    sku: Ints
    percent: Ints
    price: Ints
    quota: Ints
    starts: Ints
    ends: Ints


def make_vouchers(plan: Plan) -> Vouchers:
    """All vouchers of a plan, spread over its days; the last ones are still valid at its end."""
    stream, count = Stream(plan.seed, "vouchers"), plan.size.vouchers
    cycle = (_COUNTRY_CYCLE * (count // len(_COUNTRY_CYCLE) + 1))[:count]
    country = np.array([COUNTRY_CODES.index(code) for code in cycle])
    kind = stream.split("kind").choose(Choice(list(parameters.VOUCHER_TYPE_WEIGHTS.values())), count)
    kind[0] = PERCENTAGE
    scale = np.array([round(item.free_shipping_from) for item in parameters.COUNTRIES.values()])[country]
    percents = np.array(parameters.VOUCHER_PERCENT) * 100
    percent = percents[stream.split("percent").below(len(percents), count)]
    latest = (plan.days - parameters.VOUCHER_DAYS + _LAST_VOUCHER_RUNS_ON_DAYS) * DAY
    starts = plan.start + np.arange(count) * latest // max(1, count - 1) // DAY * DAY
    return Vouchers(
        country=country,
        kind=kind,
        value=np.select([kind == PERCENTAGE, kind == FIXED_AMOUNT], [percent, scale * _FIXED_VALUE], 0),
        most_discount=np.where(kind == PERCENTAGE, scale * _MOST_DISCOUNT, -1),
        least_order=scale * _MIN_ORDER,
        limit=np.full(
            count, max(5, plan.size.orders * per_million(parameters.VOUCHER_USES_RATE) // 1_000_000)
        ),
        starts=starts,
        ends=starts + parameters.VOUCHER_DAYS * DAY,
    )


def is_seller_funded(vouchers: Ints) -> Bools:
    """Whether sellers pay for a voucher's discount, by the voucher's position: every fourth one."""
    funded: Bools = vouchers % 4 == 3
    return funded


def voucher_uplift(plan: Plan, vouchers: Vouchers) -> Ints:
    """Demand on channels that accept vouchers, per mille of the ordinary, by country and day."""
    uplift = np.full((len(COUNTRY_CODES), plan.days), 1_000, dtype=np.int64)
    take_rate = per_million(parameters.VOUCHER_TAKE_RATE)
    mean_percent = sum(parameters.VOUCHER_PERCENT) // len(parameters.VOUCHER_PERCENT)
    more = (demand_per_mille(mean_percent) - 1_000) * take_rate // 1_000_000
    rows = zip(vouchers.country.tolist(), vouchers.starts.tolist(), vouchers.ends.tolist(), strict=True)
    for country, starts, ends in rows:
        first, last = (starts - plan.start) // DAY, (ends - plan.start) // DAY
        uplift[country, max(first, 0) : last] = 1_000 + more
    return uplift


def make_flash_sales(plan: Plan, catalogue: Catalogue) -> FlashSales:
    """The flash sales of each sale day: some SKUs at a discount in each time window."""
    stream, wanted = Stream(plan.seed, "flash"), plan.size.flash_sale_skus
    skus: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    for day in calendar.sale_days(plan.first_day, plan.days):
        for opens, closes in parameters.FLASH_WINDOW_HOURS:
            begins = seconds_of(day) + opens * 3_600
            drawn = stream.split(day.isoformat(), opens).choose(
                Choice(catalogue.seasonal_weights(day.month)), wanted * 3
            )
            on_sale = drawn[catalogue.is_on_sale(drawn, np.full(len(drawn), begins))]
            chosen = sorted(set(on_sale.tolist()[:wanted]))
            skus += chosen
            starts += [begins] * len(chosen)
            ends += [seconds_of(day) + closes * 3_600] * len(chosen)
    sku, begin = np.array(skus, dtype=np.int64), np.array(starts, dtype=np.int64)
    discounts = np.array(parameters.FLASH_DISCOUNT_PERCENT)
    percent = discounts[stream.split("percent").below(len(discounts), len(sku))] if len(sku) else sku
    quota = max(
        parameters.FLASH_LEAST_QUOTA,
        _daily_pieces(plan) * per_million(parameters.FLASH_QUOTA_RATE) // 1_000_000,
    )
    price = pricing.sale_price(catalogue.price_at(sku, begin), percent, money.CENT)
    return FlashSales(sku, percent, price, np.full(len(sku), quota), begin, np.array(ends, dtype=np.int64))


def _daily_pieces(plan: Plan) -> int:
    weights, quantities = parameters.LINES_PER_ORDER_WEIGHTS, parameters.QUANTITY_WEIGHTS
    lines = sum((at + 1) * weight for at, weight in enumerate(weights)) / sum(weights)
    pieces = sum((at + 1) * weight for at, weight in enumerate(quantities)) / sum(quantities)
    return round(plan.size.orders * lines * pieces / plan.days)


def vouchers_table(plan: Plan, made: Vouchers, used: Ints, last_used: Ints) -> pa.Table:
    """The table `vouchers`; `used` counts redemptions that are not released."""
    count = len(made.kind)
    announced = np.minimum(made.starts - DAY, plan.end - 1)
    has_ended = made.ends <= plan.end
    updated = np.maximum.reduce([announced, last_used, np.where(has_ended, made.ends - 1, 0)])
    codes = [
        f"{COUNTRY_CODES[country]}{TYPES[kind][:4].upper()}{at + 1:03d}"
        for at, (country, kind) in _pairs(made)
    ]
    return pa.table(
        {
            "voucher_id": columns.integers(np.arange(count) + 1),
            "voucher_code": pa.array(codes),
            "voucher_type": columns.texts(made.kind, TYPES),
            "value": columns.amounts(made.value),
            "currency": columns.texts(made.country, CURRENCIES),
            "max_discount_amount": columns.amounts(made.most_discount),
            "min_order_amount": columns.amounts(made.least_order),
            "funded_by": columns.texts(
                is_seller_funded(np.arange(count)).astype(np.int64), ("platform", "seller")
            ),
            "usage_limit": columns.integers(made.limit),
            "per_user_limit": columns.integers(np.ones(count, dtype=np.int64)),
            "used_count": columns.integers(used),
            "status": columns.texts(has_ended.astype(np.int64), ("active", "ended")),
            "starts_at": columns.timestamps(made.starts),
            "ends_at": columns.timestamps(made.ends),
            "created_at": columns.timestamps(announced),
            "updated_at": columns.timestamps(updated),
        }
    )


def flash_sales_table(made: FlashSales, sold: Ints, last_sold: Ints) -> pa.Table:
    """The table `flash_sales`; `sold` counts pieces in orders that are not cancelled."""
    announced = made.starts - 3 * DAY
    return pa.table(
        {
            "flash_sale_id": columns.integers(np.arange(len(sold)) + 1),
            "sku_id": columns.integers(made.sku + 1),
            "sale_price": columns.amounts(made.price),
            "quota": columns.integers(made.quota),
            "sold_count": columns.integers(sold),
            "starts_at": columns.timestamps(made.starts),
            "ends_at": columns.timestamps(made.ends),
            "created_at": columns.timestamps(announced),
            "updated_at": columns.timestamps(np.maximum(announced, last_sold)),
        }
    )


def _pairs(made: Vouchers) -> list[tuple[int, tuple[int, int]]]:
    return list(enumerate(zip(made.country.tolist(), made.kind.tolist(), strict=True)))
