"""Stock: exact sums, oldest lots first, sold out and replenished, seen by replaying the ledger."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from simulator import parameters
from simulator.history import ledger
from simulator.history.course import OUT_OF_STOCK, PAID
from simulator.history.stock import PLACES, RECEIPT, RETURN, SALE, WRITE_OFF
from simulator.history.story import Story
from tests.unit.simulator.statistics import has_rate

Row = tuple[int, int, int, int, int, int]
"""Row number, place, lot, movement, change, moment."""


def rows(story: Story) -> list[Row]:
    book = story.stocked.ledger
    return [
        (number, *values)
        for number, values in enumerate(
            zip(book.place, book.lot, book.movement, book.change, book.moment, strict=True)
        )
    ]


def test_the_ledger_is_written_in_the_order_of_time(medium: Story) -> None:
    moments = np.array(medium.stocked.ledger.moment)
    assert (np.diff(moments) >= 0).all()


def test_every_sale_takes_from_the_oldest_lot_that_has_pieces(medium: Story) -> None:
    left: dict[int, dict[int, int]] = defaultdict(dict)
    sales = 0
    for number, place, lot, movement, change, _ in rows(medium):
        lots = left[place]
        if movement in (RECEIPT, RETURN):
            assert lot == number
            lots[lot] = change
            continue
        if movement == SALE:
            assert lot == min(lots), (place, number)
            sales += 1
        lots[lot] += change
        assert lots[lot] >= 0
        if not lots[lot]:
            del lots[lot]
    assert sales > 100_000


def test_stock_is_the_sum_of_its_movements_and_never_below_zero(medium: Story) -> None:
    stock = ledger.add_up(medium.stocked.ledger, medium.world.goods)
    assert stock.quantity.min() == 0
    assert stock.quantity.sum() == sum(medium.stocked.ledger.change)
    assert (stock.sku_quantity == stock.quantity.reshape(-1, PLACES).sum(axis=1)).all()


def test_places_sell_out_and_are_replenished(medium: Story) -> None:
    quantity: dict[int, int] = defaultdict(int)
    empty: dict[int, int] = {}
    waits = []
    for _, place, _, movement, change, moment in rows(medium):
        quantity[place] += change
        if movement == SALE and quantity[place] == 0:
            empty[place] = moment
        elif movement == RECEIPT and place in empty:
            waits.append((moment - empty.pop(place)) / 86_400)
    assert len(waits) > 100
    assert 0 < float(np.mean(waits)) <= parameters.LEAD_TIME_DAYS[1] + 1


def test_who_finds_no_stock_is_cancelled_unpaid(medium: Story) -> None:
    out = medium.course.reason == OUT_OF_STOCK
    assert 0 < out.mean() < 0.04
    assert (medium.stocked.warehouse[out] < 0).all()
    assert (medium.course.at(PAID)[out] < 0).all()


def test_every_served_line_leaves_its_warehouse_once_and_whole(medium: Story) -> None:
    book, baskets = medium.stocked.ledger, medium.baskets
    taken = np.zeros(len(baskets.order), dtype=np.int64)
    item, movement = np.array(book.item), np.array(book.movement)
    place, change = np.array(book.place), np.array(book.change)
    sold = movement == SALE
    np.add.at(taken, item[sold] - 1, -change[sold])
    served = medium.stocked.warehouse[baskets.order] >= 0
    assert (taken[served] == baskets.quantity[served]).all()
    assert (taken[~served] == 0).all()
    lines = item[sold] - 1
    assert (place[sold] == baskets.sku[lines] * PLACES + medium.stocked.warehouse[baskets.order[lines]]).all()


def test_some_lots_arrive_damaged(medium: Story) -> None:
    book = medium.stocked.ledger
    movement, item = np.array(book.movement), np.array(book.item)
    received = int((movement == RECEIPT).sum())
    damaged = int(((movement == WRITE_OFF) & (item == 0)).sum())
    assert has_rate(damaged, received, parameters.DAMAGED_LOT_RATE)


def test_returned_goods_are_resold_or_written_off_as_stated(medium: Story) -> None:
    returns = medium.returns.is_resellable[medium.returned]
    assert has_rate(int(returns.sum()), len(returns), parameters.RESELLABLE_RATE)


@pytest.mark.parametrize("warehouse", range(5))
def test_warehouses_are_stocked_by_their_share(medium: Story, warehouse: int) -> None:
    lots = medium.stocked.levels.lot_size.reshape(-1, PLACES)
    busiest = np.argsort(-medium.world.goods.weight)[:20]
    share = lots[busiest, warehouse].sum() / lots[busiest].sum()
    weights = [place.stock_weight for place in parameters.WAREHOUSES]
    assert share == pytest.approx(weights[warehouse] / sum(weights), abs=0.04)
