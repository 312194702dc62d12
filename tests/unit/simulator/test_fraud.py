"""Attacks: how many, of which kinds, and what gives each away."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from simulator import network, parameters
from simulator.history.attacks import (
    RETURN_ABUSE,
    STOLEN_CARD,
    TAKEOVER,
    VELOCITY,
    VOUCHER_ABUSE,
)
from simulator.history.generate import History
from simulator.history.tables import all_tables
from simulator.plan import DAY
from tests.unit.simulator.conftest import returned_lines


def orders_of(history: History, kind: int) -> dict[int, list[int]]:
    """Positions of the placed orders of each attack of a kind."""
    found: dict[int, list[int]] = {}
    for order in np.flatnonzero(history.orders.attack_order >= 0).tolist():
        attack = history.attacks.order_attack[int(history.orders.attack_order[order])]
        if history.attacks.kind[attack] == kind:
            found.setdefault(attack, []).append(order)
    return found


def marks(history: History, order: int) -> tuple[str, str]:
    """Device and address of an attack's order."""
    at = int(history.orders.attack_order[order])
    return history.attacks.order_device[at], history.attacks.order_address[at]


def country_of(history: History, order: int) -> str:
    return list(parameters.COUNTRIES)[int(history.orders.country[order])]


def test_attacks_come_at_the_stated_rate_and_of_every_kind(medium: History) -> None:
    kinds = Counter(medium.attacks.kind)
    assert sum(kinds.values()) == round(parameters.ANOMALY_RATE * medium.plan.size.orders)
    assert set(kinds) == set(range(len(parameters.ATTACK_KINDS)))


def test_even_the_small_shop_has_one_of_each_kind(small: History) -> None:
    assert sorted(small.attacks.kind) == list(range(len(parameters.ATTACK_KINDS)))
    for kind in range(len(parameters.ATTACK_KINDS)):
        assert orders_of(small, kind)


def test_velocity_is_many_orders_within_minutes_from_one_emulator(medium: History) -> None:
    for orders in orders_of(medium, VELOCITY).values():
        assert parameters.VELOCITY_ORDERS[0] <= len(orders) <= parameters.VELOCITY_ORDERS[1]
        assert np.ptp(medium.orders.moment[orders]) < 20 * 60
        assert len({marks(medium, order) for order in orders}) == 1
        assert network.describe_device(marks(medium, orders[0])[0]).is_emulator


def test_a_stolen_card_jumps_to_another_country_within_the_hour(medium: History) -> None:
    for orders in orders_of(medium, STOLEN_CARD).values():
        for order in orders:
            assert network.describe(marks(medium, order)[1]).country != country_of(medium, order)


@pytest.mark.parametrize("size", ["small", "medium"])
def test_the_owner_of_a_stolen_card_is_at_home_within_the_hour_before(size: str, request: Any) -> None:
    history: History = request.getfixturevalue(size)
    recorded, visits = history.plan.start + history.plan.clickstream_day * DAY + 3_600, history.visits
    recent = [
        orders[0]
        for orders in orders_of(history, STOLEN_CARD).values()
        if history.orders.moment[orders[0]] > recorded
    ]
    assert recent
    for order in recent:
        owner = int(history.orders.user[order])
        own = (visits.user == owner) & (visits.order < 0)
        own &= visits.country == history.world.people.country[owner]
        gaps = (int(history.orders.moment[order]) - visits.moment[own]).tolist()
        assert any(0 < gap <= 3_600 for gap in gaps)


def test_no_visit_is_moved_to_the_beginning_of_the_record(medium: History) -> None:
    assert (medium.visits.moment == medium.plan.start + medium.plan.clickstream_day * DAY).sum() <= 1


def test_a_takeover_uses_an_old_account_from_an_anonymised_new_device(medium: History) -> None:
    for orders in orders_of(medium, TAKEOVER).values():
        device, address = marks(medium, orders[0])
        facts = network.describe(address)
        assert facts.is_vpn or facts.is_tor
        assert network.describe_device(device).kind == "rooted"
        owner = int(medium.orders.user[orders[0]])
        assert medium.world.people.registered[owner] < medium.orders.moment[orders[0]] - 30 * 86_400
        assert device != network.device_fingerprint(owner)


def test_a_voucher_ring_is_several_accounts_on_one_device_with_one_voucher(medium: History) -> None:
    used, vouchers, amounts = 0, medium.world.vouchers, medium.amounts
    for orders in orders_of(medium, VOUCHER_ABUSE).values():
        users = medium.orders.user[orders]
        assert len(set(users.tolist())) == len(orders) >= 2
        assert len({marks(medium, order) for order in orders}) == 1
        (wanted,) = {medium.attacks.order_voucher[medium.orders.attack_order[order]] for order in orders}
        for order in orders:
            is_used_up = (amounts.voucher == wanted).sum() == vouchers.limit[wanted]
            is_too_small = amounts.subtotal[order] < vouchers.least_order[wanted]
            by_account = (amounts.voucher == wanted) & (medium.orders.user == medium.orders.user[order])
            has_used_it = by_account[:order].any()
            assert amounts.voucher[order] == wanted or is_too_small or is_used_up or has_used_it
            used += int(amounts.voucher[order] == wanted)
    assert used > 10


def test_return_abuse_returns_everything(medium: History) -> None:
    back = set(medium.order_lines.order[returned_lines(medium)].tolist())
    orders = [order for of in orders_of(medium, RETURN_ABUSE).values() for order in of]
    delivered = [order for order in orders if medium.order_steps.times[order, 5] >= 0]
    assert len(delivered) > 5
    assert sum(order in back for order in delivered) >= 0.8 * len(delivered)


@pytest.mark.parametrize("kind", [STOLEN_CARD, TAKEOVER])
def test_stolen_money_buys_expensive_goods(medium: History, kind: int) -> None:
    catalogue, order_lines = medium.world.catalogue, medium.order_lines
    ordinary = catalogue.prices[order_lines.sku, 0].mean()
    orders = [order for of in orders_of(medium, kind).values() for order in of]
    lines = np.isin(order_lines.order, orders)
    assert catalogue.prices[order_lines.sku[lines], 0].min() > 2.5 * ordinary


def test_labels_name_every_order_of_an_attack_and_no_other(medium: History) -> None:
    tables = {name: table for name, table in all_tables(medium, 1) if name.startswith("labels.")}
    labelled = tables["labels.fraud_labels"]
    assert labelled["order_id"].to_pylist() == (np.flatnonzero(medium.orders.attack_order >= 0) + 1).tolist()
    assert None not in labelled["session_id"].to_pylist()
    assert tables["labels.attacks"].num_rows == len(medium.attacks.kind)
    started, ended = (tables["labels.attacks"][name].to_pylist() for name in ("started_at", "ended_at"))
    assert all(first <= last for first, last in zip(started, ended, strict=True))
