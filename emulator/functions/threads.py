"""The threads in which functions are called for an API: kept for the next call, and as many as there are calls.

MiniStack starts one for each call, and its event loop waits until the thread runs, which takes milliseconds under load.
A function may call this server, so the number has no bound that calls could wait at for each other.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Callable

_MORE_THAN_ALL_CALLS = 1 << 16
"""A pool makes a thread only where none is idle; this is far above Lambda's limit of an account."""

_SWITCH_SECONDS = 0.0005
"""How long a thread that computes keeps Python's global lock from the event loop, in place of 5 ms."""


def install() -> None:
    """Take the place of MiniStack's threads for calls of an API."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    pool = ThreadPoolExecutor(_MORE_THAN_ALL_CALLS, "call")

    async def run(function: Callable[..., Any], *arguments: Any, thread_name: str = "") -> Any:
        del thread_name  # MiniStack's, of a thread that is for one call alone
        context = contextvars.copy_context()
        return await completed(asyncio.get_running_loop().run_in_executor(pool, context.run, function, *arguments))

    ministack.APIGATEWAY_RUN.replace(run)


async def completed(future: asyncio.Future[Any]) -> Any:
    """Wait for a call that cannot be ended: who is cancelled meanwhile goes on waiting, and is cancelled afterwards.

    What such a caller would give back, a slot or a lock, is still used until then (MiniStack's `run_reentrant`).
    """
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError as cancellation:
        while not future.done():
            try:
                await asyncio.wait({future})
            except asyncio.CancelledError:
                continue
        if not future.cancelled():
            future.exception()  # nobody else asks for it
        raise cancellation from None
