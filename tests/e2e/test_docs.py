"""The dbt docs site: generated from the running warehouse, served on this machine alone."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest


def test_docs_are_served_and_may_load_nothing_from_elsewhere(docs_site: str) -> None:
    with urllib.request.urlopen(docs_site) as page:
        assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    with urllib.request.urlopen(f"{docs_site}catalog.json") as catalog:
        assert "model.tradewind.ads_daily_gmv" in json.load(catalog)["nodes"]
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{docs_site}partial_parse.msgpack")
