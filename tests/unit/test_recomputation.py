"""No mart is left out where the marts are computed once more from the source."""

from __future__ import annotations

from tests.e2e.recomputation import recomputed_tables
from tradewind.settings import PROJECT_ROOT


def test_every_mart_is_computed_once_more_from_the_source() -> None:
    marts = {path.stem for path in (PROJECT_ROOT / "dbt_project" / "models" / "ads").rglob("*.sql")}
    assert marts == {name for name in recomputed_tables() if name.startswith("ads_")}
