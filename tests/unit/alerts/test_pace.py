"""When rules are evaluated: often while something changes, seldom while nothing does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tradewind.serving.alerts.lifecycle import Alert, State
from tradewind.serving.alerts.pace import AT_REST, SETTLING, Activity, Pace
from tradewind.serving.alerts.rules import Severity

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROUND = timedelta(seconds=10)


class Rounds:
    """Rounds ten seconds apart, with a heartbeat in each unless it is said otherwise."""

    def __init__(self) -> None:
        self.pace, self.now, self.rows, self.heartbeat_at = Pace(), START, 7, START

    def go(self, *alerts: Alert, beats: bool = True, answers: bool = True) -> bool:
        self.now += ROUND
        self.heartbeat_at = self.now if beats else self.heartbeat_at
        activity = Activity(self.heartbeat_at, self.rows) if answers else None
        return self.pace.is_due(self.now, activity, alerts)

    def rest(self) -> None:
        """Go on until nothing is due."""
        while self.go():
            assert self.now < START + 2 * SETTLING


def alert(state: State, last_seen: datetime) -> Alert:
    return Alert("low", "a", Severity.INFO, state, START, last_seen, 1.0)


def test_rules_rest_while_nothing_changes_but_are_evaluated_now_and_then() -> None:
    rounds = Rounds()
    rounds.rest()
    due = [rounds.go() for _ in range(2 * (AT_REST // ROUND))]
    assert due.count(True) == 2


def test_a_change_is_followed_until_the_states_have_it() -> None:
    rounds = Rounds()
    rounds.rest()
    rounds.rows += 1
    assert [rounds.go() for _ in range(4)] == [True, True, True, False]


def test_a_heartbeat_that_stands_still_is_looked_into() -> None:
    rounds = Rounds()
    rounds.rest()
    assert rounds.go(beats=False) and rounds.go(beats=False) and not rounds.go()


def test_a_warehouse_that_does_not_answer_is_looked_into() -> None:
    rounds = Rounds()
    rounds.rest()
    assert rounds.go(answers=False) and rounds.go(answers=False)


def test_an_alert_on_its_way_to_the_next_state_is_followed() -> None:
    rounds = Rounds()
    rounds.rest()
    evaluated = rounds.now - ROUND
    assert not rounds.go(alert(State.FIRING, evaluated))
    assert rounds.go(alert(State.PENDING, evaluated))
    assert rounds.go(alert(State.FIRING, evaluated))  # not seen in the round before
