"""Settings that are missing or malformed are named by their variable; a password is never repeated."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tradewind.settings import (
    PROJECT_ROOT,
    CaptureSettings,
    Endpoint,
    Settings,
    SettingsError,
    StartSettings,
    capture_settings,
    load_settings,
    start_settings,
)

GOOD = "http://user:password@127.0.0.1:1/"
MALFORMED = [
    "postgresql://u:geheim@db/ecomm",
    "postgresql://u:geheim@db:abc/ecomm",
    "postgresql://u:ge/heim@db:5432/ecomm",
    "postgresql://u:geheim@:5432/ecomm",
    "http://[geheim",
    "db:5432",
    "geheim",
]


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home without a stack.env, and good addresses in the environment."""
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path))
    for name in Settings.model_fields:
        monkeypatch.setenv(name.upper(), GOOD)


@pytest.mark.parametrize("url", MALFORMED)
def test_a_malformed_address_is_named_and_its_password_is_not_shown(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(SettingsError, match="DATABASE_URL is not an address") as raised:
        load_settings()
    assert "geheim" not in str(raised.value) and "ge/" not in str(raised.value)
    with pytest.raises(SettingsError, match="not an address") as alone:
        Endpoint(url)
    assert "geheim" not in str(alone.value) and alone.value.__context__ is None


def test_what_is_missing_is_told_from_what_is_malformed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.delenv("DATABASE_APP_URL")
    monkeypatch.setenv("CLICKHOUSE_URL", "http://x")
    with pytest.raises(SettingsError) as raised:
        load_settings()
    message = str(raised.value)
    assert "not set: DATABASE_URL, DATABASE_APP_URL" in message and "tradewind up" in message
    assert "CLICKHOUSE_URL is not an address" in message


def test_an_optional_address_may_be_empty_but_not_malformed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPUTATION_URL", "")
    assert load_settings().reputation_url is None
    monkeypatch.setenv("REPUTATION_URL", "reputation")
    with pytest.raises(SettingsError, match="REPUTATION_URL"):
        load_settings()


def test_a_trace_back_shows_no_password_either() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "application.cli", "--debug", "env"],
        env=os.environ | {"DATABASE_URL": "postgresql://u:geheim@db/ecomm"},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" in done.stderr and "geheim" not in done.stderr


def test_an_address_without_its_path_and_login_is_where_it_is() -> None:
    assert Endpoint("https://u:p@[::1]:8443/x").origin == "https://[::1]:8443"
    assert Endpoint("https://u:p@db:8443/x").origin == "https://db:8443"


@pytest.mark.parametrize(
    ("variable", "read"),
    [
        ("TRADEWIND_START_TIMEOUT", start_settings),
        ("TRADEWIND_CAPTURE_PATIENCE_SECONDS", capture_settings),
        ("TRADEWIND_CAPTURE_POLL_MS", capture_settings),
    ],
)
@pytest.mark.parametrize("text", ["5m", "-1", "0", "nan"])
def test_a_number_that_is_none_is_named(
    variable: str, read: Callable[[], object], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(SettingsError, match=f"{variable}='{text}'"):
        read()


def test_every_setting_is_explained_for_a_newcomer() -> None:
    example = (PROJECT_ROOT / ".env.example").read_text()
    names = [name for kind in (Settings, StartSettings, CaptureSettings) for name in kind.model_fields]
    assert [name for name in names if f"# {name.upper()}=" not in example] == []
