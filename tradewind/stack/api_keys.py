"""API keys: made once, shown once, stored as hashes in the home's file.

A key is `tw_<id>_<secret>`. Its secret has 256 random bits, so that one round of SHA-256 protects it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path

from tradewind.stack.private_files import write_private

FILE = "api-keys.json"
PREFIX = "tw"
SECRET_BYTES = 32


class ApiKeyError(ValueError):
    """A key cannot be made or found; the message says why."""


class Role(StrEnum):
    """What a key may read."""

    ADMIN = "admin"
    """Everything, and the log of requests."""
    ANALYST = "analyst"
    """Everything that the BI user may."""
    READER = "reader"
    """Figures, but no rows of single people."""
    SELLER = "seller"
    """The rows of one seller, and nothing else."""


@dataclass(frozen=True)
class ApiKey:
    """A stored key, without its secret."""

    id: str
    name: str
    role: Role
    seller_id: int | None
    secret_hash: str
    created_at: str
    expires_at: str | None = None

    @property
    def is_expired(self) -> bool:
        """Whether its time is over; never for a key without one."""
        return self.expires_at is not None and datetime.fromisoformat(self.expires_at) <= datetime.now(UTC)


class Keys:
    """The keys in one file, which only its owner can read; read anew whenever it has changed."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._seen: tuple[int, int] | None = None
        self._keys: dict[str, ApiKey] = {}

    def create(
        self, name: str, role: Role, seller_id: int | None = None, lifetime: timedelta | None = None
    ) -> str:
        """Store a new key and return it; it cannot be shown again. Without a lifetime it never expires."""
        if (role is Role.SELLER) != (seller_id is not None):
            raise ApiKeyError("a key of the role seller needs --seller, and only such a key has one")
        identifier, secret = secrets.token_hex(6), secrets.token_urlsafe(SECRET_BYTES)
        now = datetime.now(UTC)
        key = ApiKey(
            identifier,
            name,
            role,
            seller_id,
            _hash(secret),
            created_at=now.isoformat(timespec="seconds"),
            expires_at=(now + lifetime).isoformat(timespec="seconds") if lifetime else None,
        )
        with self._changing() as keys:
            keys[identifier] = key
        return f"{PREFIX}_{identifier}_{secret}"

    def revoke(self, identifier: str) -> ApiKey:
        """Remove a key; running services refuse it from the next request on."""
        with self._changing() as keys:
            if identifier not in keys:
                raise ApiKeyError(f"there is no key {identifier}; `tradewind api key list` shows them")
            return keys.pop(identifier)

    def all(self) -> dict[str, ApiKey]:
        """Every key by its id."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return {}
        seen = (status.st_mtime_ns, status.st_ino)
        if seen != self._seen:
            stored = json.loads(self._path.read_text())
            self._keys = {row["id"]: ApiKey(**row | {"role": Role(row["role"])}) for row in stored}
            self._seen = seen
        return dict(self._keys)

    def find(self, text: str) -> ApiKey | None:
        """The stored key that this text is; None if it is none of them, or has expired."""
        prefix, _, rest = text.partition("_")
        identifier, _, secret = rest.partition("_")
        key = self.all().get(identifier)
        given = _hash(secret)
        # The comparison takes place whether or not the id is known.
        is_right = compare_digest(given, key.secret_hash if key else _hash("")) and prefix == PREFIX
        return key if key and is_right and not key.is_expired else None

    @contextlib.contextmanager
    def _changing(self) -> Iterator[dict[str, ApiKey]]:
        """The keys that have not expired, to change; one process at a time, and written at the end."""
        with self._path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            keys = {identifier: key for identifier, key in self.all().items() if not key.is_expired}
            yield keys
            write_private(self._path, json.dumps([asdict(key) for key in keys.values()], indent=2))


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
