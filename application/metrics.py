"""The metrics of one home: what its project declares, and their compiler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from application import manifest
from tradewind.metrics.declarations import Declarations
from tradewind.settings import Settings

if TYPE_CHECKING:
    from tradewind.metrics.compiler import Compiler


def declarations(settings: Settings) -> Declarations:
    """The metrics as they were last parsed in this home."""
    return Declarations(manifest.read_semantic(settings))


def compiler(settings: Settings, engine: str = "clickhouse") -> Compiler:
    """What compiles questions for this home's warehouse, or its lake (`spark`); loads for a second."""
    from tradewind.metrics import engines
    from tradewind.metrics.compiler import Compiler

    text = manifest.read_semantic(settings)
    if engine == "clickhouse":
        return Compiler(text, engines.clickhouse())
    return Compiler(text, engines.spark(_tables_with_deleted_rows(settings)))


def _tables_with_deleted_rows(settings: Settings) -> set[str]:
    """The lake's tables that mark rows as deleted, such as `cdm.fact_orders`."""
    nodes = manifest.read(settings)["nodes"].values()
    return {f"{node['schema']}.{node['alias']}" for node in nodes if "_is_deleted" in node.get("columns", {})}
