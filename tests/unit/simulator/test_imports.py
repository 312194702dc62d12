"""What the simulator imports: of the platform only the shop's schema; its own parts in one direction."""

from __future__ import annotations

import pytest

from tests.unit.test_layers import OURS, imported_by

OF_THE_PLATFORM = ("tradewind.marketplace", "tradewind.source", "tradewind.settings")
"""The shop's schema and loaders, connections to its database, and its address."""

BELOW = {
    "simulator.rules": ("simulator.rules",),
    "simulator.world": ("simulator.world", "simulator.rules"),
    "simulator.history": ("simulator.history", "simulator.world", "simulator.rules"),
    "simulator.live": ("simulator.live", "simulator.world", "simulator.rules"),
    "simulator.reputation": ("simulator.reputation",),
}
"""Package of the simulator -> the packages of the simulator that it may import."""


def is_within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def test_the_simulator_imports_nothing_else_of_the_platform() -> None:
    wrong = [
        f"{file} imports {name}"
        for file, names in imported_by("simulator").items()
        for name in names
        if name.split(".")[0] in OURS and not is_within(name, ("simulator", *OF_THE_PLATFORM))
    ]
    assert wrong == []


@pytest.mark.parametrize(("package", "allowed"), BELOW.items())
def test_a_part_of_the_simulator_imports_only_those_below_it(package: str, allowed: tuple[str, ...]) -> None:
    wrong = [
        f"{file} imports {name}"
        for file, names in imported_by(package).items()
        for name in names
        if is_within(name, tuple(BELOW)) and not is_within(name, allowed)
    ]
    assert wrong == []


def test_the_decisions_of_live_traffic_know_no_database() -> None:
    wrong = [
        f"{file} imports {name}"
        for file, names in imported_by("simulator.live.decisions").items()
        for name in names
        if is_within(name, ("simulator.live.database", "tradewind", "psycopg", "pymysql"))
    ]
    assert wrong == []
