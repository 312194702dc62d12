"""Stock: exact sums, oldest lots first, sold out and replenished, seen by replaying the ledger."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from simulator import parameters
from simulator.history import inventory_tables
from simulator.history.generate import History
from simulator.history.order_steps import OUT_OF_STOCK, PAID
from simulator.history.stock import LOCATIONS_PER_SKU, RECEIPT, RETURN, SALE, WRITE_OFF
from tests.unit.simulator.conftest import returned_lines
from tests.unit.simulator.statistics import has_rate

Row = tuple[int, int, int, int, int, int]
"""Row number, location, lot, movement, change, moment."""


def rows(history: History) -> list[Row]:
    book = history.allocation.ledger
    return [
        (number, *values)
        for number, values in enumerate(
            zip(book.location, book.lot, book.movement, book.change, book.moment, strict=True)
        )
    ]


def test_the_ledger_is_written_in_the_order_of_time(medium: History) -> None:
    moments = np.array(medium.allocation.ledger.moment)
    assert (np.diff(moments) >= 0).all()


def test_every_sale_takes_from_the_oldest_lot_that_has_pieces(medium: History) -> None:
    left: dict[int, dict[int, int]] = defaultdict(dict)
    sale_rows = 0
    for number, location, lot, movement, change, _ in rows(medium):
        lots = left[location]
        if movement in (RECEIPT, RETURN):
            assert lot == number
            lots[lot] = change
            continue
        if movement == SALE:
            assert lot == min(lots), (location, number)
            sale_rows += 1
        lots[lot] += change
        assert lots[lot] >= 0
        if not lots[lot]:
            del lots[lot]
    assert sale_rows > 100_000


def test_stock_is_the_sum_of_its_movements_and_never_below_zero(medium: History) -> None:
    stock = inventory_tables.sum_ledger(medium.allocation.ledger, medium.world.catalogue)
    assert stock.quantity.min() == 0
    assert stock.quantity.sum() == sum(medium.allocation.ledger.change)
    assert (stock.sku_quantity == stock.quantity.reshape(-1, LOCATIONS_PER_SKU).sum(axis=1)).all()


def test_locations_sell_out_and_are_replenished(medium: History) -> None:
    quantity: dict[int, int] = defaultdict(int)
    empty: dict[int, int] = {}
    waits = []
    for _, location, _, movement, change, moment in rows(medium):
        quantity[location] += change
        if movement == SALE and quantity[location] == 0:
            empty[location] = moment
        elif movement == RECEIPT and location in empty:
            waits.append((moment - empty.pop(location)) / 86_400)
    assert len(waits) > 100
    assert 0 < float(np.mean(waits)) <= parameters.LEAD_TIME_DAYS[1] + 1


def test_an_order_without_stock_is_cancelled_unpaid(medium: History) -> None:
    out = medium.order_steps.reason == OUT_OF_STOCK
    assert 0 < out.mean() < 0.04
    assert (medium.allocation.warehouse[out] < 0).all()
    assert (medium.order_steps.at(PAID)[out] < 0).all()


def test_every_served_line_leaves_its_warehouse_once_and_whole(medium: History) -> None:
    book, order_lines = medium.allocation.ledger, medium.order_lines
    taken = np.zeros(len(order_lines.order), dtype=np.int64)
    item, movement = np.array(book.item), np.array(book.movement)
    location, change = np.array(book.location), np.array(book.change)
    sold = movement == SALE
    np.add.at(taken, item[sold] - 1, -change[sold])
    served = medium.allocation.warehouse[order_lines.order] >= 0
    assert (taken[served] == order_lines.quantity[served]).all()
    assert (taken[~served] == 0).all()
    lines = item[sold] - 1
    assert (
        location[sold] == order_lines.sku[lines] * LOCATIONS_PER_SKU + medium.allocation.line_warehouse[lines]
    ).all()


def test_some_lots_arrive_damaged(medium: History) -> None:
    book = medium.allocation.ledger
    movement, item = np.array(book.movement), np.array(book.item)
    received = int((movement == RECEIPT).sum())
    damaged = int(((movement == WRITE_OFF) & (item == 0)).sum())
    assert has_rate(damaged, received, parameters.DAMAGED_LOT_RATE)


def test_returned_goods_are_resold_or_written_off_as_stated(medium: History) -> None:
    returns = medium.returns.is_resellable[returned_lines(medium)]
    assert has_rate(int(returns.sum()), len(returns), parameters.RESELLABLE_RATE)


@pytest.mark.parametrize("warehouse", range(5))
def test_warehouses_are_stocked_by_their_share(medium: History, warehouse: int) -> None:
    lots = medium.allocation.levels.lot_size.reshape(-1, LOCATIONS_PER_SKU)
    busiest = np.argsort(-medium.world.catalogue.weight)[:20]
    share = lots[busiest, warehouse].sum() / lots[busiest].sum()
    weights = [each.stock_weight for each in parameters.WAREHOUSES]
    assert share == pytest.approx(weights[warehouse] / sum(weights), abs=0.04)
