"""What can go wrong with a request to Kafka Connect, in Connect's own words."""

from __future__ import annotations

import re

import requests

# Connect reports every invalid property on a line of its own, after a general first line.
_CONFIGURATION_ERROR = "Connector configuration is invalid"
_PROPERTY = re.compile(r"(?:[Ii]nvalid value .* for configuration|configuration) \"?([\w.$-]+)\"?")
_NAMED_PROPERTY = re.compile(r"[Tt]he '([\w.$-]+)' value is invalid")


class ConnectError(RuntimeError):
    """Kafka Connect refused a request or could not be asked."""

    def __init__(self, message: str, status: int | None = None, properties: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status; None where there was no answer."""
        self.properties = properties
        """The properties of a configuration that the message is about."""

    @property
    def is_overloaded(self) -> bool:
        """Whether the worker could not handle the request in time."""
        return self.status in (502, 503, 504) or (self.status == 500 and "timed out" in str(self).lower())


class ConnectUnavailable(ConnectError):
    """There was no answer; `was_sent` tells whether the request may have been carried out all the same."""

    def __init__(self, url: str, cause: Exception, was_sent: bool) -> None:
        if isinstance(cause, requests.ReadTimeout):
            reason = "it did not answer in time"
        else:
            reason = "the connection broke" if was_sent else "it does not accept connections"
        super().__init__(f"Kafka Connect at {url} cannot be reached: {reason}; check that it runs")
        self.was_sent = was_sent


class ConnectStarting(ConnectError):
    """The worker listens but does not answer requests yet."""


class ConnectorFailed(ConnectError):
    """A connector or one of its tasks is not in the state that was waited for."""


# A worker passes requests on to the leader, which may have gone a moment ago.
_UNFORWARDED = re.compile("IO Error trying to forward REST request: .*Connection refused")


def refusal(method: str, path: str, answer: requests.Response) -> ConnectError:
    """The error of an HTTP answer of 400 or more."""
    try:
        message = str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        if answer.status_code == requests.codes.not_found:
            # The web server answers already, and the REST API behind it has not started yet.
            return ConnectStarting(f"Kafka Connect is still starting: {method} {path} is not known yet", 404)
        message = answer.text
    if answer.status_code in (requests.codes.unauthorized, requests.codes.forbidden):
        message = f"user or password refused: {message}"
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    shown = " ".join(lines) or str(answer.reason)
    return ConnectError(
        f"Kafka Connect refused {method} {path} ({answer.status_code}): {shown[:2000]}",
        answer.status_code,
        _properties(lines),
    )


def was_not_handled(error: ConnectError) -> bool:
    """Whether the request only came at a bad moment: the worker starts, or the workers change."""
    is_conflict = error.status == requests.codes.conflict and "already exists" not in str(error)
    return is_conflict or isinstance(error, ConnectStarting) or _UNFORWARDED.search(str(error)) is not None


def _properties(lines: list[str]) -> tuple[str, ...]:
    """The properties that an invalid configuration's message names, in their order."""
    if not lines or not lines[0].startswith(_CONFIGURATION_ERROR):
        return ()
    text = "\n".join(lines[1:])
    found = _PROPERTY.findall(text) + _NAMED_PROPERTY.findall(text)
    return tuple(dict.fromkeys(found))
