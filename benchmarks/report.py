"""How results look: `{measurement: {figure: value}}`, as a table or as JSON.

A figure's name ends in its unit: `_s`, `_ms`, `_per_second`, `_mb`, `_percent`.
"""

from __future__ import annotations

import json
import os
import platform

Result = dict[str, float]


def show(results: dict[str, Result], as_json: bool) -> None:
    """Print the results, one measurement a line."""
    if as_json:
        print(json.dumps(results, indent=2))
        return
    width = max(len(name) for name in results) + 2
    for name, result in results.items():
        figures = "  ".join(f"{key} {value:,.1f}" for key, value in result.items())
        print(f"{name:{width}}{figures}", flush=True)


def machine() -> str:
    """What these figures were measured on: cores, memory, system."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {system}"
