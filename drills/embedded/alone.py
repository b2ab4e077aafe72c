"""One drill at a time in a checkout: a second one would write over the logs and the state of the first."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

from operations.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def alone(mark: Path) -> Iterator[None]:
    """Hold the file `mark` until the end; raises BusyError, which names the process that has it, when another does.

    The system lets go of it when the process ends, however it ends, so that no mark is ever left over.
    """
    mark.parent.mkdir(parents=True, exist_ok=True)
    with mark.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise BusyError(
                f"another drill of this checkout is running (process {holder}): "
                "wait until it has ended, or use another checkout"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
