"""The checks of the quality gate; `batch` runs them before the models."""

import dagster as dg

from orchestration.defs.quality.checks import quality_gate

defs = dg.Definitions(asset_checks=[quality_gate])
