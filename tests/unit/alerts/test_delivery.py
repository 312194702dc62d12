"""Messages to a receiver over HTTP: each once, in order, also after failures and a restart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from tests.fixtures.web_hook import Hook
from tests.unit.alerts.test_lifecycle import AT_ONCE
from tradewind.serving.alerts import messages
from tradewind.serving.alerts.delivery import Receiver, deliver
from tradewind.serving.alerts.lifecycle import Mute
from tradewind.serving.alerts.readings import Outcome, Reading
from tradewind.serving.alerts.rules import Rule
from tradewind.serving.alerts.store import Store, UnknownAlert

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "alerts" / "alerts.sqlite")


def fires(store: Store, *subjects: str, rule: Rule = AT_ONCE, receivers: tuple[str, ...] = ("hook",)) -> None:
    """A round in which these are alerts; it happens now."""
    found = tuple(Reading(subject, is_alert=True, value=1.5, usual=4.0) for subject in subjects)
    store.record(rule, Outcome(found), receivers, datetime.now(UTC) - timedelta(seconds=1))


def send(store: Store, *hooks: tuple[str, Hook]) -> None:
    deliver(store, [Receiver(name, hook.url) for name, hook in hooks], requests.Session())


def test_a_message_says_what_fires_and_then_what_is_resolved(store: Store, hook: Hook) -> None:
    fires(store, "a", "b")
    fires(store, "a")
    send(store, ("hook", hook))
    assert [(body["state"], [alert["subject"] for alert in body["alerts"]]) for body in hook.taken] == [
        ("firing", ["a", "b"]),
        ("resolved", ["b"]),
    ]
    first = hook.taken[0]
    assert (first["rule"], first["severity"], first["owner"]) == ("low", "warning", "sales")
    assert (first["alerts"][0]["value"], first["alerts"][0]["usual"]) == (1.5, 4.0)


def test_a_failed_attempt_is_repeated_with_its_key_and_later_messages_wait_for_it(
    store: Store, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewind.serving.alerts.delivery.FIRST_PAUSE", timedelta(0))
    hook.answers = [503, 429]
    fires(store, "a")
    fires(store, "a", "b")
    for _ in range(3):
        send(store, ("hook", hook))
    assert [[alert["subject"] for alert in body["alerts"]] for body in hook.taken] == [["a"], ["b"]]
    assert hook.keys[0] == hook.keys[1] == hook.keys[2] != hook.keys[3]
    assert store.waiting() == {}


def test_the_next_attempt_waits(store: Store, hook: Hook) -> None:
    hook.answers = [500]
    fires(store, "a")
    send(store, ("hook", hook))
    send(store, ("hook", hook))
    assert len(hook.keys) == 1
    assert store.waiting() == {"hook": (1, "HTTP 500 ok")}


@pytest.mark.parametrize("status", [302, 400])
def test_a_message_that_is_refused_holds_nothing_up(store: Store, hook: Hook, status: int) -> None:
    hook.answers = [status]
    fires(store, "a")
    fires(store, "a", "b")
    send(store, ("hook", hook))
    assert [[alert["subject"] for alert in body["alerts"]] for body in hook.taken] == [["b"]]


def test_a_receiver_that_is_away_holds_up_no_other_and_its_address_is_in_no_error(
    store: Store, hook: Hook
) -> None:
    with Hook() as away:
        pass
    fires(store, "a", receivers=("away", "hook"))
    send(store, ("away", away), ("hook", hook))
    assert len(hook.taken) == 1
    [(count, error)] = store.waiting().values()
    assert count == 1 and error and "secret-path" not in error


def test_nothing_is_lost_or_told_twice_over_a_restart(store: Store, hook: Hook, tmp_path: Path) -> None:
    fires(store, "a")
    again = Store(tmp_path / "alerts" / "alerts.sqlite")
    fires(again, "a")
    send(again, ("hook", hook))
    send(store, ("hook", hook))
    fires(store, "a")
    send(store, ("hook", hook))
    assert len(hook.taken) == 1


def test_a_round_that_fails_halfway_leaves_nothing(
    store: Store, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("tradewind.serving.alerts.store._queue", fail)
        with pytest.raises(OSError, match="no space"):
            fires(store, "a")
    assert store.open_alerts() == []
    fires(store, "a")
    send(store, ("hook", hook))
    assert len(hook.taken) == 1


def test_what_cannot_be_read_leaves_alerts_as_they_are(store: Store) -> None:
    fires(store, "a")
    assert store.record(AT_ONCE, Outcome(unknown="the marts are stale"), ["hook"], NOW) == []
    assert [alert.subject for alert in store.open_alerts()] == ["a"]
    assert store.unknown() == {"low": "the marts are stale"}
    fires(store, "a")
    assert store.unknown() == {}


def test_an_alert_is_acknowledged_by_somebody(store: Store) -> None:
    fires(store, "a", "b")
    assert store.acknowledge("low", "a", "ada") == 1
    fires(store, "a", "b")
    assert [alert.acknowledged_by for alert in store.open_alerts()] == ["ada", ""]
    assert store.acknowledge("low", None, "bob") == 2
    with pytest.raises(UnknownAlert, match="no alert of the rule 'other' is firing"):
        store.acknowledge("other", None, "ada")


def test_a_mute_holds_over_a_restart(store: Store, tmp_path: Path) -> None:
    store.mute(Mute("low", None, datetime.now(UTC) + timedelta(hours=1)))
    again = Store(tmp_path / "alerts" / "alerts.sqlite")
    fires(again, "a")
    assert again.due("hook", datetime.now(UTC)) is None
    assert [mute.rule for mute in again.mutes(datetime.now(UTC))] == ["low"]


def test_rules_that_are_gone_take_their_alerts_with_them(store: Store) -> None:
    fires(store, "a")
    store.forget_rules(["other"])
    assert store.open_alerts() == []


def test_slack_is_sent_blocks(store: Store, hook: Hook) -> None:
    fires(store, *[f"<{number}>" for number in range(12)])
    deliver(store, [Receiver("hook", hook.url, is_slack=True)], requests.Session())
    [body] = hook.taken
    assert [block["type"] for block in body["blocks"]] == ["header", "section", "section", "context"]
    assert body["text"] == "low: It is low."
    lines = body["blocks"][2]["text"]["text"].splitlines()
    assert lines[0] == "• &lt;0&gt;: 1.5 (usual 4)" and lines[-1] == "and 2 more" and len(lines) == 11
    for block in body["blocks"][1:3]:
        assert len(block["text"]["text"]) <= 3000  # Slack's limit


def test_a_test_message_arrives(store: Store, hook: Hook) -> None:
    store.queue(messages.test_message(NOW), ["hook"], NOW)
    send(store, ("hook", hook))
    assert hook.taken[0]["rule"] == "test" and hook.taken[0]["sent_at"] == "2026-03-01T12:00:00Z"
