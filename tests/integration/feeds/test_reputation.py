"""The reputation service over HTTP and its client: facts agree with the simulator, failures are retried."""

from __future__ import annotations

import itertools
import time
from types import SimpleNamespace
from typing import Any, get_args

import pytest
import requests

from connectors.feeds.errors import FeedError
from connectors.feeds.reputation import IpReputation, ReputationClient, RetryPolicy
from simulator.history.generate import generate_history
from simulator.history.tables import all_tables
from simulator.network import (
    COUNTRIES,
    DeviceKind,
    NetworkKind,
    describe,
    describe_device,
    device_fingerprint,
    ip_address,
)
from simulator.reputation.app import create_app
from simulator.reputation.behaviour import Behaviour, Outcome
from tests.fixtures.warehouse import free_port
from tests.integration.feeds.conftest import RunningReputation
from tests.unit.simulator.conftest import plan_of

QUICK = RetryPolicy(timeout_seconds=0.5, attempts=3, first_pause_seconds=0.01, longest_pause_seconds=0.02)
TOR = ip_address(1, "TH", "tor")


def request_with(outcome: Outcome) -> str:
    """A request identifier for which the service behaves so."""
    return next(
        name for number in range(100_000) if Behaviour().outcome(name := f"{outcome}-{number}") == outcome
    )


def choose_request(monkeypatch: pytest.MonkeyPatch, *outcomes: Outcome) -> None:
    """Give the client's next request an identifier for whose attempts the service behaves so."""
    outcome = Behaviour().outcome
    names = (f"chosen{number}" for number in itertools.count())
    chosen = next(
        name
        for name in names
        if all(outcome(f"{name}-{attempt}") == wanted for attempt, wanted in enumerate(outcomes, start=1))
    )
    monkeypatch.setattr("connectors.feeds.reputation.uuid.uuid4", lambda: SimpleNamespace(hex=chosen))


def get(service: RunningReputation, path: str, **headers: str) -> requests.Response:
    authorization = {"Authorization": f"Bearer {service.key}"}
    return requests.get(f"{service.base}{path}", headers=authorization | headers, timeout=2)


def test_every_address_of_the_simulator_is_described_as_what_it_was_drawn_as(
    reputation: RunningReputation,
) -> None:
    drawn = {
        ip_address(number * 7919, country, kind): (country, kind)
        for country in COUNTRIES
        for kind in get_args(NetworkKind)
        for number in range(20)
    }
    with ReputationClient(reputation.url) as client:
        answers = list(client.ips(list(drawn)))
    assert {answer.ip: (answer.country, answer.kind) for answer in answers} == drawn
    for answer in answers:
        assert (answer.is_vpn, answer.is_tor) == (answer.kind == "vpn", answer.kind == "tor")
        assert answer.risk_score == describe(answer.ip).risk_score


def test_every_honest_visitor_of_a_simulated_history_comes_from_where_the_service_says(
    reputation: RunningReputation,
) -> None:
    rows: dict[str, list[dict[str, Any]]] = {"user_events": [], "labels.fraud_labels": []}
    for name, table in all_tables(generate_history(plan_of("small")), workers=1):
        if name in rows:
            rows[name] += table.to_pylist()
    attacks = {label["session_id"] for label in rows["labels.fraud_labels"]}
    visitors = {
        (event["ip_address"], event["country"], event["is_bot"], event["session_id"] in attacks)
        for event in rows["user_events"]
    }
    with ReputationClient(reputation.url) as client:
        known = {answer.ip: answer for answer in client.ips(sorted({visitor[0] for visitor in visitors}))}
    assert len(known) > 100
    jumps = 0
    for ip, country, is_bot, is_attack in visitors:
        assert known[ip].error is None
        assert known[ip].kind == "data_centre" or not is_bot
        if is_attack:
            jumps += known[ip].country != country
        else:
            assert known[ip].country == country
    assert jumps, "a stolen card is used far from its owner"


@pytest.mark.parametrize("kind", get_args(DeviceKind))
def test_every_device_of_the_simulator_is_described_as_what_it_was_drawn_as(
    reputation: RunningReputation, kind: DeviceKind
) -> None:
    fingerprint = device_fingerprint(42, kind)
    with ReputationClient(reputation.url) as client:
        answer = client.device(fingerprint)
    assert (answer.kind, answer.is_emulator, answer.is_automated) == (
        kind,
        kind == "emulator",
        kind == "headless",
    )
    assert answer.previous_incidents == describe_device(fingerprint).previous_incidents


def test_an_address_can_be_asked_about_together_with_its_device(reputation: RunningReputation) -> None:
    fingerprint = device_fingerprint(1, "headless")
    answer = get(reputation, f"/v1/ip/{TOR}?device_fingerprint={fingerprint}").json()
    assert answer["is_tor"] is True
    assert answer["device"]["device_fingerprint"] == fingerprint
    assert answer["device"]["is_automated"] is True


@pytest.mark.parametrize("authorization", ["", "Bearer wrong", "Basic x"])
def test_without_the_key_nothing_is_answered(reputation: RunningReputation, authorization: str) -> None:
    answer = get(reputation, f"/v1/ip/{TOR}", Authorization=authorization)
    assert answer.status_code == 401
    assert answer.json().keys() == {"error"}


def test_a_wrong_key_is_one_clear_error_at_once(reputation: RunningReputation) -> None:
    url = reputation.url.replace(reputation.key, "wrong")
    with (
        ReputationClient(url) as client,
        pytest.raises(FeedError, match=r"refuses the API key.*REPUTATION_URL"),
    ):
        client.ip(TOR)


def test_a_malformed_address_is_refused_and_in_a_batch_has_its_own_error(
    reputation: RunningReputation,
) -> None:
    with ReputationClient(reputation.url) as client:
        with pytest.raises(FeedError, match=r"HTTP 422.*'ten' is no IPv4 address"):
            client.ip("ten")
        bad, good = client.ips(["ten", TOR])
    assert bad.error is not None
    assert (good.error, good.is_tor) == (None, True)


@pytest.mark.parametrize(
    ("body", "status"),
    [("[]", 400), ("no json", 400), ('{"ips": "10.0.0.1"}', 400), ('{"x": []}', 400), (None, 413)],
)
def test_a_wrong_batch_is_refused_with_a_reason(
    reputation: RunningReputation, body: str | None, status: int
) -> None:
    too_much = '{"ips": [' + ",".join(['"10.0.0.1"'] * 501) + "]}"
    answer = requests.post(
        f"{reputation.base}/v1/batch",
        data=body or too_much,
        headers={"Authorization": f"Bearer {reputation.key}"},
        timeout=2,
    )
    assert (answer.status_code, answer.json().keys()) == (status, {"error"})


@pytest.mark.parametrize(("outcome", "status"), [("too_many_requests", 429), ("server_error", 500)])
def test_a_faulty_request_fails_every_time_and_is_named(
    unreliable: RunningReputation, outcome: Outcome, status: int
) -> None:
    request_id = request_with(outcome)
    for _ in range(2):
        answer = get(unreliable, f"/v1/ip/{TOR}", **{"X-Request-Id": request_id})
        assert (answer.status_code, answer.headers["X-Request-Id"]) == (status, request_id)
    assert ("Retry-After" in answer.headers) == (status == 429)


def test_a_request_without_a_response_times_out(unreliable: RunningReputation) -> None:
    with pytest.raises(requests.Timeout):
        requests.get(
            f"{unreliable.base}/v1/ip/{TOR}",
            headers={"Authorization": f"Bearer {unreliable.key}", "X-Request-Id": request_with("no_answer")},
            timeout=0.3,
        )


@pytest.mark.parametrize("outcome", ["too_many_requests", "server_error", "no_answer"])
def test_the_client_retries_a_transient_failure(
    unreliable: RunningReputation, monkeypatch: pytest.MonkeyPatch, outcome: Outcome
) -> None:
    choose_request(monkeypatch, outcome, "answer")
    with ReputationClient(unreliable.url, QUICK) as client:
        assert client.ip(TOR).is_tor is True


def test_the_client_gives_up_after_its_attempts_with_advice(
    unreliable: RunningReputation, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose_request(monkeypatch, "server_error", "server_error")
    retry_policy = RetryPolicy(attempts=2, first_pause_seconds=0.01)
    with (
        ReputationClient(unreliable.url, retry_policy) as client,
        pytest.raises(FeedError, match=r"HTTP 500, 2 times \(last request .*-2\); check that it runs"),
    ):
        client.ip(TOR)


def test_a_service_that_is_not_there_is_named() -> None:
    url = f"http://feeds:key@127.0.0.1:{free_port()}/"
    started = time.monotonic()
    with ReputationClient(url, QUICK) as client, pytest.raises(FeedError, match="not reachable"):
        client.ip(TOR)
    assert time.monotonic() - started < 5


def test_a_public_address_is_not_known(reputation: RunningReputation) -> None:
    with ReputationClient(reputation.url) as client:
        assert client.ip("8.8.8.8") == IpReputation("8.8.8.8", None, None, False, False, 0, 0.5)


def test_without_a_key_the_service_does_not_start() -> None:
    with pytest.raises(ValueError, match="needs an API key"):
        create_app("", Behaviour())
