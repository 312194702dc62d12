"""The benchmark of reading fits the states and marts as they are."""

from __future__ import annotations

from benchmarks.reading import SINCE, UNWINDOWED, WINDOWED, generate
from tests.integration.rt.marts import Marts
from tradewind.settings import PROJECT_ROOT

MARTS = PROJECT_ROOT / "dbt_project" / "models" / "rt"
OF_ONE_ACCOUNT = ("rt_user_activity", "rt_entity_activity")
"""What is asked of them is of an account that has done nothing in so small a shop."""


def test_it_fills_the_states_and_asks_every_mart(marts: Marts) -> None:
    assert {*WINDOWED, *UNWINDOWED} == {model.stem for model in MARTS.glob("*.sql")}
    marts.empty()
    generate(marts.client, 10_000, 10_000)
    marts.refresh()
    for mart, query in (WINDOWED | UNWINDOWED).items():
        found = marts.rows(query.format(since=SINCE["last day"]))
        assert found or mart in OF_ONE_ACCOUNT, mart
