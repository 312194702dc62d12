from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tradewind.lakehouse import jars
from tradewind.lakehouse.errors import LakehouseError

JAR = jars.Jar("org.example", "thing_2.13", "1.0", hashlib.sha256(b"the real bytes").hexdigest())


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRADEWIND_CACHE", str(tmp_path))
    (tmp_path / "jars").mkdir()
    return tmp_path / "jars"


def test_a_jar_in_the_cache_is_used_without_fetching(cache: Path) -> None:
    (cache / "thing_2.13-1.0.jar").write_bytes(b"the real bytes")
    assert jars.fetch(JAR) == jars.require(JAR) == cache / "thing_2.13-1.0.jar"


def test_a_jar_with_other_bytes_is_not_used(cache: Path) -> None:
    (cache / "thing_2.13-1.0.jar").write_bytes(b"other bytes")
    assert jars.cached(JAR) is None
    with pytest.raises(
        LakehouseError, match=r"thing_2\.13-1\.0\.jar is not in .*python -m tradewind\.lakehouse"
    ):
        jars.require(JAR)


def test_the_cache_is_found_through_its_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert jars.cache_folder() == tmp_path
    monkeypatch.delenv("TRADEWIND_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert jars.cache_folder() == tmp_path / "xdg" / "tradewind"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert jars.cache_folder() == Path.home() / ".cache" / "tradewind"


def test_a_download_with_another_hash_is_refused_and_leaves_nothing(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    resolver = tmp_path / "mvn"
    resolver.write_text(
        '#!/bin/sh\nfor a do case "$a" in -DoutputDirectory=*) d="${a#*=}";; esac; done\n'
        'printf forged > "$d/thing_2.13-1.0.jar"\n'
    )
    resolver.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(jars, "_ivy", lambda jar, scratch: None)
    with pytest.raises(LakehouseError, match=r"Maven: fetched a file with another hash"):
        jars.fetch(JAR)
    assert list(cache.iterdir()) == []
