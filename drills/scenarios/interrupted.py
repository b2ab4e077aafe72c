"""A failover whose operator dies half way."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from drills.embedded.isolation import ROOT, isolated_environment
from drills.history.events import Promoted
from drills.history.seen import FailoverKilled
from operations.errors import OperationError
from operations.global_database import ledger_state
from operations.invocations import takeover
from operations.stopping import TRAFFIC_MOVED, wait_until_stopped

if TYPE_CHECKING:
    from drills.context import DrillContext


def failover_dies_and_is_run_again(context: DrillContext) -> None:
    """Kill `tandem failover` once traffic has moved and before the writer has; running it again finishes the job."""
    command = [sys.executable, "-m", "command.cli", "failover", "--stage", context.deployment.stage]
    command += ["--endpoint-url", str(context.endpoint.url), "--reason", "drill"]
    command += ["--force", "--yes"]  # the Region was lost seconds ago: its last heartbeat is not old yet
    command += ["--primary-region", context.primary, "--secondary-region", context.secondary]
    command += ["--timeout", f"{context.options.patience_seconds:g}"]
    environment = isolated_environment(context.endpoint.url)
    with context.phase("fail over, killed half way"):
        # it stops itself, so that it dies there and nowhere else, however slow or fast this machine is
        process = subprocess.Popen(
            [*command, "--stop-at", TRAFFIC_MOVED], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, text=True
        )
        try:
            stopped = wait_until_stopped(process)
        finally:
            process.kill()
            status = process.wait()
        writer = ledger_state(context.endpoint, context.deployment, context.secondary).writer_region
        switch = takeover(context.endpoint, context.deployment, "status", "drill")
        context.say_below(f"killed at {TRAFFIC_MOVED!r}; switch set: {switch}; {writer} writes")
        context.history.append(
            FailoverKilled(at=time.monotonic(), stopped=stopped, status=status, switch=switch, writer=writer)
        )
    with context.phase("fail over, run again"):
        again = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if again.returncode:
            raise OperationError(f"tandem failover, run again, ended with {again.returncode}: {again.stderr.strip()}")
        context.history.append(Promoted(at=time.monotonic(), region=context.secondary))
