"""The one HTTP client answers with status and body, keeps its connection, and fails as the system says."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from operations.http_client import HttpClient

if TYPE_CHECKING:
    from collections.abc import Iterator

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
