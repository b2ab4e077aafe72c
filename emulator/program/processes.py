"""Child processes that never outlive the embedded AWS."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root, so root drops to `nobody`."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid}


UNPRIVILEGED = _unprivileged()


def own(path: Path) -> None:
    """Give `path` to the user that the databases run as."""
    if UNPRIVILEGED:
        os.chown(path, UNPRIVILEGED["user"], UNPRIVILEGED["group"])


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def start(command: Sequence[str], *, log: Path) -> subprocess.Popen[bytes]:
    """Start a database process in a session of its own."""
    with log.open("ab") as output:
        process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - our own binaries
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one prctl call, nothing that takes a lock
            **UNPRIVILEGED,
        )
    return process


def end_with_this() -> int:
    """Lead a process group whose members end with this process, however it ends; return the id of its guard.

    MiniStack starts Node and other runtimes from threads, at whose end PR_SET_PDEATHSIG would kill them. So a shell
    in a session of its own waits until nobody holds the other end of its pipe, and kills the group.
    """
    if os.getpgrp() != os.getpid():
        os.setpgrp()
    reading, _held = os.pipe()  # the other end is open for as long as this process lives, and closed in its children
    watching = subprocess.Popen(  # noqa: S603 - a constant script
        ["/bin/sh", "-c", 'read -r _; kill -9 -"$0" 2>/dev/null', str(os.getpid())],
        stdin=reading,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    os.close(reading)
    return watching.pid


def kill_with_children(pid: int) -> None:
    """Kill a process and its children, each of which may lead a session of its own, as PostgreSQL's do."""
    with contextlib.suppress(psutil.Error):  # it may end at this moment
        parent = psutil.Process(pid)
        parent.suspend()  # no more children
        for each in (parent, *parent.children()):
            with contextlib.suppress(psutil.Error):
                each.kill()


def kill_children(*, but: int) -> None:
    """Kill the children of this process, except `but`, before the folder that they may write to is removed."""
    for each in psutil.Process().children():
        if each.pid != but:
            kill_with_children(each.pid)


def run(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> str:
    """Run a database tool to its end; raises `RuntimeError` with what it said."""
    more: dict[str, Any] = UNPRIVILEGED
    finished = subprocess.run(  # noqa: S603 - our own binaries
        command,
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
        env={**os.environ, **(environment or {})},
        **more,
    )
    if finished.returncode:
        raise RuntimeError(
            f"{command[0]} exited with {finished.returncode}: {finished.stdout[-500:]} {finished.stderr[-1500:]}"
        )
    output: str = finished.stdout
    return output
