"""A TCP relay between a standby and its source that delays: what is inside it when a Region dies is lost."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import deque

_STREAM = b"START_REPLICATION"
"""The command that ends a standby's logging in (PostgreSQL documentation, Streaming Replication Protocol)."""


class Relay:
    """Relays connections from a port of its own to `target`; each chunk of the stream `delay` seconds after it came.

    Only the stream is delayed. Aurora replicates storage without logging in, and PostgreSQL's log-in of seven round
    trips, if it was delayed too, would make a returning standby late by fourteen times the lag.
    """

    def __init__(self, address: str, target: tuple[str, int], delay: float) -> None:
        self._target = target
        self.delay = delay
        self._sockets: list[socket.socket] = []
        self._closed = False
        self._lock = threading.Lock()
        self._server = socket.create_server((address, 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Drop every connection, and whatever was on its way."""
        with self._lock:
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
            with self._lock:
                if self._closed:  # between accepting and here: nothing passes a link that is lost
                    near.close()
                    far.close()
                    return
                self._sockets += [near, far]
            stream = _Stream(far, near, self)
            threading.Thread(target=stream.send, daemon=True).start()
            threading.Thread(target=stream.receive, daemon=True).start()
            threading.Thread(target=stream.deliver, daemon=True).start()


class _Stream:
    """One connection: what the standby says passes at once, what the source streams passes late."""

    def __init__(self, source: socket.socket, standby: socket.socket, relay: Relay) -> None:
        self._source, self._standby, self._relay = source, standby, relay
        self._streams = False
        self._chunks: deque[tuple[float, bytes]] = deque()
        self._arrived = threading.Condition()

    def send(self) -> None:
        """Pass what the standby says on to its source."""
        with contextlib.suppress(OSError):
            while chunk := self._standby.recv(65536):
                self._streams = self._streams or _STREAM in chunk
                self._source.sendall(chunk)
        with contextlib.suppress(OSError):
            self._source.shutdown(socket.SHUT_RDWR)

    def receive(self) -> None:
        """Take what the source says, and note when it is due."""
        while True:
            try:
                chunk = self._source.recv(65536)
            except OSError:
                chunk = b""
            with self._arrived:
                self._chunks.append((time.monotonic() + (self._relay.delay if self._streams else 0), chunk))
                self._arrived.notify()
            if not chunk:
                return

    def deliver(self) -> None:
        """Pass it to the standby when it is due."""
        while True:
            with self._arrived:
                while not self._chunks:
                    self._arrived.wait()
                due, chunk = self._chunks.popleft()
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                if not chunk:
                    self._standby.shutdown(socket.SHUT_RDWR)
                    return
                self._standby.sendall(chunk)
            except OSError:
                return
