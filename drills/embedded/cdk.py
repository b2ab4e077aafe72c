"""The real CDK CLI, deploying into an embedded AWS."""

from __future__ import annotations

import math
import subprocess
from typing import TYPE_CHECKING, Self

from contract.patterns import EMBEDDED_ACCOUNT
from contract.waiting import wait_until
from drills.embedded.cdk_progress import POLL_SECONDS, follow, last_lines
from drills.embedded.control import Control
from drills.embedded.isolation import ROOT, isolated_environment
from drills.embedded.zones import make_imported_zone
from operations.deployment import settings_of
from operations.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from drills.progress import Progress
    from operations.deployment import Regions


def deploy(url: str, stage: str, regions: Regions, *, work: Path, concurrency: int = 4) -> None:
    """Bootstrap both Regions and deploy every stack of the stage from templates synthesized once.

    Output of the CDK CLI goes to log files in `work`; raises OperationError naming the log of the command that failed.
    """
    CdkCli(url, work, concurrency=concurrency).prepare(stage, regions).deploy()


class Synthesis:
    """Templates of a stage being synthesized: that needs no AWS, so it may begin before there is one."""

    def __init__(self, stage: str, work: Path, *, assembly: Path | None = None) -> None:
        """Take a folder for the log and, below it unless told otherwise, the templates."""
        work.mkdir(parents=True, exist_ok=True)
        self.log = work / "synth.log"
        output = str(assembly or work / "cdk.out")
        command = [
            "cdk",
            "synth",
            "--quiet",
            "--output",
            output,
            "-c",
            f"stage={stage}",
            "-c",
            f"account={EMBEDDED_ACCOUNT}",
            "-c",
            "delegated=true",  # the embedded DNS answers for every zone, so that a certificate can be validated
        ]
        self.process = _start(command, isolated_environment(None) | {"CDK_VALIDATION": "false"}, ROOT, self.log)

    def stop(self) -> None:
        """End it, if it has not ended."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


class CdkCli:
    """The real CDK CLI, working on an embedded AWS from templates synthesized once."""

    def __init__(
        self,
        url: str,
        work: Path,
        *,
        assembly: Path | None = None,
        region: str = "us-east-1",
        concurrency: int = 4,
        home: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Take a folder for logs, the templates' folder if they are there already, and the CLI's own Region.

        The CLI asks STS there who it is, and remembers the answer in `home`: give a Region that is not lost. `progress`
        is told how far it is, and the CLI's own last lines when it fails.
        `assembly` is kept as an attribute.
        """
        self._url, self._work, self._progress = url, work, progress
        self.assembly = assembly or work / "cdk.out"
        self._concurrency = concurrency
        self._environment = isolated_environment(url) | {"CDK_VALIDATION": "false", "AWS_REGION": region}
        if home is not None:
            self._environment["CDK_HOME"] = str(home)
        work.mkdir(parents=True, exist_ok=True)

    def prepare(self, stage: str, regions: Regions, *, synthesis: Synthesis | None = None) -> Self:
        """Bootstrap both Regions and synthesize the stage, side by side, or finish a synthesis that was begun.

        A hosted zone that the stage's settings import is made first, as whoever imports one on AWS has done.
        """
        make_imported_zone(Control(self._url), settings_of(stage))
        synthesis = synthesis or Synthesis(stage, self._work, assembly=self.assembly)
        elsewhere = self._work / "bootstrap"  # no cdk.json there, so that bootstrapping does not synthesize
        elsewhere.mkdir(exist_ok=True)
        targets = [f"aws://{EMBEDDED_ACCOUNT}/{region}" for region in regions.both]
        bootstrap = _start(["cdk", "bootstrap", *targets], self._environment, elsewhere, self._work / "bootstrap.log")
        self._watch(bootstrap=bootstrap, synthesis=synthesis.process)
        self._end(synthesis.process, synthesis.log)
        self._end(bootstrap, self._work / "bootstrap.log")
        return self

    def deploy(self, *stacks: str) -> None:
        """Deploy these stacks and nothing they depend on, or all of them."""
        which = [*stacks, "--exclusively"] if stacks else ["--all"]
        options = ["--require-approval", "never", "--concurrency", str(self._concurrency), "--progress", "events"]
        self._run("deploy", [*which, *options])

    def destroy(self, stack: str) -> None:
        """Destroy one stack."""
        self._run("destroy", [stack, "--exclusively", "--force"])

    def _run(self, command: str, arguments: Sequence[str]) -> None:
        log = self._work / f"{command}.log"
        process = _start(["cdk", command, "--app", str(self.assembly), *arguments], self._environment, ROOT, log)
        if self._progress is not None:
            follow(process, log, self._progress)
        self._end(process, log)

    def _watch(self, **processes: subprocess.Popen[bytes]) -> None:
        """Show which of these have not ended, until one has failed or all have ended; how is asked afterwards."""
        progress = self._progress
        if progress is None:
            return

        def is_over() -> bool:
            codes = {name: process.poll() for name, process in processes.items()}
            progress.show("not finished: " + " and ".join(name for name, code in codes.items() if code is None))
            return None not in codes.values() or any(codes.values())

        wait_until(is_over, seconds=math.inf, pause=POLL_SECONDS)
        progress.close()

    def _end(self, process: subprocess.Popen[bytes], log: Path) -> None:
        try:
            _finish(process, log)
        except OperationError:
            if self._progress is not None:
                for line in last_lines(log):
                    self._progress.say(f"  | {line}")
            raise


def destroy(url: str, *, work: Path) -> None:
    """Destroy every stack of the stage that `deploy` deployed from `work`; raises OperationError naming the log.

    Stacks that are protected from termination are not destroyed: take the protection off first, as in AWS.
    """
    command = ["cdk", "destroy", "--all", "--force", "--app", str(work / "cdk.out")]
    log = work / "destroy.log"
    _finish(_start(command, isolated_environment(url) | {"CDK_VALIDATION": "false"}, ROOT, log), log)


def _start(command: Sequence[str], environment: dict[str, str], folder: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)


def _finish(process: subprocess.Popen[bytes], log: Path) -> None:
    if process.wait() != 0:
        lines = log.read_text(errors="replace").strip().splitlines()
        last = next((line.strip() for line in reversed(lines) if line.strip()), "no output")
        raise OperationError(f"{log.stem} failed ({last[:300]}): see {log}")
