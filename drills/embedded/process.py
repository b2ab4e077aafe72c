"""The embedded AWS as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING, Self

from contract.ports import free_port
from drills.embedded.isolation import ROOT, isolated_environment
from operations.errors import OperationError

if TYPE_CHECKING:
    from pathlib import Path

    from operations.deployment import Regions

READ_LAG_MILLISECONDS = 1000
"""How late reads without ConsistentRead and those of an index are: DynamoDB says "usually within one second"."""
SHARDS = 4
"""How many shards each table's stream has, which are delivered at once and in no order among each other."""


class EmbeddedAws:
    """Starts the embedded AWS and stops it, with everything it started."""

    def __init__(
        self,
        regions: Regions,
        *,
        state: Path,
        lag_milliseconds: int,
        read_lag_milliseconds: int = READ_LAG_MILLISECONDS,
        shards: int = SHARDS,
        port: int | None = None,
        alarm_period_scale: float = 1.0,
        routing_time_scale: float = 1.0,
    ) -> None:
        """Take the Regions to serve, the folder for its state, the replication lag, and a port (any free one).

        Unless it is told otherwise, it is as late and as divided as AWS may be: what relies on more fails here.
        `alarm_period_scale` multiplies the periods of CloudWatch alarms and `routing_time_scale` the intervals of
        health checks, never their thresholds.
        """
        self._port = port or free_port()
        self._arguments = [
            str(ROOT / ".venv-emulator" / "bin" / "python"),
            *("-m", "emulator", "--state-dir", str(state), "--port", str(self._port)),
            *("--regions", ",".join(regions.both), "--lag-milliseconds", str(lag_milliseconds)),
            *("--read-lag-milliseconds", str(read_lag_milliseconds), "--shards", str(shards)),
            *("--alarm-period-scale", str(alarm_period_scale)),
            *("--routing-time-scale", str(routing_time_scale)),
        ]
        self._log = state.with_name(state.name + ".log")
        self._process: subprocess.Popen[str] | None = None
        self._drain: threading.Thread | None = None
        self.url = ""

    def __enter__(self) -> Self:
        """Start it and wait until it is ready; raises OperationError after 60 s, or when it ends before."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                self._arguments,
                cwd=ROOT,
                env=isolated_environment(None),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        overdue = threading.Timer(60, self._process.kill)
        overdue.start()
        try:
            assert self._process.stdout is not None  # noqa: S101 - asked for above
            for line in self._process.stdout:
                if line.startswith("ready "):
                    self.url = line.split()[1]
                    break
        finally:
            overdue.cancel()
        if not self.url:
            self.__exit__()
            raise OperationError(f"the embedded AWS did not start{self._reason()}: see {self._log}")
        self._drain = threading.Thread(target=self._process.stdout.read, daemon=True)
        self._drain.start()
        return self

    def _reason(self) -> str:
        """Return the last that it said, which is one line where it refused to start."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f" ({lines[-1].strip()[:300]})" if lines else ""

    def __exit__(self, *_: object) -> None:
        """Stop it: politely, then its whole process group."""
        process = self._process
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if self._drain is not None:
            self._drain.join(5)
        if process.stdout is not None and (self._drain is None or not self._drain.is_alive()):
            process.stdout.close()
