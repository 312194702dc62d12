"""Messages to their receivers: in order, and tried again until each is taken.

A message that is sent again carries the same `Idempotency-Key`. A receiver that was told while the service
was killed, before that was noted, is told once more with the same key.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import requests

from tradewind.serving.alerts import messages
from tradewind.serving.alerts.store import Delivery, Store

log = logging.getLogger("alerts")

SECONDS = 10
"""How long a receiver may take for an answer."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=1)
TRY_AGAIN = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
AT_ONCE = 100
"""Messages to one receiver in one round."""


@dataclass(frozen=True)
class Receiver:
    """Whom messages are sent to: an address, which is a secret, and the form of the message."""

    name: str
    url: str
    is_slack: bool = False

    def form(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The message as this receiver reads it."""
        return messages.slack(body) if self.is_slack else body


def deliver(store: Store, receivers: Sequence[Receiver], session: requests.Session) -> None:
    """Send what is due. A receiver that does not answer holds up its own messages only."""
    for receiver in receivers:
        for _ in range(AT_ONCE):
            delivery = store.due(receiver.name, datetime.now(UTC))
            if delivery is None or not _send(store, receiver, delivery, session):
                break


def _send(store: Store, receiver: Receiver, delivery: Delivery, session: requests.Session) -> bool:
    """Whether the receiver has taken or refused the message; else it is tried again later."""
    try:
        answer = session.post(
            receiver.url,
            json=receiver.form(delivery.body),
            headers={"Idempotency-Key": delivery.id},
            timeout=SECONDS,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        return _try_again(store, delivery, type(error).__name__)  # its text would show the address
    if HTTPStatus.OK <= answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
        store.settle(delivery, "taken")
        return True
    reason = f"HTTP {answer.status_code} {answer.text[:200]}".strip()
    if answer.status_code in TRY_AGAIN or answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _try_again(store, delivery, reason, answer.headers.get("Retry-After"))
    log.error("%s refuses a message of %s: %s", receiver.name, delivery.body["rule"], reason)
    store.settle(delivery, "refused", reason)
    return True


def _try_again(store: Store, delivery: Delivery, reason: str, wanted: str | None = None) -> bool:
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(delivery.attempts, 10))
    if wanted and wanted.isdecimal():
        pause = max(pause, min(timedelta(seconds=int(wanted)), 10 * LONGEST_PAUSE))
    log.warning("%s did not take a message, next attempt in %s: %s", delivery.receiver, pause, reason)
    store.postpone(delivery, datetime.now(UTC) + pause, reason)
    return False
