"""The dbt docs site: generated from the running warehouse, served on this machine alone."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.error
import urllib.request

import pytest

from tests.fixtures.stack import Stack


def test_docs_are_served_and_may_load_nothing_from_elsewhere(stack: Stack) -> None:
    command = stack.command("docs")
    with subprocess.Popen(command, env=stack.environment(), stdout=subprocess.PIPE, text=True) as docs:
        try:
            assert docs.stdout is not None
            address = re.search(r"http://127\.0\.0\.1:\d+/", docs.stdout.readline())
            assert address
            with urllib.request.urlopen(address[0]) as page:
                assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
            with urllib.request.urlopen(f"{address[0]}catalog.json") as catalog:
                assert "model.tradewind.ads_daily_gmv" in json.load(catalog)["nodes"]
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"{address[0]}partial_parse.msgpack")
        finally:
            docs.terminate()
