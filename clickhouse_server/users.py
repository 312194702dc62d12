"""Who is asking: the users file, credentials in a request, password checks."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from clickhouse_server.errors import WarehouseError
from clickhouse_server.roles import ROLES


class UsersFileError(RuntimeError):
    """The users file cannot be used; the message says why and what it should look like."""


@dataclass(frozen=True)
class User:
    """A name that authenticated, and the role it acts in: admin, writer or bi."""

    name: str
    role: str


class Users:
    """Users with keyed hashes of their passwords; the key lives only in this process."""

    def __init__(self, entries: Mapping[str, tuple[str, str]]) -> None:
        """`entries`: name -> (password, role)."""
        self._key = secrets.token_bytes(32)
        self._known = {
            name: (User(name, role), self._hash(password)) for name, (password, role) in entries.items()
        }
        self._nobody = self._hash(secrets.token_hex())

    def _hash(self, password: str) -> bytes:
        return hmac.new(self._key, password.encode(), sha256).digest()

    def authenticate(self, headers: Mapping[str, str], params: Mapping[str, str]) -> User:
        """The user whose name and password the request carries; takes as long for unknown names."""
        name, password = credentials(headers, params)
        user, expected = self._known.get(name, (None, self._nobody))
        if not hmac.compare_digest(self._hash(password), expected) or user is None:
            raise WarehouseError(
                516,
                "AUTHENTICATION_FAILED",
                f"{name}: Authentication failed: password is incorrect, or there is no user with such name",
            )
        return user


def credentials(headers: Mapping[str, str], params: Mapping[str, str]) -> tuple[str, str]:
    """(user, password) from X-ClickHouse headers, Basic authorization, or the URL, in this order."""
    if "x-clickhouse-user" in headers or "x-clickhouse-key" in headers:
        return headers.get("x-clickhouse-user", "default"), headers.get("x-clickhouse-key", "")
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise WarehouseError(
                516, "AUTHENTICATION_FAILED", "Invalid Basic authorization header"
            ) from error
        return name, password
    return params.get("user", "default"), params.get("password", "")


def load_users(path: Path) -> Users:
    """Read `{"name": {"password": ..., "role": "admin|writer|bi"}}`; refuses a file others can read."""
    shape = '{"name": {"password": "...", "role": "' + "|".join(ROLES) + '"}}'
    try:
        if path.stat().st_mode & 0o077:
            raise UsersFileError(f"users file {path} is readable by other users; run: chmod 600 {path}")
        entries = json.loads(path.read_text())
        known = {str(name): (str(entry["password"]), str(entry["role"])) for name, entry in entries.items()}
    except OSError as error:
        raise UsersFileError(
            f"users file {path} cannot be read: {error.strerror}; expected {shape}"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsersFileError(f"users file {path} is not of the form {shape}") from error
    for name, (password, role) in known.items():
        if not password or role not in ROLES:
            raise UsersFileError(
                f"users file {path}: user {name} needs a password and a role of {', '.join(ROLES)}"
            )
    return Users(known)
