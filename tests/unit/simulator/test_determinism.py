"""The same plan gives the same rows, on any machine and Python version; another seed gives others."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
from pyarrow import csv

from simulator.history.generate import History, generate_history
from simulator.history.tables import all_tables
from tests.unit.simulator.conftest import plan_of

GOLDEN = "1d4a703a5ac3c253e0e4bcc638eb8d7b7fda437cc7005685dc82597d7b47f971"
"""Over all rows of the small shop, seed 1, of the year up to 2026-01-10; only the simulator changes it."""


def fingerprint(history: History) -> str:
    """Over every table's rows as they are written."""
    digest = hashlib.sha256()
    for name, table in all_tables(history, 1):
        sink = pa.BufferOutputStream()
        csv.write_csv(table, sink)
        digest.update(name.encode())
        digest.update(sink.getvalue())
    return digest.hexdigest()


def test_the_small_shop_is_what_it_has_always_been(small: History) -> None:
    assert fingerprint(small) == GOLDEN


def test_another_seed_gives_another_shop(small: History) -> None:
    other = generate_history(plan_of("small", seed=2))
    assert not np.array_equal(other.orders.moment, small.orders.moment)
    assert not np.array_equal(other.world.catalogue.prices, small.world.catalogue.prices)
