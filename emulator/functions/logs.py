"""Where the log of one invocation ends: the environment says it, so nobody polls for lines that may never come."""

from __future__ import annotations

import queue
import time
from typing import TYPE_CHECKING, Any

from emulator import ministack
from emulator.functions.environment_template import END_OF_LOG

if TYPE_CHECKING:
    from collections.abc import Callable

_PATIENCE_SECONDS = 0.25
"""An environment that died before its answer says no end; what it wrote until then is its log."""


def install(forked: Callable[[Any], bool]) -> None:
    """Read the log of `forked` workers up to its end; MiniStack's polling stays for the others."""
    stock = ministack.WORKER_DRAIN.value

    def drain(worker: Any, *waits: float, **named_waits: float) -> str:
        forks = forked(worker)
        return until_end(ministack.WORKER_LOG.of(worker)) if forks else str(stock(worker, *waits, **named_waits))

    ministack.WORKER_DRAIN.replace(drain)


def until_end(log: queue.Queue[str], patience_seconds: float = _PATIENCE_SECONDS) -> str:
    """Return the lines of one invocation; those that a thread writes after the answer belong to the next one."""
    lines: list[str] = []
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            line = log.get(timeout=max(0, deadline - time.monotonic()))
        except queue.Empty:
            break
        if not line.endswith(END_OF_LOG):
            lines.append(line)
            continue
        if line != END_OF_LOG:  # the function's last line had no end
            lines.append(line.removesuffix(END_OF_LOG))
        break
    return "\n".join(lines)
