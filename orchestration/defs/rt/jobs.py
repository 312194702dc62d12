"""The job `refresh_rt`; `batch` does the same among the rest."""

from __future__ import annotations

import dagster as dg

refresh_rt = dg.define_asset_job(
    name="refresh_rt",
    selection=dg.AssetSelection.groups("rt"),
    description="Make near-real-time marts whose definition changed anew; compare all with batch and source.",
)
