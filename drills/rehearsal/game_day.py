"""`tandem game-day`: an experiment is started or joined, watched until it has ended, judged and reported."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contract.game_days import SCENARIO
from drills.embedded.isolation import ROOT
from drills.evidence.manifest import private_key, seal
from drills.evidence.provenance import provenance
from drills.evidence.runs import new_folder
from drills.history.derived import result_of
from drills.history.events import DrillEnded
from drills.history.history import FILE, History
from drills.rehearsal.rehearsal import Rehearsal
from drills.report import build_report, print_summary, write_report
from operations.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console

    from drills.rehearsal.rehearsal import GameDay
    from operations.deployment import Deployment
    from operations.endpoint import Endpoint


def run_game_day(
    endpoint: Endpoint,
    deployment: Deployment,
    given: GameDay,
    *,
    folder: Path,
    console: Console,
    say: Callable[[str], None],
    key: Path | None = None,
) -> int:
    """Run it and write its report into a folder of its own below `folder`; return 0, or 1 when it did not pass.

    Ctrl-C stops an experiment that this started, and leaves one alone that it only watches.
    """
    if key is not None:
        private_key(key)  # minutes later would be too late to say that it is none
    run = uuid.uuid4().hex[:8]
    folder = new_folder(folder, scenario=f"{SCENARIO}{given.name}", began=datetime.now(tz=UTC), run=run)
    with History(folder / FILE) as history:
        history.append(provenance(ROOT / "cdk.out", at=time.monotonic()))
        rehearsal = Rehearsal(endpoint, deployment, given, history=history, run=run, say=say)
        failure = None
        try:
            rehearsal.run()
        except OperationError as error:
            failure = " ".join(str(error).split())
            say(f"failed: {failure}")
        history.append(DrillEnded(at=time.monotonic(), failure=failure))
    report = build_report(result_of(history.events))
    write_report(report, folder)
    seal(folder, key=key)
    print_summary(report, folder, console)
    return 0 if report["passed"] else 1
