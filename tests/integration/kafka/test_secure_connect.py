"""The REST client through TLS and basic authentication, which a proxy before a real Connect demands."""

from __future__ import annotations

import base64
import datetime as dt
import http.client
import ipaddress
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from application.connectors import connect_client
from connectors.kafka.connect_client import ConnectClient
from connectors.kafka.connect_errors import ConnectError
from tests.fixtures.kafka import RunningKafka

USER, PASSWORD = "operator", "a password: with / and @"


@dataclass(frozen=True)
class Proxy:
    """Where it listens, and the files that a client needs."""

    port: int
    certificate: Path
    key: Path

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def proxy(kafka: RunningKafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """TLS with client certificates, and basic authentication, before the running Connect."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = write_certificate(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(kafka.connect_port))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(certificate)
    context.verify_mode = ssl.CERT_OPTIONAL
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Proxy(server.server_address[1], certificate, key)
    server.shutdown()
    server.server_close()


def handler(connect_port: int) -> type[BaseHTTPRequestHandler]:
    wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def forward(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            if self.headers.get("Authorization") != wanted:
                self.send_response(401)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            with_certificate = self.connection.getpeercert() is not None  # type: ignore[attr-defined]
            connection = http.client.HTTPConnection("127.0.0.1", connect_port, timeout=30)
            connection.request(self.command, self.path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            seen.append(with_certificate)

        do_GET = do_PUT = do_POST = do_DELETE = forward

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the output is the test's."""

    return Handler


seen: list[bool] = []
"""Whether each forwarded request came with a client's certificate."""


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths


def test_user_password_and_authority_let_a_client_in(proxy: Proxy, kafka: RunningKafka) -> None:
    client = ConnectClient(proxy.url, auth=(USER, PASSWORD), verify=str(proxy.certificate))
    assert client.cluster() == kafka.connect.cluster()
    assert seen[-1] is False


def test_a_client_shows_its_own_certificate(proxy: Proxy) -> None:
    files = str(proxy.certificate), str(proxy.key)
    ConnectClient(
        proxy.url, auth=(USER, PASSWORD), verify=str(proxy.certificate), certificate=files
    ).connectors()
    assert seen[-1] is True


def test_an_authority_that_is_not_known_is_an_error_without_a_retry(proxy: Proxy) -> None:
    begun = time.monotonic()
    with pytest.raises(ConnectError, match="certificate"):
        ConnectClient(proxy.url, auth=(USER, PASSWORD), retry_seconds=60).connectors()
    assert time.monotonic() - begun < 30


def test_a_wrong_password_is_an_error_that_does_not_show_it(proxy: Proxy) -> None:
    with pytest.raises(ConnectError) as caught:
        ConnectClient(proxy.url, auth=(USER, "wrong-one"), verify=str(proxy.certificate)).connectors()
    assert caught.value.status == 401
    assert "wrong-one" not in str(caught.value)


def test_the_setting_holds_user_password_and_the_environment_the_authority(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(proxy.certificate))
    quoted = "a%20password%3A%20with%20%2F%20and%20%40"
    client = connect_client(f"https://{USER}:{quoted}@127.0.0.1:{proxy.port}")
    assert client.connectors() is not None
    assert PASSWORD not in client.url
