"""Starting a program that refuses to run as root, when we are root.

The program runs as `nobody`. It keeps one capability, reading past directory permissions, because a clone or
a home may be under a folder that only root may enter (`/root`). `no_setuid_fixup` makes that capability count
for access(2) as well, which PostgreSQL calls on its own executable.
"""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

_CAPABILITIES = {"dac_read_search": 2, "dac_override": 1}
"""Names and bit numbers, the narrowest first: containers often withhold `dac_read_search`."""


class PrivilegeError(RuntimeError):
    """We are root and cannot change to another user; the message says what is needed."""


def is_root() -> bool:
    """Whether this process has root's user id."""
    return os.geteuid() == 0


def unprivileged_prefix() -> list[str]:
    """The words to put before a command so that it does not run as root; none for an unprivileged user."""
    if not is_root():
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise PrivilegeError(
            "PostgreSQL does not run as root and `setpriv` (package util-linux) was not found: "
            "install it, or start Tradewind as an unprivileged user"
        )
    user = pwd.getpwnam("nobody")
    words = [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    kept = next((name for name, bit in _CAPABILITIES.items() if _holds(bit)), None)
    if kept is not None:
        words += ["--securebits=+no_setuid_fixup", f"--inh-caps=-all,+{kept}", f"--ambient-caps=-all,+{kept}"]
    return [*words, "--"]


def hand_over(folder: Path) -> None:
    """Give `folder` to the user that `unprivileged_prefix` changes to."""
    if is_root():
        user = pwd.getpwnam("nobody")
        os.chown(folder, user.pw_uid, user.pw_gid)


def _holds(bit: int) -> bool:
    """Whether this process may pass on the capability with this number (Linux)."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    return bool(int(line.split()[1], 16) >> bit & 1)
