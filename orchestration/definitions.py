"""Everything Dagster serves: the definitions of every group, merged; the one code location."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec

import dagster as dg

from orchestration.defs.bronze import definitions as bronze
from orchestration.defs.feeds import definitions as feeds
from orchestration.defs.ml import definitions as ml
from orchestration.defs.quality import definitions as quality
from orchestration.defs.rt import definitions as rt
from orchestration.defs.transform import definitions as transform
from orchestration.resources import default_resources

GROUPS = [bronze, feeds, quality, transform, rt, ml]
if find_spec("pyspark"):
    GROUPS.append(import_module("orchestration.defs.lakehouse.definitions"))


def build_defs(resources: Mapping[str, object] | None = None) -> dg.Definitions:
    """All groups with the resources they share; `resources` replaces those of the same names."""
    shared = dg.Definitions(
        resources=default_resources() | dict(resources or {}), executor=dg.in_process_executor
    )
    return dg.Definitions.merge(*(group.defs for group in GROUPS), shared)


defs = build_defs()
