"""What the broker's folder is formatted with."""

from __future__ import annotations

import uuid

import pytest

from connectors.kafka.broker import new_cluster_id


def test_a_cluster_id_does_not_look_like_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    made = iter([uuid.UUID(bytes=b"\xf8" * 16), uuid.UUID(bytes=b"\x01" * 16)])
    monkeypatch.setattr(uuid, "uuid4", lambda: next(made))
    assert new_cluster_id() == "AQEBAQEBAQEBAQEBAQEBAQ"
