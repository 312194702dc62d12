"""dbt as a process, started once per job and nothing else.

dagster-dbt's own resource starts dbt a second time to ask for its version and loads it a third time into this
process to count rows; each takes as long as dbt's own start. The version is known, and `Warehouse` counts.
"""

from __future__ import annotations

from functools import cached_property
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING, Any

from dagster_dbt import DbtCliResource
from packaging.version import Version, parse

if TYPE_CHECKING:
    from collections.abc import Sequence


class Dbt(DbtCliResource):
    """The resource that starts dbt."""

    @cached_property
    def _cli_version(self) -> Version:
        return parse(installed_version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        return None
