"""A command that stops itself half way, at a point with a name, so that whoever started it can kill it just there."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

TRAFFIC_MOVED = "traffic-moved"
"""The takeover switch is set, or was left alone as asked, and the writer has not been asked to move."""

POINTS = (TRAFFIC_MOVED,)


def stop_at(chosen: str | None) -> Callable[[str], None]:
    """Return what a command calls at each point: it stops the process at the point `chosen`, until SIGCONT."""

    def reached(point: str) -> None:
        if point == chosen:
            os.kill(os.getpid(), signal.SIGSTOP)

    return reached


def wait_until_stopped(process: subprocess.Popen[str]) -> bool:
    """Wait until a child has stopped itself, however long that takes; False when it ended instead."""
    state = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    return state is not None and state.si_code == os.CLD_STOPPED
