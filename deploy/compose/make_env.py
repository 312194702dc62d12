#!/usr/bin/env python3
"""Write the `.env` that docker-compose.yml needs: a random password for every account, no defaults.

deploy/compose/make_env.py          # values that are there already stay
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIRED = re.compile(r"\$\{(\w+):\?")


def main() -> None:
    """Add what is missing; the file is readable by its owner alone."""
    path = ROOT / ".env"
    present = path.read_text() if path.exists() else ""
    known = set(re.findall(r"^(\w+)=", present, flags=re.MULTILINE))
    wanted = dict.fromkeys(REQUIRED.findall((ROOT / "docker-compose.yml").read_text()))
    lines = [f"{name}={secrets.token_urlsafe(24)}\n" for name in wanted if name not in known]
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(present + ("" if not present or present.endswith("\n") else "\n") + "".join(lines))


if __name__ == "__main__":
    main()
