"""An alert's life: pending, firing, resolved; told once, and not while muted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tradewind.serving.alerts.lifecycle import Alert, Mute, Notice, State, advance, tell
from tradewind.serving.alerts.readings import Reading
from tradewind.serving.alerts.rules import Rule

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULE = Rule.model_validate(
    {
        "name": "low",
        "description": "It is low.",
        "severity": "warning",
        "owner": "sales",
        "figure": {"table": "rt.a", "time": "minute", "column": "b", "window_minutes": 5},
        "limits": {"below": 1},
        "for_seconds": 20,
        "resolved_after_seconds": 30,
    }
)
AT_ONCE = RULE.model_copy(update={"for_seconds": 0, "resolved_after_seconds": 0})


class Story:
    """Rounds ten seconds apart, and all that was told."""

    def __init__(self, rule: Rule = RULE) -> None:
        self.rule, self.now = rule, START
        self.alerts: dict[str, Alert] = {}
        self.mutes: list[Mute] = []
        self.told: list[tuple[str, tuple[str, ...]]] = []

    def round(self, *subjects: str) -> list[Notice]:
        self.now += timedelta(seconds=10)
        found = [Reading(subject, is_alert=True, value=0.0) for subject in subjects]
        after = advance(self.rule, self.alerts, found, self.now)
        alerts, notices = tell(self.rule, after.values(), self.mutes, self.now)
        self.alerts = {alert.subject: alert for alert in alerts if alert.state is not State.RESOLVED}
        self.told += [(str(n.state), tuple(alert.subject for alert in n.alerts)) for n in notices]
        return notices

    def states(self) -> dict[str, str]:
        return {subject: str(alert.state) for subject, alert in self.alerts.items()}


def test_a_condition_must_hold_for_a_while() -> None:
    story = Story()
    story.round("a")
    story.round("a")
    assert story.states() == {"a": "pending"} and story.told == []
    story.round("a")
    assert story.states() == {"a": "firing"} and story.told == [("firing", ("a",))]


def test_what_does_not_last_is_told_to_nobody() -> None:
    story = Story()
    story.round("a")
    story.round()
    assert story.alerts == {} and story.told == []


def test_it_is_resolved_when_it_has_not_been_seen_for_a_while() -> None:
    story = Story()
    for _ in range(3):
        story.round("a")
    for _ in range(2):
        story.round()
    assert story.states() == {"a": "firing"}
    story.round("a")  # again before the time is over: one and the same alert
    for _ in range(3):
        story.round()
    assert story.alerts == {} and story.told == [("firing", ("a",)), ("resolved", ("a",))]


def test_all_that_fires_at_once_is_told_at_once() -> None:
    story = Story(AT_ONCE)
    story.round("a", "b")
    story.round("a", "b", "c")
    story.round("a")
    assert story.told == [("firing", ("a", "b")), ("firing", ("c",)), ("resolved", ("b", "c"))]


def test_a_muted_alert_is_told_when_the_mute_ends_if_it_still_fires() -> None:
    story = Story(AT_ONCE)
    story.mutes = [Mute("low", "a", START + timedelta(seconds=25))]
    story.round("a", "b")
    story.round("a", "b")
    story.round("a", "b")
    assert story.told == [("firing", ("b",)), ("firing", ("a",))]


def test_the_end_of_what_was_never_told_is_not_told() -> None:
    story = Story(AT_ONCE)
    story.mutes = [Mute("low", None, START + timedelta(hours=1))]
    story.round("a")
    story.round()
    assert story.told == []


def test_that_a_told_alert_is_resolved_is_told_though_it_is_muted() -> None:
    story = Story(AT_ONCE)
    story.round("a")
    story.mutes = [Mute("low", None, START + timedelta(hours=1))]
    story.round()
    assert story.told == [("firing", ("a",)), ("resolved", ("a",))]


def test_an_alert_keeps_its_newest_value() -> None:
    story = Story(AT_ONCE)
    story.round("a")
    later = advance(AT_ONCE, story.alerts, [Reading("a", is_alert=True, value=7.0, usual=9.0)], START)
    assert (later["a"].value, later["a"].usual, later["a"].fired_at) == (7.0, 9.0, story.alerts["a"].fired_at)


@given(st.lists(st.sets(st.sampled_from(["a", "b", "c"])), max_size=40))
def test_firing_and_resolved_are_told_in_turn_for_each_subject(rounds: list[set[str]]) -> None:
    story = Story()
    for subjects in rounds:
        story.round(*sorted(subjects))
    for _ in range(4):
        story.round()
    for subject in "abc":
        told = [state for state, subjects in story.told if subject in subjects]
        assert told == ["firing", "resolved"] * (len(told) // 2)
