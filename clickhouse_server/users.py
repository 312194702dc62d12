"""Who sends a request: the users file, credentials, password checks, the roles to act in."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from clickhouse_server.access import Access, Level
from clickhouse_server.errors import ClickHouseError


class UsersFileError(RuntimeError):
    """The users file cannot be used; the message says why and what it should look like."""


@dataclass(frozen=True)
class User:
    """An authenticated user, and the roles that the request acts in."""

    name: str
    roles: tuple[str, ...]
    level: Level

    @property
    def is_reader(self) -> bool:
        """Whether its statements are restricted to reading."""
        return self.level is Level.READER


class Users:
    """Users with keyed hashes of their passwords; the key exists only in this process."""

    def __init__(self, entries: Mapping[str, tuple[str, str]], access: Access) -> None:
        """`entries`: name -> (password, role)."""
        self._access = access
        self._key = secrets.token_bytes(32)
        self._users = {
            name: (User(name, (role,), access.level((role,))), self._hash(password))
            for name, (password, role) in entries.items()
        }
        self._hash_of_no_user = self._hash(secrets.token_hex())

    def _hash(self, password: str) -> bytes:
        return hmac.new(self._key, password.encode(), sha256).digest()

    def authenticate(self, headers: Mapping[str, str], params: Mapping[str, str]) -> User:
        """The user whose name and password the request carries; takes as long for unknown names."""
        name, password = credentials(headers, params)
        user, expected = self._users.get(name, (None, self._hash_of_no_user))
        if not hmac.compare_digest(self._hash(password), expected) or user is None:
            raise ClickHouseError(
                516,
                "AUTHENTICATION_FAILED",
                f"{name}: Authentication failed: password is incorrect, or there is no user with such name",
            )
        return user

    def acting_as(self, user: User, roles: Sequence[str]) -> User:
        """The user in the roles that the request asks for. An admin may take any role, others their own."""
        if not roles:
            return user
        for role in roles:
            if role not in self._access.roles:
                raise ClickHouseError(511, "UNKNOWN_ROLE", f"There is no role `{role}`")
            if user.level is not Level.ADMIN and role not in user.roles:
                raise ClickHouseError(
                    512, "SET_NON_GRANTED_ROLE", f"Role {role} should be granted to set current"
                )
        taken = tuple(dict.fromkeys(roles))
        return User(user.name, taken, self._access.level(taken))


def credentials(headers: Mapping[str, str], params: Mapping[str, str]) -> tuple[str, str]:
    """(user, password) from X-ClickHouse headers, Basic authorization, or the URL, in this order."""
    if "x-clickhouse-user" in headers or "x-clickhouse-key" in headers:
        return headers.get("x-clickhouse-user", "default"), headers.get("x-clickhouse-key", "")
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ClickHouseError(
                516, "AUTHENTICATION_FAILED", "Invalid Basic authorization header"
            ) from error
        return name, password
    return params.get("user", "default"), params.get("password", "")


def load_users(path: Path, access: Access) -> Users:
    """Read `{"name": {"password": ..., "role": ...}}`; refuses a file others can read."""
    shape = '{"name": {"password": "...", "role": "' + "|".join(access.roles) + '"}}'
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
        if not password or role not in access.roles:
            raise UsersFileError(
                f"users file {path}: user {name} needs a password and a role of {', '.join(access.roles)}"
            )
    return Users(known, access)
