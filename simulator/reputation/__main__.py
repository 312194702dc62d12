"""Start the reputation service: `python -m simulator.reputation`, at the address in REPUTATION_URL."""

from __future__ import annotations

import argparse
import logging
import sys

import uvicorn

from simulator.reputation.app import create_app
from simulator.reputation.behaviour import Behaviour
from tradewind.settings import Endpoint, SettingsError, load_settings


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM or SIGINT; the process's exit code."""
    parser = argparse.ArgumentParser(prog="python -m simulator.reputation", description=__doc__)
    parser.add_argument("--no-latency", action="store_true", help="answer at once")
    parser.add_argument("--no-faults", action="store_true", help="answer every request")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        address = Endpoint(load_settings().required("reputation_url"))
        app = create_app(address.password, Behaviour(not options.no_latency, not options.no_faults))
    except (SettingsError, ValueError) as error:
        sys.stderr.write(f"reputation: {error}\n")
        return 1
    uvicorn.run(
        app,
        host=address.host,
        port=address.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
