from __future__ import annotations

import pytest

from tests.require import lacking, required


def test_what_is_lacking_skips_its_test_unless_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEWIND_REQUIRE", "spark, psql")
    with pytest.raises(pytest.skip.Exception, match="curl: not here"):
        lacking("curl", "not here")
    with pytest.raises(pytest.fail.Exception, match=r"psql is required here .*: not here"):
        lacking("psql", "not here")


def test_all_requires_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEWIND_REQUIRE", "all")
    assert {"data", "browser", "mariadb", "spark"} < required()
    monkeypatch.delenv("TRADEWIND_REQUIRE")
    assert required() == frozenset()


def test_a_name_that_means_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEWIND_REQUIRE", "java,spark")
    with pytest.raises(pytest.UsageError, match="TRADEWIND_REQUIRE names java; it may name browser, curl"):
        required()
