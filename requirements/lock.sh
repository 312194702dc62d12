#!/usr/bin/env bash
# Resolve pyproject.toml into the lock files: exact versions and hashes, no addresses, for every Python and platform.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${1:?usage: requirements/lock.sh path/to/uv}

lock() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-header --no-annotate "$@"
}

lock pyproject.toml --all-extras -o requirements/dev.txt
constraints=$(mktemp)
trap 'rm -f "$constraints"' EXIT
grep -E '^[a-z].*==' requirements/dev.txt | sed 's/ \\$//' >"$constraints"
lock pyproject.toml --constraints "$constraints" -o requirements/runtime.txt
lock requirements/bootstrap.in --constraints "$constraints" -o requirements/bootstrap.txt
lock requirements/peers.in -o requirements/peers.txt
