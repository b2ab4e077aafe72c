"""The drill: lose the primary Region under load, recover, verify every acknowledged transaction, go back."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recovery.detection import Detection
from recovery.endpoint import ApiClient
from recovery.errors import OperationError
from recovery.failback import fail_back
from recovery.failover import fail_over
from recovery.ledger import ledger_state
from recovery.load import OpenLoopLoad, Transaction
from recovery.named_client import NamedClient
from recovery.names import Answer, CachedName, ResolutionError, ask
from recovery.verify import Findings, journal_ids, ledger_entries, until_complete, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from recovery.deployment import Deployment
    from recovery.embedded import Control
    from recovery.endpoint import Endpoint

__all__ = ["Drill", "DrillOptions", "DrillResult"]

POLL_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class DrillOptions:
    """How a drill runs; times in seconds, the rate in transactions per second."""

    rate: float = 100
    seed: int = 0
    lag_milliseconds: int = 80
    before_seconds: float = 8
    during_seconds: float = 6
    after_seconds: float = 4
    health_interval_scale: float = 1
    ledger_complete_seconds: float = 10
    patience_seconds: float = 120


@dataclass(kw_only=True)
class DrillResult:
    """What a drill measured; times are `time.monotonic()` seconds, None where it never came to that."""

    options: DrillOptions
    phases: list[tuple[str, float, float]] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    unanswered: int = 0
    error_times: list[float] = field(default_factory=list)
    error_kinds: dict[str, int] = field(default_factory=dict)
    routing: list[tuple[float, str]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    detection: Detection = field(default_factory=Detection)
    lost_at: float | None = None
    switched_at: float | None = None
    promoted_at: float | None = None
    ledger_complete_at: float | None = None
    rpo_seconds: float | None = None
    unreplicated: int = 0
    standby_missing: int = 0
    findings: Findings | None = None
    notes: list[str] = field(default_factory=list)


class Drill:
    """One drill against a deployed stage of an embedded AWS."""

    def __init__(
        self,
        endpoint: Endpoint,
        deployment: Deployment,
        control: Control,
        options: DrillOptions,
        *,
        run: str,
        say: Callable[[str], None],
    ) -> None:
        """Take the deployed stage, the embedded AWS's control endpoint, and the name of this run."""
        self._endpoint = endpoint
        self._deployment = deployment
        self._control = control
        self._say = say
        self._primary, self._secondary = deployment.regions.both
        self._name = CachedName(deployment.api_name, ask(control.state()["dns"]))
        self._load = OpenLoopLoad(
            lambda: NamedClient(endpoint, self._name),
            rate=options.rate,
            run=run,
            seed=options.seed,
        )
        self.result = DrillResult(options=options)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Record a phase and say its name."""
        self._say(name)
        start = time.monotonic()
        try:
            yield
        finally:
            self.result.phases.append((name, start, time.monotonic()))

    def run(self) -> DrillResult:
        """Run all phases; raises OperationError when one cannot be finished, with `result` as far as it got."""
        options = self.result.options
        self._control.lag(options.lag_milliseconds)
        with self.phase("warm up"):
            self._warm_up()
        self._load.start()
        try:
            with self.phase("load on the primary"):
                time.sleep(options.before_seconds)
                self._require_traffic()
            self._lose_and_recover()
            self._return()
            with self.phase("load on the primary again"):
                time.sleep(options.after_seconds)
        finally:
            self.result.unanswered = self._load.stop(drain_seconds=15)
            self._collect()
        with self.phase("verify both journals and both ledgers"):
            self.result.findings = until_complete(
                self._endpoint,
                self._deployment,
                self._load.acknowledged(),
                regions=self._deployment.regions.both,
                accounts=self._load.accounts,
                timeout_seconds=options.patience_seconds,
            )
        return self.result

    def _warm_up(self) -> None:
        """Start the functions of both Regions before anything is measured, as traffic and health checks do on AWS."""
        deadline = time.monotonic() + self.result.options.patience_seconds
        with ApiClient(self._endpoint, self._deployment.api_urls, timeout_seconds=20) as client:
            for region in self._deployment.regions.both:
                answer = None
                while answer != 200 and time.monotonic() < deadline:  # noqa: PLR2004 - OK
                    try:
                        answer, body = client.request(region, "GET", "/healthz")
                    except OSError as error:
                        answer, body = 0, repr(error).encode()
                if answer != 200:  # noqa: PLR2004 - OK
                    text = body.decode(errors="replace")[:200]
                    raise OperationError(f"{region} is not healthy before the drill: {answer} {text}")
                client.request(region, "GET", "/accounts/drill-warm-up")
        # a new inverted check is unhealthy until enough was observed, and the first answer is kept for its TTL
        checks = self._control.state
        self._wait(lambda: all(each["healthy"] for each in checks()["health_checks"].values()), "a check is unhealthy")
        self._wait(lambda: self._clients_use(self._primary), "the API's name does not lead to the primary")

    def _require_traffic(self) -> None:
        if not self._load.acknowledged():
            refused = next((one.refused for one in self._load.transactions if one.refused), "no answer")
            raise OperationError(f"nothing was acknowledged before the outage: {refused}; {self._load.error_kinds}")

    def _lose_and_recover(self) -> None:
        options, result = self.result.options, self.result
        with self.phase(f"lose {self._primary}"):
            result.lost_at = time.monotonic()
            self._control.lose(self._primary)
        with self.phase(f"clients move to {self._secondary}"):
            self._wait(lambda: self._clients_use(self._secondary), "clients did not move to the secondary")
            result.switched_at = time.monotonic()
        with self.phase("fail over"):
            fail_over(
                self._endpoint,
                self._deployment,
                reason="drill",
                timeout_seconds=options.patience_seconds,
                say=lambda line: self._say(f"  {line}"),
            )
            result.promoted_at = time.monotonic()
        with self.phase("ledger complete"):
            self._measure_loss()
        with self.phase("load on the secondary"):
            time.sleep(options.during_seconds)

    def _measure_loss(self) -> None:
        """Say what the surviving Region lacks now, and when its ledger holds all that its journal does."""
        result = self.result
        acknowledged = self._load.acknowledged()
        journal = journal_ids(self._endpoint, self._deployment, self._secondary)
        away = [one for one in acknowledged if one.id not in journal and one.region == self._primary]
        result.unreplicated = len(away)
        lost_at = result.lost_at or 0.0
        oldest = min((one.acknowledged_at or lost_at for one in away), default=lost_at)
        result.rpo_seconds = max(0.0, lost_at - oldest) if away else 0.0
        wanted = {str(one.id) for one in acknowledged if one.id in journal}
        result.standby_missing = len(wanted - set(ledger_entries(self._endpoint, self._deployment, self._secondary)))
        self._wait(
            lambda: not wanted - set(ledger_entries(self._endpoint, self._deployment, self._secondary)),
            "the new writer's ledger does not catch up with its journal",
        )
        result.ledger_complete_at = time.monotonic()

    def _return(self) -> None:
        options = self.result.options
        with self.phase(f"restore {self._primary}"):
            self._control.restore(self._primary)
        with self.phase("converge"):
            self._converge(self._load.acknowledged())
        with self.phase("fail back"):
            fail_back(
                self._endpoint,
                self._deployment,
                reason="drill",
                wait_seconds=options.patience_seconds,
                timeout_seconds=options.patience_seconds,
                say=lambda line: self._say(f"  {line}"),
            )
            self._wait(lambda: self._clients_use(self._primary), "clients did not return to the primary")

    def _converge(self, acknowledged: Sequence[Transaction]) -> None:
        def rebuilt() -> bool:
            try:
                state = ledger_state(self._endpoint, self._deployment, self._secondary)
                found = verify(self._endpoint, self._deployment, acknowledged, regions=self._deployment.regions.both)
            except OperationError:
                return False  # the old primary is still being rebuilt
            return state.status == "available" and found.complete

        self._wait(rebuilt, "the Regions did not converge")

    def _wait(self, condition: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + self.result.options.patience_seconds
        while not condition():
            if time.monotonic() >= deadline:
                raise OperationError(f"{otherwise} within {self.result.options.patience_seconds:.0f} s")
            time.sleep(POLL_SECONDS)

    def _collect(self) -> None:
        self.result.transactions = list(self._load.transactions)
        self.result.error_times = list(self._load.error_times)
        self.result.error_kinds = dict(self._load.error_kinds)
        self.result.routing = list(self._name.changes)
        self.result.answers = list(self._name.answers)
        if self.result.answers:
            self.result.detection = Detection.seen(self._control.state(), self.result.answers)

    def _clients_use(self, region: str) -> bool:
        try:
            return self._name.region() == region
        except ResolutionError:
            return False
