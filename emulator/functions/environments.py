"""Execution environments of Python functions: forked from a template, where MiniStack starts an interpreter each."""

from __future__ import annotations

import hashlib
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator import ministack
from emulator.functions import calls
from emulator.functions.pipes import Pipes
from emulator.ministack import get_account_id, get_region

if TYPE_CHECKING:
    from emulator.program.configuration import Configuration

_SCRIPT = Path(__file__).with_name("environment_template.py")
_KEPT = (
    "PATH",
    "LANG",
    "PYTHONPYCACHEPREFIX",
    "SSL_CERT_FILE",
    "EMBEDDED_TLS",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
)
_MESSAGE_BYTES = 1 << 17


class _Process:
    """The part of `subprocess.Popen` that MiniStack uses, for a process that somebody else forked."""

    def __init__(self, pid: int, stdin: int, stdout: int, stderr: int) -> None:
        self.pid = pid
        self._handle = os.pidfd_open(pid)
        self._ended = False
        self._lock = threading.Lock()
        self.pipes = Pipes(stdin, stdout, stderr)

    def poll(self) -> int | None:
        """Return 0 once it has ended, because only its parent learns the exit status; None while it runs."""
        return self._wait(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        if self._wait(timeout) is None:
            raise subprocess.TimeoutExpired("execution environment", timeout or 0)
        return 0

    def _wait(self, seconds: float | None) -> int | None:
        if self._ended:
            return 0
        poll = select.poll()  # one for each call: several threads ask, and a poll object serves one at a time
        poll.register(self._handle, select.POLLIN)
        if not poll.poll(None if seconds is None else seconds * 1000):
            return None
        with self._lock:
            if not self._ended:
                self._ended = True
                os.close(self._handle)
        return 0

    def send_signal(self, number: int) -> None:
        """Signal it, if it still runs."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class _Template:
    """A function's code, imported once."""

    def __init__(self, fingerprint: str, control: socket.socket) -> None:
        self.fingerprint = fingerprint
        self._control = control
        self._lock = threading.Lock()

    def close(self) -> None:
        """Fork no more; what was forked runs on."""
        self._control.close()

    def fork(self, environment: dict[str, str]) -> _Process:
        ours, theirs = [], []
        for reads in (False, True, True):
            end, other = os.pipe()
            ours.append(end if reads else other)
            theirs.append(other if reads else end)
        message = {"environment": environment, "script": ministack.LAMBDA_SCRIPT.value}
        try:
            with self._lock:
                pid = _ask(self._control, message, theirs)
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        return _Process(pid, *ours)


class Environments:
    """The root, and a template for each function that ran."""

    def __init__(self, configuration: Configuration) -> None:
        self._folder = configuration.state_dir / "functions"
        self._folder.mkdir(parents=True)
        self._endpoint = configuration.endpoint
        self._cold_start_seconds = configuration.cold_start_milliseconds / 1000
        self._templates: dict[str, _Template] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._root, child = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 - this very interpreter
            [sys.executable, str(_SCRIPT), str(child.fileno())],
            pass_fds=[child.fileno()],
            stdin=subprocess.DEVNULL,
            env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        child.close()

    def install(self) -> None:
        """Spawn Python workers here; other runtimes stay MiniStack's."""
        stock = ministack.WORKER_SPAWN.value
        environments = self

        def spawn(worker: Any) -> None:
            if _forked(worker):
                environments._spawn(worker)
            else:
                stock(worker)

        ministack.WORKER_SPAWN.replace(spawn)
        _keep_to_a_region()
        calls.install(_forked)

    def stop(self) -> None:
        """End the root, and all that was forked from it."""
        self._process.kill()
        self._process.wait()

    def _spawn(self, worker: Any) -> None:
        time.sleep(self._cold_start_seconds)  # the machine and the interpreter, which are forked ready made here
        config = worker.config
        module, handler = config["Handler"].replace("/", ".").rsplit(".", 1)
        template = self._template(config, worker.code_zip, module)
        process = template.fork({"AWS_LAMBDA_LOG_STREAM_NAME": f"{time.time_ns():x}"})
        ministack.WORKER_PROCESS.put(worker, process)
        init = {
            "code_dir": "",
            "module": module,
            "handler": handler,
            "function_name": config.get("FunctionName", ""),
            "memory": config.get("MemorySize", 128),
            "arn": config.get("FunctionArn", ""),
        }
        answer = process.pipes.ask(init, statuses=("ready", "error")).response or {}
        if answer.get("status") != "ready":
            raise RuntimeError(f"function {init['function_name']} does not start: {answer.get('error')}")
        ministack.WORKER_START.put(worker, time.time())

    def _template(self, config: dict[str, Any], code: bytes, module: str) -> _Template:
        name = config["FunctionArn"]
        with self._lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            environment = self._environment(config)
            text = json.dumps([environment, config.get("CodeSha256"), module], sort_keys=True)
            fingerprint = hashlib.sha256(text.encode()).hexdigest()
            template = self._templates.get(name)
            if template and template.fingerprint == fingerprint:
                return template
            if template:
                template.close()
            folder = self._folder / fingerprint
            if not folder.exists():
                zipfile.ZipFile(io.BytesIO(code)).extractall(folder)
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            environment["LAMBDA_TASK_ROOT"] = str(folder)
            message = {"environment": environment, "code": str(folder), "module": module}
            with self._lock:
                _ask(self._root, message, [theirs.fileno()])
            theirs.close()
            made = self._templates[name] = _Template(fingerprint, ours)
            return made

    def _environment(self, config: dict[str, Any]) -> dict[str, str]:
        """The environment of a function, as Lambda sets it (Developer Guide, defined runtime environment variables)."""
        own = config.get("Environment", {}).get("Variables", {})
        region = config["FunctionArn"].split(":")[3]
        return {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_ENDPOINT_URL": self._endpoint,
            **{name: str(value) for name, value in own.items() if name not in ministack.LAMBDA_RESERVED.value},
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            **ministack.LAMBDA_CREDENTIALS.value(config),
            "AWS_LAMBDA_FUNCTION_NAME": config.get("FunctionName", ""),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
            "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
            "_LAMBDA_FUNCTION_ARN": config["FunctionArn"],
            "_LAMBDA_TIMEOUT": str(config.get("Timeout", 3)),
        }


def _keep_to_a_region() -> None:
    """End a changed or deleted function's environments in its own Region.

    MiniStack forgets the Region in some calls, and ends those of the function of the same name in the other one too,
    in the middle of what they do.
    """
    stock = ministack.LAMBDA_END_WORKERS.value

    def invalidate(
        name: str, qualifier: str | None = None, account: str | None = None, region: str | None = None
    ) -> None:
        stock(name, qualifier, account or get_account_id(), region or get_region())

    ministack.LAMBDA_END_WORKERS.replace(invalidate)
    ministack.LAMBDA_END_WORKERS_TOO.replace(invalidate)


def _forked(worker: Any) -> bool:
    """Whether a worker's environment is forked from a template."""
    return str(worker.config.get("Runtime", "")).startswith("python") and not worker.config.get("Layers")


def _ask(control: socket.socket, message: dict[str, Any], descriptors: list[int]) -> int:
    socket.send_fds(control, [json.dumps(message).encode()], descriptors)
    answer = control.recv(_MESSAGE_BYTES)
    if not answer:
        raise RuntimeError(
            "the process that execution environments are forked from is gone: start the embedded AWS anew"
        )
    return int(answer)
