"""Chance that repeats itself: the same numbers everywhere, fair ones, however they are drawn."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import parameters
from simulator.randomness import Choice, Quantiles, ScalarStream, Stream
from tests.unit.simulator.statistics import has_mean, has_shares

GOLDEN_BELOW = [585, 180, 113, 277, 312, 624]
GOLDEN_BITS = ["0x6fd7affebed21b1c", "0x9ddfbac52abd1e1f"]


def test_a_named_stream_gives_the_numbers_it_has_always_given() -> None:
    assert Stream(1, "orders").below(1_000, 6).tolist() == GOLDEN_BELOW
    assert [hex(bits) for bits in Stream(7, "a", 3).bits(2).tolist()] == GOLDEN_BITS


def test_streams_of_other_names_or_seeds_differ() -> None:
    first = Stream(1, "orders").bits(8)
    assert not np.array_equal(first, Stream(2, "orders").bits(8))
    assert not np.array_equal(first, Stream(1, "returns").bits(8))


def test_a_split_stream_does_not_depend_on_what_was_drawn_before() -> None:
    one, other = Stream(1, "x"), Stream(1, "x")
    other.bits(1_000)
    assert one.split("y").bits(4).tolist() == other.split("y").bits(4).tolist()


def test_drawing_in_parts_gives_the_same_as_drawing_at_once() -> None:
    whole, parts = Stream(3), Stream(3)
    assert whole.bits(10).tolist() == [*parts.bits(3).tolist(), *parts.bits(7).tolist()]


def test_dice_throw_what_the_stream_of_their_name_draws() -> None:
    rng = ScalarStream(1, "x")
    assert [rng.below(6) for _ in range(5)] == Stream(1, "x").below(6, 5).tolist()


def test_a_choice_follows_its_weights_and_never_takes_a_weight_of_nothing() -> None:
    weights = (5, 0, 1, 14)
    drawn = np.bincount(Stream(1).choose(Choice(weights), 20_000), minlength=4)
    assert drawn[1] == 0
    assert has_shares(drawn[[0, 2, 3]].tolist(), [5, 1, 14])


def test_weights_may_be_larger_than_any_processor_number() -> None:
    drawn = Stream(1).choose(Choice([10**30, 10**30]), 1_000)
    assert 400 < drawn.sum() < 600


def test_a_choice_without_any_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one weight"):
        Choice([0, 0])


@pytest.mark.parametrize(
    "quantiles",
    [
        parameters.MILD_QUANTILES_PER_MILLE,
        parameters.HEAVY_QUANTILES_PER_MILLE,
        parameters.PARETO_QUANTILES_PER_MILLE,
        parameters.TRANSIT_QUANTILES_PER_MILLE,
    ],
)
def test_quantiles_rise_and_their_draws_have_their_mean(quantiles: tuple[int, ...]) -> None:
    assert list(quantiles) == sorted(quantiles)
    distribution = Quantiles(quantiles)
    drawn = Stream(1).draw(distribution, 50_000)
    assert drawn.min() >= quantiles[0] and drawn.max() <= quantiles[-1]
    assert has_mean(drawn.tolist(), distribution.mean - 0.5)


@pytest.mark.parametrize("limit", [0, 2**31 + 1])
def test_a_limit_that_cannot_be_drawn_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        Stream(1).below(limit, 1)
    with pytest.raises(ValueError, match="limit"):
        ScalarStream(1).below(limit)
