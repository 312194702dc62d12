"""The benchmark of reading fits the states and marts as they are."""

from __future__ import annotations

from benchmarks.reading import SINCE, UNWINDOWED, WINDOWED, generate
from tests.integration.rt.marts import Marts
from tradewind.settings import PROJECT_ROOT

MARTS = PROJECT_ROOT / "dbt_project" / "models" / "rt"


def test_it_fills_the_states_and_asks_every_mart(marts: Marts) -> None:
    assert {*WINDOWED, *UNWINDOWED} == {model.stem for model in MARTS.glob("*.sql")}
    marts.empty()
    generate(marts.client, 10_000, 10_000)
    marts.refresh()
    for mart, query in (WINDOWED | UNWINDOWED).items():
        found = marts.rows(query.format(since=SINCE["last day"]))
        assert found or mart == "rt_user_activity", mart
