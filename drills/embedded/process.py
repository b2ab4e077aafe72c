"""The embedded AWS as a process of its own, and the real CDK CLI deploying into it, cut off from the operator's AWS."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from contract.patterns import EMBEDDED_ACCOUNT
from drills.embedded.cdk_progress import follow, last_lines
from operations.errors import OperationError, WrongInputError
from operations.loopback import NO_PROXY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drills.progress import Progress
    from operations.deployment import Regions

__all__ = ["ROOT", "CdkCli", "Control", "EmbeddedAws", "Synthesis", "deploy", "destroy", "isolated_environment"]

ROOT = Path(__file__).resolve().parents[2]
OK = 200


class Control:
    """The embedded AWS's control endpoint: outages and lag. The real AWS has none, and none is ever sent to it."""

    def __init__(self, url: str) -> None:
        """Take the endpoint's URL; raises WrongInputError when nothing there answers as an embedded AWS."""
        self._netloc = urlsplit(url).netloc
        try:
            self.state()
        except (OSError, http.client.HTTPException, OperationError) as error:
            raise WrongInputError(
                f"--endpoint-url {url} is not an embedded AWS ({error}): leave it out to have one started; a drill "
                "injects nothing into AWS, there run the FIS scenario 'Cross-Region: Connectivity' (docs/runbook.md)"
            ) from error

    def state(self) -> dict[str, Any]:
        """Return lost Regions, lag, pending replication."""
        return self._call("GET", "state")

    def lose(self, region: str) -> None:
        """Lose a Region: its endpoints refuse, its workers and its database are killed."""
        self._call("POST", f"regions/{region}/lose")

    def restore(self, region: str) -> None:
        """Bring a lost Region back."""
        self._call("POST", f"regions/{region}/restore")

    def lose_database(self, region: str) -> None:
        """Kill the Region's database; its API and its functions live on."""
        self._call("POST", f"regions/{region}/database/lose")

    def restore_database(self, region: str) -> None:
        """Bring the Region's database back, as a standby where another Region's took over."""
        self._call("POST", f"regions/{region}/database/restore")

    def lose_api(self, region: str) -> None:
        """Have the Region's API answer nobody; its functions and its database live on."""
        self._call("POST", f"regions/{region}/api/lose")

    def restore_api(self, region: str) -> None:
        """Bring the Region's API back."""
        self._call("POST", f"regions/{region}/api/restore")

    def partition(self, *, on: bool, isolated: str | None = None) -> None:
        """Cut one Region off, the secondary unless `isolated` names another, or mend the link.

        Both go on, but for the strongly consistent tables of the isolated one: a witness stays with the other side.
        """
        self._call("POST", "partition/" + (f"on/{isolated}" if on and isolated else "on" if on else "off"))

    def record_calls(self) -> None:
        """Record every call from now on, and forget those before."""
        self._call("POST", "calls/clear")
        self._call("POST", "calls/on")

    def calls(self) -> list[dict[str, Any]]:
        """Return the calls recorded so far, oldest first; raises OperationError when the record is not whole."""
        found = self._call("GET", "calls")
        if found["dropped"]:
            raise OperationError(f"{found['dropped']} calls were dropped: clear the record more often")
        return list(found["calls"])

    def lag(self, milliseconds: int) -> None:
        """Set the replication lag between Regions."""
        self._call("POST", f"lag/{milliseconds}")

    def _call(self, method: str, path: str) -> dict[str, Any]:
        connection = http.client.HTTPConnection(self._netloc, timeout=60)
        try:
            connection.request(method, f"/_emulator/{path}")
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status != OK:
            raise OperationError(f"{method} /_emulator/{path} answered {response.status}")
        try:
            result = json.loads(body or b"{}")
        except ValueError:
            raise OperationError(f"{method} /_emulator/{path} answered no JSON: {body[:40]!r}") from None
        return result if isinstance(result, dict) else {}


class EmbeddedAws:
    """Starts the embedded AWS and stops it, with everything it started."""

    def __init__(
        self,
        regions: Regions,
        *,
        state: Path,
        lag_milliseconds: int,
        port: int | None = None,
        alarm_period_scale: float = 1.0,
        routing_time_scale: float = 1.0,
    ) -> None:
        """Take the Regions to serve, the folder for its state, the replication lag, and a port (any free one).

        `alarm_period_scale` multiplies the periods of CloudWatch alarms and `routing_time_scale` the intervals of
        health checks, never their thresholds.
        """
        self._port = port or _free_port()
        self._arguments = [
            str(ROOT / ".venv-emulator" / "bin" / "python"),
            *("-m", "emulator", "--state-dir", str(state), "--port", str(self._port)),
            *("--regions", ",".join(regions.both), "--lag-milliseconds", str(lag_milliseconds)),
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
            raise OperationError(f"the embedded AWS did not start: see {self._log}")
        self._drain = threading.Thread(target=self._process.stdout.read, daemon=True)
        self._drain.start()
        return self

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
            if process.stdout is not None and not self._drain.is_alive():
                process.stdout.close()


def isolated_environment(url: str | None) -> dict[str, str]:
    """Return an environment with no trace of the operator's AWS, pointing at `url` when one is given."""
    cache = ROOT / ".cache"
    node = ROOT / ".venv" / "bin" / "node"
    environment = {
        "PATH": os.pathsep.join(
            [str(ROOT / ".venv/bin"), str(ROOT / "node_modules/.bin"), os.environ.get("PATH", os.defpath)]
        ),
        "HOME": str(cache / "home"),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "TMPDIR": os.environ.get("TMPDIR", "/tmp"),  # noqa: S108 - the default of the platform
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_HOME": str(cache / "cdk"),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache / "jsii"),
        "PYTHONPYCACHEPREFIX": str(cache / "pycache"),
        "NO_COLOR": "1",
        "NO_PROXY": NO_PROXY,
        "no_proxy": NO_PROXY,
    }
    (cache / "home").mkdir(parents=True, exist_ok=True)
    if node.exists():
        environment["JSII_NODE"] = str(node)
    if url is not None:
        environment |= {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }
    return environment


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
        self._work, self._progress = work, progress
        self.assembly = assembly or work / "cdk.out"
        self._concurrency = concurrency
        self._environment = isolated_environment(url) | {"CDK_VALIDATION": "false", "AWS_REGION": region}
        if home is not None:
            self._environment["CDK_HOME"] = str(home)
        work.mkdir(parents=True, exist_ok=True)

    def prepare(self, stage: str, regions: Regions, *, synthesis: Synthesis | None = None) -> Self:
        """Bootstrap both Regions and synthesize the stage, side by side, or finish a synthesis that was begun."""
        synthesis = synthesis or Synthesis(stage, self._work, assembly=self.assembly)
        elsewhere = self._work / "bootstrap"  # no cdk.json there, so that bootstrapping does not synthesize
        elsewhere.mkdir(exist_ok=True)
        targets = [f"aws://{EMBEDDED_ACCOUNT}/{region}" for region in regions.both]
        bootstrap = _start(["cdk", "bootstrap", *targets], self._environment, elsewhere, self._work / "bootstrap.log")
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


def _free_port() -> int:
    while True:
        with socket.socket() as found, socket.socket(type=socket.SOCK_DGRAM) as names:
            found.bind(("127.0.0.1", 0))
            port: int = found.getsockname()[1]
            try:
                names.bind(("127.0.0.1", port))
            except OSError:
                continue  # taken for UDP, which DNS needs
            return port
