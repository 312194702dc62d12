"""The example in the simulator's README works as it stands, on a database of its own."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.integration.marketplace.conftest import Shop
from tradewind.settings import PROJECT_ROOT

ADDRESS = "postgresql://owner:PASSWORD@localhost:5432/shop"


def test_the_example_seeds_an_empty_database(
    new_database: Callable[[], Shop], capsys: pytest.CaptureFixture[str]
) -> None:
    text = (PROJECT_ROOT / "simulator" / "README.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert ADDRESS in example
    exec(example.replace(ADDRESS, new_database().owner_url), {})
    assert re.match(r"small, seed 1, .* rows in ", capsys.readouterr().out)
