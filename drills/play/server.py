"""The page of a played stage, its state as JSON, and what is done to it, served on loopback to this machine alone.

A page of another site can have a browser send requests to 127.0.0.1. So a request is answered only when its `Host` is
this server's own, which a name that was rebound to 127.0.0.1 is not, and something is done only for JSON from the page
itself or from no page: a browser names the origin of every POST (Fetch Standard, "Origin header"), and asks first
before it sends JSON elsewhere.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from operations.errors import OperationError, WrongInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ADDRESS = "127.0.0.1"
PAGE = Path(__file__).with_name("page.html")
MOST_BYTES = 4096


class Played(Protocol):
    """What is shown and played with."""

    def state(self) -> dict[str, Any]:
        """Return what the page shows."""
        ...

    def act(self, asked: Mapping[str, Any]) -> list[str]:
        """Do what is asked for; raises WrongInputError or OperationError."""
        ...


class PlayServer(ThreadingHTTPServer):
    """Serves one played stage."""

    daemon_threads = True

    def __init__(self, port: int, played: Played) -> None:
        """Take the port, 0 for any free one; raises WrongInputError when it is taken."""
        self.played = played
        self.page = PAGE.read_bytes()
        self.policy = content_security_policy(self.page.decode())
        try:
            super().__init__((ADDRESS, port), _Handler)
        except OSError as error:
            raise WrongInputError(
                f"port {port} cannot be had ({(error.strerror or str(error)).lower()}): give another --port"
            ) from error
        self.hosts = {f"{ADDRESS}:{self.server_port}", f"localhost:{self.server_port}"}
        self.origins = {f"http://{host}" for host in self.hosts}

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{ADDRESS}:{self.server_port}/"


@contextlib.contextmanager
def served(port: int, played: Played) -> Iterator[PlayServer]:
    """Serve a stage on a thread until the end; raises WrongInputError when the port is taken."""
    with PlayServer(port, played) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="page", daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def content_security_policy(page: str) -> str:
    """Return a policy by which the page runs its own script and style, and asks nobody but this server."""

    def digests(tag: str) -> str:
        texts = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        return " ".join(
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts
        )

    return (
        f"default-src 'none'; script-src {digests('script')}; style-src {digests('style')}; img-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


class _Handler(BaseHTTPRequestHandler):
    """Answers one request of a connection (HTTP/1.0): none is open when the server ends."""

    server: PlayServer
    server_version, sys_version = "play", ""

    def do_GET(self) -> None:
        """Answer with the page or the state."""
        if not self._is_for_here():
            return
        if self.path == "/":
            self._answer(HTTPStatus.OK, self.server.page, "text/html; charset=utf-8")
        elif self.path == "/state":
            try:
                self._answer_json(HTTPStatus.OK, self.server.played.state())
            except OperationError as error:
                self._answer_json(HTTPStatus.SERVICE_UNAVAILABLE, {"message": str(error)})
        else:
            self._answer_json(HTTPStatus.NOT_FOUND, {"message": f"{self.path} is not here: see /"})

    def do_POST(self) -> None:
        """Do what is asked for."""
        if not self._is_for_here():
            return
        origin, kind = self.headers.get("Origin"), self.headers.get_content_type()
        length = self.headers.get("Content-Length", "")
        if origin is not None and origin not in self.server.origins:
            self._answer_json(HTTPStatus.FORBIDDEN, {"message": f"{origin!r} may not ask for this"})
        elif self.path != "/do":
            self._answer_json(HTTPStatus.NOT_FOUND, {"message": f"{self.path} is not here: POST to /do"})
        elif kind != "application/json":
            self._answer_json(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, {"message": f"{kind} is not application/json"})
        elif not length.isdecimal() or int(length) > MOST_BYTES:
            self._answer_json(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"message": f"send at most {MOST_BYTES} bytes"})
        else:
            self._act(self.rfile.read(int(length)))

    def _act(self, body: bytes) -> None:
        try:
            asked = json.loads(body)
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            self._answer_json(HTTPStatus.BAD_REQUEST, {"message": 'send {"do": ..., "with": ...}'})
            return
        try:
            self._answer_json(HTTPStatus.OK, {"told": self.server.played.act(asked)})
        except WrongInputError as error:
            self._answer_json(HTTPStatus.BAD_REQUEST, {"message": str(error)})
        except OperationError as error:
            self._answer_json(HTTPStatus.CONFLICT, {"message": " ".join(str(error).split())})

    def _is_for_here(self) -> bool:
        host = self.headers.get("Host", "")
        if host in self.server.hosts:
            return True
        self._answer_json(HTTPStatus.MISDIRECTED_REQUEST, {"message": f"{host!r} is not served here"})
        return False

    def _answer_json(self, status: HTTPStatus, value: Mapping[str, Any]) -> None:
        self._answer(status, json.dumps(value).encode(), "application/json")

    def _answer(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        with contextlib.suppress(ConnectionError):  # whoever asked has gone: nobody is left to be told
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Content-Security-Policy", self.server.policy)
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 - the name of the standard library
        """Say nothing: the page asks every second."""
