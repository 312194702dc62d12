"""A warehouse behind TLS, as servers of one's own are: everything that reaches it goes by `https`."""

from __future__ import annotations

import datetime
import ipaddress
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from application import dbt, health
from connectors.bronze.warehouse_http import WarehouseHttp
from connectors.errors import CaptureError
from tests.fixtures.warehouse import RunningWarehouse
from tradewind.settings import PROJECT_ROOT, Endpoint, load_settings
from tradewind.stack.service import Unhealthy
from tradewind.warehouse.client import connect


class TlsDoor:
    """A TLS server before a plain one: what comes in encrypted goes on to it, and back."""

    def __init__(self, certificate: Path, inner_port: int) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._inner_port = inner_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(caller,), daemon=True).start()

    def _pass_on(self, caller: socket.socket) -> None:
        with suppress(OSError), caller, socket.create_connection(("127.0.0.1", self._inner_port)) as inner:
            outer = self._context.wrap_socket(caller, server_side=True)
            threading.Thread(target=_copy, args=(inner, outer), daemon=True).start()
            _copy(outer, inner)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)


def self_signed(path: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tradewind test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form, encryption = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(certificate.public_bytes(pem) + key.private_bytes(pem, form, encryption))
    return path


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return self_signed(tmp_path / "certificate.pem")


@pytest.fixture
def url(warehouse: RunningWarehouse, certificate: Path) -> Iterator[str]:
    """The warehouse's writer by https."""
    door = TlsDoor(certificate, warehouse.port)
    writer = warehouse.users["writer"]
    yield f"https://{writer.name}:{writer.password}@127.0.0.1:{door.port}/"
    door.close()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.fixture
def own_servers(url: str, trusted: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names this warehouse, and no embedded stack."""
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path / "home"))
    for name in ("DATABASE_URL", "DATABASE_APP_URL", "DATABASE_REPLICATION_URL", "DAGSTER_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    for name in ("CLICKHOUSE_URL", "CLICKHOUSE_WRITER_URL", "CLICKHOUSE_BI_URL"):
        monkeypatch.setenv(name, url)


def test_the_capture_writes_through_tls(url: str, trusted: None) -> None:
    assert WarehouseHttp(Endpoint(url), threading.Event(), 1).run("select 41 + 1") == b"42\n"


def test_queries_and_health_go_through_tls(url: str, trusted: None) -> None:
    health.warehouse(url)
    assert connect(url).query("select 41 + 1").result_rows == [(42,)]


def test_a_certificate_that_is_not_trusted_is_refused(url: str) -> None:
    with pytest.raises(CaptureError, match=r"(?i)certificate"):
        WarehouseHttp(Endpoint(url), threading.Event(), 0).run("select 1")
    with pytest.raises(Unhealthy, match=r"(?i)certificate"):
        health.warehouse(url)


def test_the_command_line_asks_through_tls(own_servers: None) -> None:
    command = [sys.executable, "-m", "application.cli", "sql", "select 41 + 1 as answer", "--format", "csv"]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ['"answer"', "42"], done.stderr


def test_dbt_connects_through_tls(own_servers: None) -> None:
    command = [str(dbt.program()), "debug", "--connection"]
    environment = os.environ | load_settings().exports()
    done = subprocess.run(
        command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "secure: True" in done.stdout
