"""Between a standby and its source: only the stream is late."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest

from emulator.aurora.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Iterator

LAG_SECONDS = 0.5


@pytest.fixture
def source() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def connect(source: socket.socket) -> tuple[Relay, socket.socket, socket.socket]:
    relay = Relay("127.0.0.1", source.getsockname(), LAG_SECONDS)
    standby = socket.create_connection(("127.0.0.1", relay.port))
    accepted, _ = source.accept()
    return relay, standby, accepted


def exchange(standby: socket.socket, source: socket.socket, said: bytes) -> float:
    began = time.monotonic()
    standby.sendall(said)
    assert source.recv(100) == said
    source.sendall(b"answer")
    assert standby.recv(100) == b"answer"
    return time.monotonic() - began


def test_logging_in_does_not_wait_and_the_stream_does(source: socket.socket) -> None:
    relay, standby, accepted = connect(source)
    try:
        logging_in = min(exchange(standby, accepted, b"IDENTIFY_SYSTEM") for _ in range(5))
        assert logging_in < LAG_SECONDS
        assert exchange(standby, accepted, b"START_REPLICATION 0/1 TIMELINE 2") >= LAG_SECONDS
        assert exchange(standby, accepted, b"r: received up to here") >= LAG_SECONDS
    finally:
        relay.close()
        standby.close()
        accepted.close()


def test_what_is_inside_when_the_link_is_lost_never_arrives(source: socket.socket) -> None:
    relay, standby, accepted = connect(source)
    try:
        exchange(standby, accepted, b"START_REPLICATION 0/1 TIMELINE 2")
        accepted.sendall(b"written just before the Region died")
        relay.close()
        standby.settimeout(10)
        assert standby.recv(100) == b""
    finally:
        standby.close()
        accepted.close()
