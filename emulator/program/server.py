"""The HTTP server: one address for every AWS API, and one for each Region's own endpoints, gone while it is lost."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Any

import uvicorn

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Sequence

    from emulator.program.configuration import Configuration

_KEEP_ALIVE_SECONDS = 75
_GRACE_SECONDS = 2
_TLS_GOODBYE_SECONDS = 0.2
"""How long a connection that is closed waits for its client's goodbye, which an idle client does not send."""


class Server:
    """Serves an ASGI app until told to stop."""

    def __init__(self, configuration: Configuration, app: Any, tls: Callable[[str], ssl.SSLContext]) -> None:
        """Take the app, and how each Region serves TLS: on a port of its own, because 443 is not for everybody."""
        self._configuration = configuration
        self._tls = tls
        self.tls_ports: dict[str, int] = {}
        """The port of each Region's address that speaks TLS, the same after a loss."""
        settings = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=configuration.port,
            http="httptools",
            ws="none",
            loop="uvloop",
            log_level="warning",
            access_log=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            proxy_headers=False,
            date_header=False,  # MiniStack sets AWS's own
            server_header=False,
            backlog=1024,
        )
        self._server = _Quiet(settings)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._socket: socket.socket | None = None
        self._listeners: dict[str, list[asyncio.Server]] = {}

    async def open(self) -> None:
        """Take the addresses: the one for every API, then each Region's; raises `OSError` when one is taken."""
        self._loop = asyncio.get_running_loop()
        settings = self._server.config
        settings.load()
        self._server.lifespan = settings.lifespan_class(settings)
        self._socket = socket.create_server((settings.host, settings.port), backlog=settings.backlog)
        for region in self._configuration.regions:
            await self._open(region)

    async def serve(self) -> None:
        """Serve what `open` took."""
        assert self._socket is not None  # noqa: S101 - `open` comes first
        await self._server.serve(sockets=[self._socket])

    @property
    def started(self) -> bool:
        """Whether requests are answered."""
        return bool(self._server.started)

    def stop(self) -> None:
        """Stop serving."""
        self._server.should_exit = True

    def lose(self, region: str) -> None:
        """Refuse connections to a Region's address, and cut the open ones. Called from any thread."""
        self._from_elsewhere(self._close(region))

    def restore(self, region: str) -> None:
        """Accept connections to a Region's address again. Called from any thread."""
        self._from_elsewhere(self._open(region))

    def cut(self, client: Sequence[object] | None) -> None:
        """Reset the connection of `client`, as a dead machine's would be: no answer is sent."""
        for each in list(self._server.server_state.connections):
            if client is not None and each.client == tuple(client):
                each.transport.abort()

    def _from_elsewhere(self, work: Any) -> None:
        assert self._loop is not None  # noqa: S101 - set before anything is served
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _open(self, region: str) -> None:
        if region in self._listeners:
            return
        settings, server = self._server.config, self._server

        def protocol() -> asyncio.Protocol:
            make: Any = settings.http_protocol_class
            made: asyncio.Protocol = make(
                config=settings, server_state=server.server_state, app_state=server.lifespan.state
            )
            return made

        address = self._configuration.address(region)
        loop = asyncio.get_running_loop()
        plain = await loop.create_server(protocol, address, self._configuration.port, backlog=1024)
        port = self.tls_ports.get(region, 0)
        secure = await loop.create_server(
            protocol,
            address,
            port,
            backlog=1024,
            ssl=self._tls(region),
            ssl_shutdown_timeout=_TLS_GOODBYE_SECONDS,
        )
        self.tls_ports[region] = secure.sockets[0].getsockname()[1]
        self._listeners[region] = [plain, secure]

    async def _close(self, region: str) -> None:
        listeners = self._listeners.pop(region, None)
        if listeners is None:
            return
        for listener in listeners:
            listener.close()
        address = self._configuration.address(region)
        for each in list(self._server.server_state.connections):
            if each.server and each.server[0] == address:
                each.transport.abort()


class _Quiet(uvicorn.Server):  # type: ignore[misc] # it comes without types, or lives in another environment
    """Leaves signals to the program, which has more than a server to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield
