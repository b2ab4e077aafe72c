"""How busy the machine is while a drill runs, measured beside it: checks judge the system, not the machine."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from drills.history.events import ControlRan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from drills.history.events import Event

PAUSE_SECONDS = 1.0
CODE = "import json, time, urllib.request; print(time.process_time())"
STOP_SECONDS = 60


def slowness(controls: Iterable[ControlRan], since: float, until: float) -> float:
    """Return the seconds that a second of the processor took between two times, at least 1.

    The slowest control that ran at any moment between them counts; without any the machine counts as idle.
    """
    between = [each for each in controls if each.since <= until and each.at >= since]
    return max([1.0, *((each.at - each.since) / each.used for each in between if each.used > 0)])


def _start_a_program() -> float:
    """Start a Python program, as a function's cold start does; return the processor's seconds that it took."""
    program = subprocess.run([sys.executable, "-I", "-c", CODE], capture_output=True, text=True, check=True)
    return float(program.stdout)


class Machine:
    """Starts a small program every second, which has nothing to do with the stage: a control of the machine's speed."""

    def __init__(
        self,
        *,
        control: Callable[[], float] = _start_a_program,
        clock: Callable[[], float] = time.monotonic,
        note: Callable[[Event], None] = lambda _: None,
    ) -> None:
        """Take what is run, which returns the processor's seconds it took, the clock, and who notes each run."""
        self._note = note
        self._control, self._clock = control, clock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="machine")

    def start(self) -> None:
        """Begin to measure."""
        self._thread.start()

    def stop(self) -> None:
        """End measuring."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def measure(self) -> None:
        """Run the control once."""
        began = self._clock()
        used = self._control()
        self._note(ControlRan(at=self._clock(), since=began, used=used))

    def _run(self) -> None:
        while not self._over.is_set():
            self.measure()
            self._over.wait(PAUSE_SECONDS)
