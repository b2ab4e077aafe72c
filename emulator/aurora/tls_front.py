"""A cluster's endpoint in front of a PostgreSQL that knows neither TLS nor IAM.

TLS only, as `rds.force_ssl` demands, and a token for whoever logs in with IAM. It can fall silent, as a database does
whose packets are dropped: connections are taken and stay open, and nothing is answered.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_PROTOCOL_3 = struct.pack("!i", 196608)
_AUTHENTICATION_OK = b"R" + struct.pack("!ii", 8, 0)
_CLEARTEXT_PASSWORD = b"R" + struct.pack("!ii", 8, 3)
_HANDSHAKE_SECONDS = 5.0
_MOST_BYTES = 1 << 16
"""Of a startup message (PostgreSQL takes 10,000) and of a token."""


class TlsFront:
    """Listens where clients connect and relays to the local server.

    The server trusts the members of rds_iam and nobody else: whom it lets in without a password is asked for a token,
    which `admits` judges by the user and the token.
    """

    def __init__(
        self,
        address: tuple[str, int],
        target: tuple[str, int],
        certificates: Path,
        admits: Callable[[str, str], bool],
    ) -> None:
        self._target = target
        self._admits = admits
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
        self._server = socket.create_server(address)
        self._sockets: set[socket.socket] = set()
        self._closed = False
        self._heard = threading.Event()
        self._heard.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def silence(self, *, on: bool) -> None:
        """Keep back, or send at last, whatever either side sends from now on; nobody is told."""
        if on:
            self._heard.clear()
        else:
            self._heard.set()

    def close(self) -> None:
        """Refuse new connections and end the open ones."""
        self._closed = True
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for each in list(self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._heard.set()  # what was kept back finds its connection closed

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        self._heard.wait()
        plain.settimeout(_HANDSHAKE_SECONDS)
        try:
            if _exactly(plain, 8) != _SSL_REQUEST:
                plain.sendall(_error("connection without TLS is refused"))
                plain.close()
                return
            plain.sendall(b"S")
            client = self._context.wrap_socket(plain, server_side=True)
            server = socket.create_connection(self._target, _HANDSHAKE_SECONDS)
        except OSError:
            plain.close()
            return
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sockets |= {client, server}
        try:
            if self._logged_in(client, server):
                self._relay(client, server)
        except (OSError, ValueError):
            pass
        finally:
            self._sockets -= {client, server}
            client.close()
            server.close()

    def _logged_in(self, client: socket.socket, server: socket.socket) -> bool:
        """Relay the beginning of a session; where the server asks for no password, ask for a token and check it."""
        startup = _message(client)
        server.sendall(startup)
        if startup[4:8] != _PROTOCOL_3:
            return True  # a request to cancel, which PostgreSQL judges by its key
        words = startup[8:].decode("utf-8", "replace").split("\0")
        user = dict(zip(words[::2], words[1::2], strict=False)).get("user", "")
        answer = _exactly(server, 1)
        answer += _message(server)
        if answer == _AUTHENTICATION_OK:
            client.sendall(_CLEARTEXT_PASSWORD)
            given = _exactly(client, 1), _message(client)[4:]
            if given[0] != b"p" or not self._admits(user, given[1].rstrip(b"\0").decode("utf-8", "replace")):
                client.sendall(_error(f'PAM authentication failed for user "{user}"'))
                return False
        client.sendall(answer)
        return True

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        client.settimeout(None)
        server.settimeout(None)
        back = threading.Thread(target=self._copy, args=(server, client), daemon=True)
        back.start()
        self._copy(client, server)
        back.join()

    def _copy(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while chunk := source.recv(262144):
                self._heard.wait()
                sink.sendall(chunk)
        except (OSError, ValueError):
            pass
        finally:
            self._heard.wait()  # not even that a side has gone is noticed
            for each in (source, sink):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


def _message(source: socket.socket) -> bytes:
    """A message's length and what follows it, without its type; raises `ValueError` where it cannot be one."""
    length = _exactly(source, 4)
    (size,) = struct.unpack("!i", length)
    if not len(length) <= size <= _MOST_BYTES:
        raise ValueError(f"a message of {size} bytes: not PostgreSQL's protocol")
    return length + _exactly(source, size - len(length))


def _exactly(source: socket.socket, size: int) -> bytes:
    """Read `size` bytes; raises `OSError` where the other side ends before."""
    read = b""
    while len(read) < size:
        more = source.recv(size - len(read))
        if not more:
            raise ConnectionError("the connection ended in the middle of a message")
        read += more
    return read


def _error(message: str) -> bytes:
    """A fatal ErrorResponse, SQLSTATE invalid_authorization_specification."""
    fields = b"SFATAL\0VFATAL\0C28000\0M" + message.encode() + b"\0\0"
    return b"E" + struct.pack("!i", len(fields) + 4) + fields
