"""What is read out of Connect's answers."""

from __future__ import annotations

import json

import requests

from connectors.kafka.connect_errors import ConnectStarting, refusal, was_not_handled
from connectors.kafka.connect_types import ConnectorStatus, cause

TRACE = """org.apache.kafka.connect.errors.ConnectException: Could not start
\tat io.debezium.Task.start(Task.java:1)
Caused by: io.debezium.DebeziumException: Creation of slot failed
\tat io.debezium.Slot.create(Slot.java:2)
Caused by: org.postgresql.util.PSQLException: ERROR: replication slot "x" is active for PID 7
\tat org.postgresql.Driver.run(Driver.java:3)
"""


def answer(status: int, text: str) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = text.encode()
    return response


def test_a_failures_cause_is_the_innermost_one_without_its_package() -> None:
    assert cause(TRACE) == 'PSQLException: ERROR: replication slot "x" is active for PID 7'
    assert cause("java.lang.OutOfMemoryError") == "OutOfMemoryError"
    assert cause("") == "no reason given"


def test_a_connector_runs_only_if_it_has_a_task_and_all_of_them_run() -> None:
    def status(*states: str) -> ConnectorStatus:
        tasks = [{"id": n, "state": state, "worker_id": "w"} for n, state in enumerate(states)]
        own = {"state": "RUNNING", "worker_id": "w"}
        return ConnectorStatus.read({"name": "x", "type": "source", "connector": own, "tasks": tasks})

    assert not status().is_all("RUNNING")
    assert status("RUNNING", "RUNNING").is_all("RUNNING")
    assert not status("RUNNING", "FAILED").is_all("RUNNING")
    assert status("RUNNING", "FAILED").failure == "task 1: no reason given"


def test_an_invalid_configuration_names_its_properties_once_each() -> None:
    message = (
        "Connector configuration is invalid and contains the following 2 error(s):\n"
        "Invalid value none for configuration tasks.max: Not a number of type INT\n"
        "The 'snapshot.mode' value is invalid: sometimes\n"
        "You can also find the above list of errors at the endpoint `/connector-plugins/{..}/config/validate`"
    )
    error = refusal("PUT", "/connectors/x/config", answer(400, json.dumps({"message": message})))
    assert error.properties == ("tasks.max", "snapshot.mode")
    assert "Not a number of type INT" in str(error)


def test_only_a_moments_trouble_is_worth_repeating() -> None:
    rebalance = refusal("PUT", "/", answer(409, '{"message": "rebalance is in process"}'))
    taken = refusal("POST", "/", answer(409, '{"message": "Connector x already exists"}'))
    starting = refusal("GET", "/", answer(404, "<html>Not Found</html>"))
    missing = refusal("GET", "/", answer(404, '{"message": "Connector x not found"}'))
    unforwarded = "IO Error trying to forward REST request: java.net.ConnectException: Connection refused"
    leaderless = refusal("POST", "/", answer(500, json.dumps({"message": unforwarded})))
    errors = (rebalance, taken, starting, missing, leaderless)
    assert [was_not_handled(error) for error in errors] == [True, False, True, False, True]
    assert isinstance(starting, ConnectStarting)
