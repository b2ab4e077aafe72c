"""A cluster's endpoint: TLS only, as `rds.force_ssl` demands, in front of a PostgreSQL that was built without it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TlsFront"]

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_HANDSHAKE_SECONDS = 5.0
_REFUSAL = b"SFATAL\0VFATAL\0C28000\0Mconnection without TLS is refused\0\0"


class TlsFront:
    """Listens where clients connect and relays to the local server."""

    def __init__(self, address: tuple[str, int], target: tuple[str, int], certificates: Path) -> None:
        self._target = target
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
        self._server = socket.create_server(address)
        self._sockets: set[socket.socket] = set()
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Refuse new connections and end the open ones."""
        self._closed = True
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for each in list(self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        plain.settimeout(_HANDSHAKE_SECONDS)
        try:
            if plain.recv(8, socket.MSG_WAITALL) != _SSL_REQUEST:
                plain.sendall(b"E" + struct.pack("!i", len(_REFUSAL) + 4) + _REFUSAL)
                plain.close()
                return
            plain.sendall(b"S")
            client = self._context.wrap_socket(plain, server_side=True)
            client.settimeout(None)
            server = socket.create_connection(self._target)
        except OSError:
            plain.close()
            return
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sockets |= {client, server}
        back = threading.Thread(target=self._copy, args=(server, client), daemon=True)
        back.start()
        self._copy(client, server)
        back.join()
        self._sockets -= {client, server}
        client.close()
        server.close()

    @staticmethod
    def _copy(source: socket.socket, sink: socket.socket) -> None:
        try:
            while chunk := source.recv(262144):
                sink.sendall(chunk)
        except (OSError, ValueError):
            pass
        finally:
            for each in (source, sink):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
