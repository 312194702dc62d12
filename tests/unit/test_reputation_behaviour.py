"""The reputation service's fate of a request: by its identifier alone, at the stated rates."""

from __future__ import annotations

from collections import Counter
from statistics import quantiles

import pytest

from simulator.reputation.behaviour import FAULT_RATES, LONGEST_SECONDS, Behaviour, Outcome

REQUESTS = [f"request-{number}" for number in range(20_000)]


def test_the_same_request_always_has_the_same_fate() -> None:
    first, second = Behaviour(), Behaviour()
    for request_id in REQUESTS[:100]:
        assert first.outcome(request_id) == second.outcome(request_id)
        assert first.seconds(request_id) == second.seconds(request_id)


@pytest.mark.parametrize("outcome", FAULT_RATES)
def test_faults_come_at_their_stated_rate(outcome: Outcome) -> None:
    expected = FAULT_RATES[outcome] * len(REQUESTS)
    found = Counter(map(Behaviour().outcome, REQUESTS))[outcome]
    assert abs(found - expected) < 4 * expected**0.5


def test_answers_take_the_stated_time() -> None:
    behaviour = Behaviour()
    percentiles = quantiles((behaviour.seconds(request_id) for request_id in REQUESTS), n=100)
    assert percentiles[49] == pytest.approx(0.035, rel=0.03)
    assert percentiles[94] == pytest.approx(0.080, rel=0.05)
    assert percentiles[98] == pytest.approx(0.113, rel=0.08)


def test_a_batch_takes_longer_and_nothing_takes_for_ever() -> None:
    behaviour = Behaviour()
    assert behaviour.seconds("a", 101) - behaviour.seconds("a") == pytest.approx(0.02)
    assert max(map(behaviour.seconds, REQUESTS)) <= LONGEST_SECONDS


def test_both_can_be_switched_off() -> None:
    behaviour = Behaviour(has_latency=False, has_faults=False)
    assert {behaviour.outcome(request_id) for request_id in REQUESTS} == {"answer"}
    assert {behaviour.seconds(request_id) for request_id in REQUESTS[:100]} == {0.0}
