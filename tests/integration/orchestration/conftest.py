"""The environment in which the code location loads: settings and a manifest, no service."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from application import manifest, preparation
from tradewind.settings import load_settings
from tradewind.stack import environment


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a home that has never been started: settings and a manifest, no service."""
    home = tmp_path_factory.mktemp("location")
    preparation.folders(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRADEWIND_HOME", str(home))
        patch.setattr("tempfile.tempdir", str(home))
        for variable in environment.PORT_VARIABLES.values():
            patch.delenv(variable, raising=False)
        environment.prepare(home, set())

        manifest.prepare(home, load_settings())
        yield dict(os.environ)
