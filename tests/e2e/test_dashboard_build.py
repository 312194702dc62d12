"""The dashboard's bundle in the repository is what its sources give, small, and passes its own checks."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from tests.fixtures.web import SOURCES, Web

DIST = SOURCES / "dist"
FIRST_LOAD_BYTES = 300_000
LARGEST_FILE_BYTES = 1_000_000


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_bundle_is_what_the_sources_give(web: Web, tmp_path: Path) -> None:
    done = web.npm("run", "build", "--", "--outDir", str(tmp_path / "dist"))
    assert done.returncode == 0, done.stdout + done.stderr
    built, stored = files_of(tmp_path / "dist"), files_of(DIST)
    assert built.keys() == stored.keys(), "`npm run build` in dashboards/web writes the bundle anew"
    changed = [name for name, content in built.items() if content != stored[name]]
    assert not changed, f"{changed}: `npm run build` in dashboards/web writes the bundle anew"


@pytest.mark.parametrize("script", ["types", "lint", "test"])
def test_the_sources_pass_their_own_checks(web: Web, script: str) -> None:
    done = web.npm("run", script)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_first_load_is_small() -> None:
    files = files_of(DIST)
    assert max(map(len, files.values())) < LARGEST_FILE_BYTES
    assert sum(len(gzip.compress(content)) for content in files.values()) < FIRST_LOAD_BYTES


def test_the_bundle_asks_no_other_machine() -> None:
    page = (DIST / "index.html").read_text()
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert addresses and all(address.startswith("/") for address in addresses)
    styles = "".join(path.read_text() for path in DIST.glob("assets/*.css"))
    assert "@import" not in styles and "url(http" not in styles


def test_every_package_is_pinned_by_its_hash_and_names_no_registry() -> None:
    packages = json.loads((SOURCES / "package-lock.json").read_text())["packages"]
    # What comes inside another package has that one's hash.
    locked = {name: package for name, package in packages.items() if name and not package.get("inBundle")}
    assert locked and all(package["integrity"] for package in locked.values())
    assert not [name for name, package in locked.items() if "resolved" in package]
