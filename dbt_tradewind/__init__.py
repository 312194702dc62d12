"""Spares dbt work on this project. dbt loads it in each of its processes, as a plugin named `dbt_...`.

- dbt keeps what it has parsed, and parses everything again where the profile is another, host and port
  included. No model looks at these, so what `make setup` parsed does for every address.
- clickhouse-connect asks for the time zones of a result's columns, and the embedded warehouse then describes
  each SELECT before it runs it. dbt has no use for them.
"""

from __future__ import annotations

import functools
import pprint
from collections.abc import Callable

from clickhouse_connect import common
from dbt.artifacts.resources.base import FileHash
from dbt.contracts.graph.manifest import ManifestStateCheck
from dbt.parser.manifest import ManifestLoader

ADDRESS = frozenset({"host", "port"})

StateCheck = Callable[[ManifestLoader], ManifestStateCheck]


def for_any_address(original: StateCheck) -> StateCheck:
    """dbt's check whether a parsed project is still good, with a hash of the profile without the address."""

    @functools.wraps(original)
    def check(loader: ManifestLoader) -> ManifestStateCheck:
        state = original(loader)
        described = sorted(loader.root_project.credentials.connection_info())
        kept = [(name, value) for name, value in described if name not in ADDRESS]
        state.profile_hash = FileHash.from_contents(pprint.pformat(kept))
        return state

    return check


common.set_setting("use_protocol_version", False)
ManifestLoader.build_manifest_state_check = for_any_address(  # type: ignore[method-assign]
    ManifestLoader.build_manifest_state_check
)
