"""The dashboards, and the files that Grafana reads them from."""

from __future__ import annotations

import json
from pathlib import Path

from dashboards.grafana import operations, shop
from dashboards.grafana.dashboard import Json

FOLDER = Path(__file__).parent / "json"
DASHBOARDS: tuple[Json, ...] = (shop.DASHBOARD, operations.DASHBOARD)


def texts() -> dict[str, str]:
    """File name -> its text."""
    return {
        f"{dashboard['uid']}.json": json.dumps(dashboard, indent=2, ensure_ascii=False) + "\n"
        for dashboard in DASHBOARDS
    }
