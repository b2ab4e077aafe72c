"""The one HTTP client answers with status and body, keeps its connection, and fails as the system says."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from operations.http_client import HttpClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WHOLE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"
REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def server(*answers: bytes) -> Iterator[tuple[int, list[int]]]:
    """Answer each request on each connection with the next of `answers`; an empty one closes the connection."""
    left, connections = list(answers), list[int]()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while left:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                connections.append(1)
                with connection:
                    while left and connection.recv(65536):
                        answer = left.pop(0)
                        connection.sendall(answer)
                        if not answer.endswith((b"no", b"\r\n\r\n")):
                            break

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], connections


def client(port: int, *, seconds: float = 5) -> HttpClient:
    return HttpClient("http", "127.0.0.1", port, timeout_seconds=seconds)


def test_any_status_is_an_answer_and_the_connection_is_kept() -> None:
    with server(WHOLE, REDIRECT, WHOLE) as (port, connections), client(port) as asking:
        assert asking.request("GET", "/") == (404, b"no")
        assert asking.request("GET", "/moved") == (302, b"")
        assert asking.request("GET", "/") == (404, b"no")
    assert len(connections) == 1


def test_a_closed_port_refuses_as_the_system_says() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with client(port) as asking, pytest.raises(ConnectionRefusedError):
        asking.request("GET", "/")


def test_a_server_that_hangs_up_is_an_os_error_and_is_asked_once() -> None:
    with server(b"", WHOLE) as (port, connections), client(port) as asking:
        with pytest.raises(OSError, match=r"."):
            asking.request("GET", "/")
        assert len(connections) == 1
        assert asking.request("GET", "/") == (404, b"no")


@pytest.mark.parametrize("garbage", [b"not HTTP at all", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"])
def test_an_answer_that_is_none_or_not_whole_is_an_os_error(garbage: bytes) -> None:
    with server(garbage) as (port, _), client(port) as asking, pytest.raises(OSError, match=r"."):
        asking.request("GET", "/")


def test_silence_is_a_timeout() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        client(silent.getsockname()[1], seconds=0.1) as asking,
        pytest.raises(TimeoutError),
    ):
        asking.request("GET", "/")


def test_an_address_is_believed_only_with_the_certificate_of_the_host_that_was_asked_for(tmp_path: Path) -> None:
    certificate, key = self_signed("api.example.com")
    (tmp_path / "both.pem").write_bytes(certificate + key)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(tmp_path / "both.pem")
    trust = ssl.create_default_context(cadata=certificate.decode())
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for _ in range(2):
                with suppress(OSError), serving.wrap_socket(listening.accept()[0], server_side=True) as connection:
                    connection.recv(65536)
                    connection.sendall(WHOLE)

        threading.Thread(target=serve, daemon=True).start()

        def named(name: str) -> HttpClient:
            port = listening.getsockname()[1]
            return HttpClient("https", "127.0.0.1", port, timeout_seconds=5, server_name=name, trust=trust)

        with named("api.example.com") as asking:
            assert asking.request("GET", "/", headers={"Host": "api.example.com"}) == (404, b"no")
        with named("other.example.com") as asking, pytest.raises(ssl.SSLCertVerificationError):
            asking.request("GET", "/")


def self_signed(name: str) -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(tz=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    return certificate.public_bytes(encoding), key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
