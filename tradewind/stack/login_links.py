"""One-time links to log in with: each holds a token that is good once, and for a short while.

A token is a file named by its hash. Using it removes the file, which succeeds once.
"""

from __future__ import annotations

import secrets
import time
from hashlib import sha256
from pathlib import Path

FOLDER = "login-links"
SECONDS = 15 * 60
"""How long a link is good."""
TOKEN_BYTES = 32


class LoginLinks:
    """The links of one home that have not been used yet."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER

    def create(self, api_url: str) -> str:
        """A new link."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._remove_old()
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._file(token).touch(mode=0o600)
        return f"{api_url.rstrip('/')}/login?token={token}"

    def use(self, token: str) -> bool:
        """Whether the token was good; from now on it is not."""
        file = self._file(token)
        try:
            age = time.time() - file.stat().st_mtime
            file.unlink()
        except FileNotFoundError:
            return False
        return age <= SECONDS

    def _remove_old(self) -> None:
        for file in self._folder.iterdir():
            if time.time() - file.stat().st_mtime > SECONDS:
                file.unlink(missing_ok=True)

    def _file(self, token: str) -> Path:
        return self._folder / sha256(token.encode()).hexdigest()
