"""The generated dashboards have the types that Grafana's own code gives them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboards.grafana.files import texts
from tests.fixtures.web import install
from tradewind.settings import PROJECT_ROOT

SOURCES = PROJECT_ROOT / "dashboards" / "grafana" / "types"
Compile = Callable[[dict[str, str]], list[str]]


@pytest.fixture(scope="module")
def compile_dashboards(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    """What the compiler says of dashboards by file name: a line for each error."""
    install("grafana-packages")
    folder = tmp_path_factory.mktemp("types")
    for name in ("checked.ts", "tsconfig.json"):
        shutil.copy(SOURCES / name, folder)
    (folder / "node_modules").symlink_to(SOURCES / "node_modules")

    def compile_them(dashboards: dict[str, str]) -> list[str]:
        for old in folder.glob("*.json.ts"):
            old.unlink()
        for name, text in dashboards.items():
            source = f'import type {{ Checked }} from "./checked";\nexport const dashboard: Checked = {text}'
            (folder / f"{name}.ts").write_text(source)
        done = subprocess.run(
            ("node_modules/.bin/tsc", "--pretty", "false", "--project", "."),
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert not done.stderr, done.stderr
        return done.stdout.splitlines()

    return compile_them


def test_every_dashboard_is_one_to_grafana(compile_dashboards: Compile) -> None:
    assert compile_dashboards(texts()) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"graphMode": "area"', '"graphMode": "areas"'),
        ('"colorMode": "value"', '"colourMode": "value"'),
        ('"drawStyle": "bars"', '"drawStyle": "bar"'),
        ('"graphTooltip": 1', '"graphTooltip": 7'),
        ('"gridPos"', '"gridpos"'),
        ('"rawSql"', '"sql"'),
        ('"type": "bargauge"', '"type": "gaugebar"'),
    ],
)
def test_what_grafana_does_not_know_is_found(compile_dashboards: Compile, right: str, wrong: str) -> None:
    name, text = next((name, text) for name, text in texts().items() if "shop" in name)
    assert right in text
    assert compile_dashboards({name: text.replace(right, wrong)})


def test_every_package_is_pinned_by_its_hash_and_names_no_registry() -> None:
    packages = json.loads((SOURCES / "package-lock.json").read_text())["packages"]
    locked = {name: package for name, package in packages.items() if name}
    assert locked and all(package["integrity"] for package in locked.values())
    assert not [name for name, package in locked.items() if "resolved" in package]


def test_what_npm_installs_is_not_part_of_the_repository() -> None:
    assert "/node_modules/" in (Path(SOURCES) / ".gitignore").read_text().splitlines()
