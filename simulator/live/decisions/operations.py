"""The shop's own operations: prices, categories, rates, campaign spend, promotions, registrations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import numpy as np

from simulator import parameters
from simulator.live.decisions import accounts
from simulator.live.decisions.context import PER_MILLE, SECONDS_PER_HOUR, RunContext
from simulator.live.decisions.goods import Goods
from simulator.live.decisions.population import Population
from simulator.live.decisions.shop import FlashSale, Sku, Voucher
from simulator.live.decisions.shop_records import (
    CampaignSpend,
    NewCategory,
    NewContract,
    NewFlashSale,
    NewPrice,
    NewRate,
    NewVoucher,
)
from simulator.live.scenarios import Scenario
from simulator.randomness import Ints, Quantiles
from simulator.rules import contracts, money, pricing

FLASH_SALES_AT_ONCE = parameters.SIZES["small"].flash_sale_skus
SPEND_EVERY_SECONDS = 20.0
GOODS_EVERY_SECONDS = 5.0
RATE_STEP = Decimal("0.00000001")
STEP_UNITS = 1_000_000
SECONDS_PER_YEAR = 365 * 86_400
_PRICE_CHANGES_PER_YEAR = sum(
    count * weight
    for count, weight in zip(parameters.PRICE_CHANGES, parameters.PRICE_CHANGE_COUNT_WEIGHTS, strict=True)
) / sum(parameters.PRICE_CHANGE_COUNT_WEIGHTS)
_MILD = Quantiles(parameters.MILD_QUANTILES_PER_MILLE)


class ShopOperations:
    """Periodic and scenario-driven operations of the shop."""

    def __init__(self, run: RunContext, population: Population, goods: Goods, growth_per_hour: float) -> None:
        self._run, self._population, self._goods = run, population, goods
        self._growth_per_hour = growth_per_hour
        self._growth_factor = 1.0
        self._rng = run.rng("upkeep")

    def begin(self) -> None:
        """Start all periodic operations."""
        self._refresh_goods()
        self._publish_rates()
        self._run.scheduler.after(SPEND_EVERY_SECONDS, self._write_spend)
        self._wait_for_registration()
        self._wait_for_price_change()
        self._wait_for_move()
        self._wait_for_contract_change()

    def open(self, scenario: Scenario, ends_at: datetime) -> None:
        """Start the flash sales and vouchers of a scenario."""
        self._growth_factor = scenario.growth_factor
        if scenario.has_flash_sale:
            for sku in self._flash_sale_candidates():
                self._open_flash_sale(sku, ends_at)
        if scenario.has_promotion:
            for currency in self._currencies():
                self._issue_voucher(currency, ends_at)
        self._goods.refresh(self._run.now)

    def _refresh_goods(self) -> None:
        self._goods.refresh(self._run.now)
        self._run.scheduler.after(GOODS_EVERY_SECONDS, self._refresh_goods)

    def _publish_rates(self) -> None:
        """Publish a rate per currency at the start and at each midnight (UTC), a small step from the last."""
        shop, today = self._run.shop, self._run.now.date()
        if shop.reporting_currency is not None and (shop.rates_of is None or shop.rates_of < today):
            shop.rates_of = today
            most = round(parameters.DAILY_FX_STEP_RATE * STEP_UNITS)
            for currency in sorted(shop.rates):
                step = self._rng.between(-most, most) if currency != shop.reporting_currency else 0
                rate = shop.rates[currency] * (STEP_UNITS + step) / STEP_UNITS
                shop.rates[currency] = rate.quantize(RATE_STEP)
                self._run.write(NewRate(currency, today, shop.reporting_currency, shop.rates[currency]))
        midnight = datetime.combine(today + timedelta(days=1), time(), UTC)
        self._run.scheduler.after((midnight - self._run.now).total_seconds(), self._publish_rates)

    def _flash_sale_candidates(self) -> list[Sku]:
        now, flash_sales = self._run.now, self._run.shop.flash_sales
        free = [
            sku
            for sku in self._run.shop.skus
            if sku.stock * parameters.LIVE_FLASH_QUOTA_STOCK_RATE >= parameters.FLASH_LEAST_QUOTA
            and not (sku.sku_id in flash_sales and flash_sales[sku.sku_id].ends_at > now)
        ]
        return sorted(free, key=lambda sku: (-sku.popularity, sku.sku_id))[:FLASH_SALES_AT_ONCE]

    def _open_flash_sale(self, sku: Sku, ends_at: datetime) -> None:
        percents = parameters.FLASH_DISCOUNT_PERCENT
        percent = percents[self._rng.below(len(percents))]
        sale = NewFlashSale(
            flash_sale_id=self._run.new_id("flash_sales"),
            sku_id=sku.sku_id,
            sale_price=_rounded(pricing.sale_price, sku, percent),
            quota=max(parameters.FLASH_LEAST_QUOTA, int(sku.stock * parameters.LIVE_FLASH_QUOTA_STOCK_RATE)),
            starts_at=self._run.now,
            ends_at=ends_at,
        )
        self._run.write(sale)
        self._run.shop.flash_sales[sku.sku_id] = FlashSale(
            sale.flash_sale_id, sku.sku_id, sale.sale_price, sale.quota, sale.starts_at, sale.ends_at
        )

    def _currencies(self) -> list[str]:
        shop = self._run.shop
        wanted = {shop.currency_of(person.country, shop.skus[0]) for person in shop.people}
        return sorted(wanted)

    def _issue_voucher(self, currency: str, ends_at: datetime) -> None:
        percents = parameters.VOUCHER_PERCENT
        voucher_id = self._run.new_id("vouchers")
        new = NewVoucher(
            voucher_id=voucher_id,
            voucher_code=f"BLAST{voucher_id}",
            voucher_type="percentage",
            value=Decimal(percents[self._rng.below(len(percents))]),
            currency=currency,
            max_discount_amount=None,
            min_order_amount=Decimal(0),
            usage_limit=parameters.LIVE_VOUCHER_USES,
            per_user_limit=1,
            campaign_id=None,
            starts_at=self._run.now,
            ends_at=ends_at,
        )
        self._run.write(new)
        self._run.shop.vouchers.append(
            Voucher(
                voucher_id=voucher_id,
                voucher_type=new.voucher_type,
                value=new.value,
                currency=currency,
                max_discount_amount=None,
                min_order_amount=new.min_order_amount,
                uses_left=new.usage_limit,
                starts_at=new.starts_at,
                ends_at=ends_at,
            )
        )

    def _write_spend(self) -> None:
        for campaign in self._run.shop.campaigns:
            if (
                campaign.visits
                and {parameters.REPORTING_CURRENCY, campaign.currency} <= self._run.shop.rates.keys()
            ):
                click = Decimal(str(parameters.COST_PER_CLICK)) * campaign.visits
                shop = self._run.shop
                cost = shop.converted(click, parameters.REPORTING_CURRENCY, campaign.currency)
                shown = campaign.visits / parameters.CLICK_THROUGH_RATE[campaign.campaign_type]
                self._run.write(
                    CampaignSpend(
                        campaign.campaign_id,
                        self._run.now.date(),
                        campaign.currency,
                        cost,
                        round(shown),
                        campaign.visits,
                    )
                )
                campaign.visits = 0
        self._run.scheduler.after(SPEND_EVERY_SECONDS, self._write_spend)

    def _wait_for_registration(self) -> None:
        per_second = self._growth_per_hour * self._growth_factor / SECONDS_PER_HOUR
        if per_second > 0:
            self._run.scheduler.after(self._wait(1 / per_second), self._registration)

    def _registration(self) -> None:
        self.register()
        self._wait_for_registration()

    def register(self) -> None:
        """Register a new account."""
        country = self._population.random_country(self._rng)
        person = accounts.register(self._run, accounts.destination_in(country, self._rng), self._rng)
        self._run.shop.people.append(person)
        self._population.add(person)

    def _wait_for_price_change(self) -> None:
        per_second = (
            len(self._run.shop.skus) * _PRICE_CHANGES_PER_YEAR * self._run.speed_up / SECONDS_PER_YEAR
        )
        self._run.scheduler.after(self._wait(1 / per_second), self._change_a_price)

    def _change_a_price(self) -> None:
        skus, percents = self._run.shop.skus, parameters.PRICE_CHANGE_PERCENT
        sku = skus[self._rng.below(len(skus))]
        price = _rounded(pricing.changed_price, sku, percents[self._rng.below(len(percents))])
        if price != sku.price:
            sku.price = price
            self._run.write(NewPrice(sku.sku_id, price))
        self._wait_for_price_change()

    def _wait_for_move(self) -> None:
        per_year = len(self._run.shop.skus_by_product) * parameters.CATEGORY_CHANGE_RATE
        self._run.scheduler.after(
            self._wait(SECONDS_PER_YEAR / per_year / self._run.speed_up), self._move_a_product
        )

    def _move_a_product(self) -> None:
        """Move a product to another category of its department, if there is one."""
        shop = self._run.shop
        moved = shop.skus[self._rng.below(len(shop.skus))]
        known = {sku.category_id for sku in shop.skus if sku.department == moved.department}
        siblings = sorted(each for each in known if each is not None and each != moved.category_id)
        if siblings and moved.category_id is not None:
            category_id = siblings[self._rng.below(len(siblings))]
            for sku in shop.skus_by_product[moved.product_id]:
                sku.category_id = category_id
            self._run.write(NewCategory(moved.product_id, category_id))
        self._wait_for_move()

    def _wait_for_contract_change(self) -> None:
        per_year = len(self._run.shop.sellers) * contracts.CHANGES_PER_YEAR
        if per_year > 0:
            seconds = SECONDS_PER_YEAR / per_year / self._run.speed_up
            self._run.scheduler.after(self._wait(seconds), self._change_a_contract)

    def _change_a_contract(self) -> None:
        """Move a seller to the next tier up or down, with that tier's commission."""
        sellers = self._run.shop.sellers
        seller_id = sorted(sellers)[self._rng.below(len(sellers))]
        present = np.array([contracts.TIERS.index(sellers[seller_id])])
        tier = int(contracts.neighbouring_tier(present, np.array([self._rng.happens(0.5)]))[0])
        sellers[seller_id] = contracts.TIERS[tier]
        rate = Decimal(int(contracts.COMMISSION_PER_MYRIAD[tier])).scaleb(-4)
        self._run.write(NewContract(seller_id, contracts.TIERS[tier], rate))
        self._wait_for_contract_change()

    def _wait(self, mean_seconds: float) -> float:
        return mean_seconds * self._rng.draw(_MILD) / PER_MILLE


def _rounded(rule: Callable[[Ints, int, int], Ints], sku: Sku, percent: int) -> Decimal:
    """An SKU's price by a pricing rule that takes a percentage."""
    price = np.array([money.hundredths(sku.price)])
    return money.decimal(rule(price, percent, money.smallest_unit(sku.currency))[0])
