"""The process that execution environments are forked from.

Lambda starts every execution environment on machines of its own; on one laptop, a dozen interpreters that import the
same libraries at the same moment wait for each other for seconds. So the libraries are imported once, in the root; a
function's code is imported once, in a template forked from the root; and an execution environment is a fork of the
template, as a SnapStart environment is a copy of a snapshot. It runs alone in a process of its own, as before.

Run as a script with the number of an inherited socket. Messages are JSON, with file descriptors beside them.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import re
import signal
import socket
import sys
import traceback
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_MESSAGE_BYTES = 1 << 17
END_OF_LOG = "\x1eend of this invocation\x1e"
"""The line that an environment writes to its log before each answer."""

_API = re.compile(r"\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com$")
_HTTPS = ("443", "https")
_WARM = ("dynamodb", "s3", "lambda", "rds", "ssm")


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def api_place(host: str, port: object) -> tuple[str, int] | None:
    """Where the embedded API Gateway speaks TLS for a host name of AWS's, by the Region in it; None for other names."""
    match = _API.search(host.lower().rstrip(".")) if str(port) in _HTTPS else None
    place = json.loads(os.environ.get("EMBEDDED_TLS", "{}")).get(match["region"]) if match else None
    return (str(place[0]), int(place[1])) if place else None


def _resolve_embedded_hosts() -> None:
    """Resolve what nobody else's resolver knows: names below localhost (RFC 6761, 6.3), and those of embedded APIs."""
    stock = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
        name = host.lower().rstrip(".") if isinstance(host, str) else ""
        if name.endswith(".localhost"):
            host = "127.0.0.1"
        elif place := api_place(name, port):
            host, port = place
        return stock(host, port, *arguments, **named)

    socket.getaddrinfo = getaddrinfo


def _import_libraries() -> None:
    """What Lambda's own runtime carries: boto3. Its models are parsed once, no credentials are looked up."""
    with contextlib.suppress(ImportError):
        import boto3  # noqa: PLC0415 - not every function's runtime has it
        import botocore.httpsession  # noqa: F401, PLC0415 - the same

        boto3.setup_default_session()
        core = boto3._get_default_session()._session
        loader = core.get_component("data_loader")
        core.get_component("endpoint_resolver")
        for service in _WARM:
            loader.load_service_model(service, "service-2")
            loader.load_service_model(service, "endpoint-rule-set-1")


def _serve(control: socket.socket, fork: Callable[[dict[str, Any], list[int]], None]) -> None:
    """Fork once per message, until nobody holds the other end; then wait for what was forked."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, _MESSAGE_BYTES, 3)
        if not data:
            break
        gc.freeze()
        child = os.fork()
        if not child:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _die_with_parent()
            fork(json.loads(data), descriptors)
            os._exit(0)
        for descriptor in descriptors:
            os.close(descriptor)
        control.send(str(child).encode())
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


class _Answers:
    """Standard output as MiniStack's runtime uses it: what was logged before an answer is written before it.

    The first answer says that the environment is ready. What was logged until then belongs to the first invocation.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._ready = stream, False

    def write(self, text: str) -> int:
        """Keep a part of the answer."""
        return self._stream.write(text)

    def flush(self) -> None:
        """Send the answer, after the end of its log."""
        if self._ready:
            sys.stderr.flush()
            os.write(2, f"{END_OF_LOG}\n".encode())
        self._ready = True
        self._stream.flush()


def _become_template(message: dict[str, Any], descriptors: list[int]) -> None:
    os.environ.clear()
    os.environ.update(message["environment"])
    os.chdir(message["code"])
    sys.path.insert(0, message["code"])
    # a handler's loggers keep whatever stream they find: the environment's log, never its answers
    sys.stdout = sys.stderr
    try:
        importlib.import_module(message["module"])
    except Exception:  # noqa: BLE001 - the environment meets the same error, and reports it as Lambda does
        traceback.print_exc()
    _serve(socket.socket(fileno=descriptors[0]), _become_environment)


def _become_environment(message: dict[str, Any], descriptors: list[int]) -> None:
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.update(message["environment"])
    assert sys.__stdout__ is not None  # noqa: S101 - this process was started with one
    sys.stdout = cast("TextIO", _Answers(sys.__stdout__))  # the runtime only writes and flushes it
    exec(compile(message["script"], "<lambda runtime>", "exec"), {"__name__": "__main__"})  # noqa: S102 - MiniStack's


def main() -> None:
    """Serve as the root."""
    _die_with_parent()
    _resolve_embedded_hosts()
    _import_libraries()
    _serve(socket.socket(fileno=int(sys.argv[1])), _become_template)


if __name__ == "__main__":
    main()
