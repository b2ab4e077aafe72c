"""What the CDK CLI's `--progress events` log says of how far it is."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from drills.progress import Progress

EVENT = re.compile(r"(?P<stack>\S+) \| +(?P<done>\d+)/(?P<resources>\d+) \|")
FINISHED = re.compile(r"\s*✅\s+(?P<name>\S+) \((?P<stack>[^)]+)\)")
POLL_SECONDS = 0.2
LAST_LINES = 15


@dataclass(kw_only=True)
class CdkLog:
    """Counts each stack's resources, line by line."""

    finished: dict[str, int] = field(default_factory=dict)
    under_way: dict[str, tuple[int, int]] = field(default_factory=dict)

    def read(self, line: str) -> str | None:
        """Take a line; return what to tell when it says that a stack is finished."""
        if event := EVENT.match(line):
            self.under_way[event["stack"]] = (int(event["done"]), int(event["resources"]))
        elif end := FINISHED.match(line):
            count, _ = self.under_way.pop(end["stack"], (0, 0))
            self.finished[end["name"]] = count
            return f"{end['name']} is done: {count} resources"
        return None

    @property
    def state(self) -> str:
        """How far the stacks are that are not finished."""
        return " · ".join(f"{stack} {count} of {resources}" for stack, (count, resources) in self.under_way.items())


def follow(process: subprocess.Popen[bytes], log: Path, progress: Progress) -> None:
    """Tell what the process writes to its log until it ends."""
    cdk_log, began, rest = CdkLog(), time.monotonic(), ""
    with log.open(errors="replace") as lines:
        running = True
        while running:
            running = process.poll() is None
            rest += lines.read()
            *whole, rest = rest.split("\n")
            for line in whole:
                if told := cdk_log.read(line):
                    progress.say(f"  {told}, {time.monotonic() - began:.1f} s")
            if cdk_log.state:
                progress.show(cdk_log.state)
            if running:
                time.sleep(POLL_SECONDS)
    progress.close()


def last_lines(log: Path) -> list[str]:
    """Return the last lines of a log that say anything."""
    lines = [line.rstrip() for line in log.read_text(errors="replace").splitlines()]
    return [line for line in lines if line.strip()][-LAST_LINES:]
