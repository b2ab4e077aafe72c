"""A TCP relay that delays: what is inside it when a Region dies is lost."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import deque

__all__ = ["Relay"]


class Relay:
    """Relays connections from a port of its own to `target`, each chunk `delay` seconds after it was read."""

    def __init__(self, address: str, target: tuple[str, int], delay: float) -> None:
        self._target = target
        self.delay = delay
        self._sockets: list[socket.socket] = []
        self._closed = False
        self._server = socket.create_server((address, 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Drop every connection, and whatever was on its way."""
        self._closed = True
        for each in (self._server, *self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                near, _ = self._server.accept()
            except OSError:
                continue
            try:
                far = socket.create_connection(self._target)
            except OSError:
                near.close()  # nobody is there: the standby learns it now, not when this object goes
                continue
            self._sockets += [near, far]
            for source, sink in ((near, far), (far, near)):
                _Direction(source, sink, self).start()


class _Direction:
    def __init__(self, source: socket.socket, sink: socket.socket, relay: Relay) -> None:
        self._source, self._sink, self._relay = source, sink, relay
        self._chunks: deque[tuple[float, bytes]] = deque()
        self._arrived = threading.Condition()

    def start(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._write, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                chunk = self._source.recv(65536)
            except OSError:
                chunk = b""
            with self._arrived:
                self._chunks.append((time.monotonic() + self._relay.delay, chunk))
                self._arrived.notify()
            if not chunk:
                return

    def _write(self) -> None:
        while True:
            with self._arrived:
                while not self._chunks:
                    self._arrived.wait()
                due, chunk = self._chunks.popleft()
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                if not chunk:
                    self._sink.shutdown(socket.SHUT_RDWR)
                    return
                self._sink.sendall(chunk)
            except OSError:
                return
