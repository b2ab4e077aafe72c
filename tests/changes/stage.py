"""A stage in an embedded AWS whose settings change after its first deployment, with clients that keep count."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contract.patterns import EMBEDDED_ACCOUNT
from contract.waiting import wait_until
from drills.clients.load import Transaction
from drills.embedded.cdk import CdkCli, Synthesis
from drills.embedded.isolation import isolated_environment
from drills.measure.lookup import verify
from operations.deployment import Deployment, Regions, find_deployment
from operations.endpoint import ApiClient, Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
REGIONS = Regions()
DOMAIN = "staging.tandem-rehearsal.net"
"""A name that nobody has and that is not reserved: Route 53 makes no zone for a reserved one."""
LONG = pytest.mark.skipif("TANDEM_CHANGES" not in os.environ, reason="takes minutes: make changes runs it")
"""Rows that `make test` leaves to `make changes`."""

PATIENCE_SECONDS = 120
PAUSE_SECONDS = 0.2


def synthesized(settings: str, stage: str, folder: Path, *, source: Path = ROOT) -> Path:
    """Have the app of the checkout at `source` synthesize a stage from this text of settings; return the assembly.

    The app reads `settings/` beside itself, so it is run as a copy that has settings of its own.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "settings").mkdir(parents=True)
    shutil.copy(source / "app.py", folder)
    (folder / "settings" / f"{stage}.toml").write_text(settings, encoding="utf-8")
    context = json.loads((source / "cdk.json").read_text(encoding="utf-8"))["context"]
    assembly = folder / "cdk.out"
    environment = isolated_environment(None) | {
        "CDK_CONTEXT_JSON": json.dumps({**context, "stage": stage, "account": EMBEDDED_ACCOUNT}),
        "CDK_OUTDIR": str(assembly),
        "CDK_VALIDATION": "false",
        "PYTHONPATH": os.pathsep.join(str(source / each) for each in ("", "constructs", "runtime")),
    }
    done = subprocess.run(
        [sys.executable, "-O", "app.py"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return assembly


class Stage:
    """One stage: what its settings say now, what was deployed, and every transaction that was acknowledged."""

    def __init__(self, url: str, name: str, work: Path, *, source: str = "staging") -> None:
        self.url, self.name, self.work = url, name, work
        text = (ROOT / "settings" / f"{source}.toml").read_text(encoding="utf-8")
        self.settings = text.replace(f'stage = "{source}"', f'stage = "{name}"')
        self.endpoint = Endpoint(url)
        self.transactions: list[Transaction] = []
        self.problems: list[str] = []
        self._steps = 0

    def change(self, *edits: tuple[str, str]) -> None:
        """Edit the settings' text; each edit must meet something."""
        for before, after in edits:
            assert re.search(before, self.settings), f"{before!r} is not in the settings"
            self.settings = re.sub(before, after, self.settings)

    def put(self, table: str, lines: str) -> None:
        """Add lines to a table of the settings, which is made where there is none."""
        if f"[{table}]\n" in self.settings:
            self.settings = self.settings.replace(f"[{table}]\n", f"[{table}]\n{lines}\n")
        else:
            self.settings += f"\n[{table}]\n{lines}\n"

    def synthesize(self) -> Path:
        """Synthesize what the settings say now, once for several deployments."""
        self._steps += 1
        return synthesized(self.settings, self.name, self.work / str(self._steps))

    def first(self, *, assembly: Path | None = None) -> None:
        """Bootstrap both Regions and deploy every stack."""
        cli = self._cli(assembly)
        cli.prepare(self.name, REGIONS, synthesis=_Finished(self.work))
        cli.deploy()

    def deploy(self, *stacks: str, assembly: Path | None = None) -> None:
        """Deploy what the settings say now: the stacks in this order, or all; raises OperationError as the CLI does."""
        cli = self._cli(assembly)
        for stack in stacks:
            cli.deploy(stack)
        if not stacks:
            cli.deploy()

    def _cli(self, assembly: Path | None) -> CdkCli:
        self._steps += 1
        folder = self.work / str(self._steps)
        assembly = assembly or synthesized(self.settings, self.name, folder)
        return CdkCli(self.url, folder, assembly=assembly)

    @property
    def deployment(self) -> Deployment:
        """What is deployed now."""
        return find_deployment(self.endpoint, self.name, REGIONS)

    def post(self, region: str = REGIONS.primary, *, count: int = 1) -> None:
        """Have a client post transactions and remember those that are acknowledged, and what else is answered."""
        with ApiClient(self.endpoint, self.deployment.api_urls, timeout_seconds=20) as client:
            for _ in range(count):
                key = uuid.uuid4().hex
                body = {"debit_account": "a", "credit_account": "b", "amount": "1.00", "currency": "EUR"}
                headers = {"content-type": "application/json", "idempotency-key": key}
                status, answer = client.request(
                    region, "POST", "/transactions", body=json.dumps(body).encode(), headers=headers
                )
                if status == 201:
                    known = json.loads(answer)["id"]
                    made = Transaction(key=key, body=body, due=0.0, acknowledged_at=0.0, id=known, ids={known})
                    self.transactions.append(made)
                else:
                    self.problems.append(f"{status} {answer[:200]!r}")

    @contextmanager
    def traffic(self) -> Iterator[None]:
        """Have a client post all the time; at the end nothing acknowledged is missing, and nothing was refused."""
        ended = threading.Event()

        def run() -> None:
            while not ended.is_set():
                try:
                    self.post()
                except OSError as error:
                    self.problems.append(str(error))
                ended.wait(PAUSE_SECONDS)

        client = threading.Thread(target=run)
        before = len(self.transactions)
        client.start()
        try:
            yield
            self.post()
        finally:
            ended.set()
            client.join()
        assert len(self.transactions) > before
        self.assert_nothing_is_lost()

    def assert_nothing_is_lost(self) -> None:
        """Look up every transaction in both journals and ledgers, once they had time to arrive."""
        wait_until(lambda: self._found().complete, seconds=PATIENCE_SECONDS, pause=PAUSE_SECONDS)
        findings = self._found()
        assert findings.complete, findings
        assert self.problems == []

    def _found(self) -> Any:
        return verify(self.endpoint, self.deployment, self.transactions, regions=REGIONS.both)

    def client(self, service: str, region: str = REGIONS.primary) -> Any:
        """A client of the embedded AWS."""
        return self.endpoint._client(service, region)  # noqa: SLF001 - tests look at more services than operators do


class _Finished(Synthesis):
    """A synthesis that has ended: its templates are there."""

    def __init__(self, work: Path) -> None:
        work.mkdir(parents=True, exist_ok=True)
        self.log = work / "synth.log"
        self.process = subprocess.Popen([sys.executable, "-c", ""])
