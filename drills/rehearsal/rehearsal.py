"""What happens on a game day: an experiment is started or joined, watched until it has ended, and all is looked up."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from contract.game_days import EXPERIMENTS, SCENARIO
from contract.parameters import PLAN_ARN
from contract.waiting import wait_until
from drills.clients.fleet import Fleet
from drills.clients.load import OpenLoopLoad
from drills.clients.resolver import ask
from drills.clients.tls import tls_of
from drills.embedded.control import Control
from drills.history.events import DrillBegan, LoadStopped, LookedUp, PhaseBegan, PhaseEnded, ScenarioBegan
from drills.history.seen import ApiSilenceAsked, CanaryAsked, ExperimentAsked, ExperimentSeen
from drills.measure.detection import Detection
from drills.measure.lookup import until_complete
from drills.options import DrillOptions
from drills.rehearsal.watch import API_SECONDS, Watch
from drills.report.surroundings import surroundings
from operations import experiments
from operations.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drills.history.events import Event
    from drills.history.history import History
    from operations.deployment import Deployment
    from operations.endpoint import Endpoint
    from operations.experiments import Experiment

CLIENTS = 12
LOOK_SECONDS = 1.0
CONNECT_SECONDS = 5.0
DRAIN_SECONDS = 15.0
UNDO_SECONDS = 900.0
"""How long FIS may take to undo what an experiment that is stopped has done."""
_NO_LOAD = ("lost", "duplicated", "different_answers", "ledger_missing", "unanswered", "refused", "balances")
_NO_LOSS = (
    "write_rto_seconds",
    "clients_moved_seconds",
    "ledger_rto_seconds",
    "ledger_complete_seconds",
    "rpo_seconds",
)


@dataclass(frozen=True, kw_only=True)
class GameDay:
    """What a game day is given: a name to start, or the id of an experiment that runs already; seconds around it.

    `rate` is a load of its own in transactions per second, 0 for none.
    """

    name: str
    running: str | None
    rate: float
    strong: bool
    before_seconds: float
    after_seconds: float
    longest_seconds: float


class Rehearsal:
    """One game day on a deployed stage, of AWS or of an embedded one."""

    def __init__(
        self,
        endpoint: Endpoint,
        deployment: Deployment,
        given: GameDay,
        *,
        history: History,
        run: str,
        say: Callable[[str], None],
    ) -> None:
        """Take the stage, what is asked, and the name of this run; what happens is noted in `history`."""
        self._endpoint, self._deployment, self._given = endpoint, deployment, given
        self._history, self._run_name, self._say = history, run, say
        state = Control(endpoint.url).state() if endpoint.embedded and endpoint.url else None
        self._server: dict[str, Any] | None = state["dns"] if state else None
        self._tls = tls_of(state) if state else None
        scale = float(state["routing_time_scale"]) if state else 1.0
        seen_late = API_SECONDS + DrillOptions.answer_seconds  # the pause between two questions, and one unanswered
        self._most_silence = Detection().bound_seconds * scale + CONNECT_SECONDS + seen_late
        self._options = DrillOptions(
            rate=given.rate,
            lag_milliseconds=0,
            before_seconds=given.before_seconds,
            during_seconds=given.longest_seconds,
            after_seconds=given.after_seconds,
            routing_time_scale=scale,
            silence_seconds=self._most_silence,
        )
        self._load = self._loaded(given.rate, scale) if given.rate else None
        self._interrupted = False

    def run(self) -> None:
        """Run all of it; raises OperationError when a part of it cannot be done."""
        self._begin()
        watch = Watch(
            self._endpoint,
            self._deployment,
            note=self._note,
            server=self._server,
            tls=self._tls,
            answer_seconds=self._options.answer_seconds,
        )
        began = time.monotonic()
        with watch:
            with self._loading():
                with self._phase("before the experiment"):
                    self._rest(self._given.before_seconds)
                self._note(ScenarioBegan(at=time.monotonic()))
                with self._phase("experiment"):
                    self._experiment(watch)
                with self._phase("after the experiment"):
                    self._rest(self._given.after_seconds)
            self._note(ApiSilenceAsked(at=time.monotonic(), since=began, most_seconds=self._most_silence))
            watch.read_canary()
            self._note(CanaryAsked(at=time.monotonic()))
        self._look_up()

    def _begin(self) -> None:
        given, deployment, regions = self._given, self._deployment, self._deployment.regions
        around = surroundings(deployment.stage, at=time.monotonic())
        self._note(around if self._endpoint.embedded else replace(around, differences=()))
        nothing_sent = "no load was asked for" if not given.rate else None
        reasons = dict.fromkeys(_NO_LOAD, nothing_sent) if nothing_sent else {}
        reasons |= dict.fromkeys(_NO_LOSS, "no Region is lost")
        self._note(
            DrillBegan(
                at=time.monotonic(),
                began=datetime.now(tz=UTC),
                run=self._run_name,
                stage=deployment.stage,
                scenario=f"{SCENARIO}{given.name}",
                summary=f"AWS FIS acts on {regions.primary}: it {EXPERIMENTS.get(given.name, 'runs an experiment')}",
                not_applicable={name: reason for name, reason in reasons.items() if reason},
                options=self._options,
                primary=regions.primary,
                secondary=regions.secondary,
                strong=given.strong,
                plan=deployment.find(regions.secondary, PLAN_ARN) is not None,
                clients=CLIENTS if given.rate else 1,
                emulated=self._endpoint.embedded,
            )
        )

    def _experiment(self, watch: Watch) -> None:
        """Start it or join it, and wait until it has ended; noted is each state that it comes to."""
        endpoint, deployment, given = self._endpoint, self._deployment, self._given
        if given.running is None:
            experiment = experiments.start(endpoint, deployment, given.name)
            self._say(f"experiment {experiment.id} was started; to stop it: Ctrl-C, or")
            self._say(f"  {experiments.stop_command(deployment, experiment.id)}")
        else:
            experiment = experiments.look(endpoint, deployment, given.running)
        try:
            self._follow(experiment, watch)
        except KeyboardInterrupt:
            self._interrupted = True
            if given.running is not None:
                self._say(f"experiment {experiment.id} goes on: this command only watched it")
            else:
                self._say(f"experiment {experiment.id} is being stopped")
                experiments.stop(endpoint, deployment, experiment.id)
                self._follow(experiment, watch)
        self._note(ExperimentAsked(at=time.monotonic(), interrupted=self._interrupted))

    def _follow(self, experiment: Experiment, watch: Watch) -> None:
        """Wait until the experiment has ended; raises OperationError when it does not within its time and a while."""
        told: tuple[str, str | None] | None = None

        def ended() -> bool:
            nonlocal told
            now = experiments.look(self._endpoint, self._deployment, experiment.id)
            if told != (now.status, region := watch.region()):
                told = (now.status, region)
                self._say(f"experiment {now.status}, {self._deployment.api_name} leads to {region or 'nobody'}")
                self._note(
                    ExperimentSeen(
                        at=time.monotonic(), experiment=now.id, name=now.name, status=now.status, reason=now.reason
                    )
                )
            return now.ended

        limit = self._given.longest_seconds + UNDO_SECONDS
        if not wait_until(ended, seconds=limit, pause=LOOK_SECONDS):
            raise OperationError(
                f"experiment {experiment.id} has not ended after {limit:.0f} s: "
                f"{experiments.stop_command(self._deployment, experiment.id)}"
            )

    def _rest(self, seconds: float) -> None:
        """Let the watch go on; Ctrl-C ends it, and the rest of a game day that was broken off is not waited for."""
        if self._interrupted:
            return
        try:
            time.sleep(seconds)
        except KeyboardInterrupt:
            self._interrupted = True
            if not self._history.of(ExperimentSeen):
                raise OperationError("broken off before the experiment was started, and nothing was changed") from None

    def _loaded(self, rate: float, scale: float) -> OpenLoopLoad:
        clients = Fleet(
            self._endpoint,
            self._deployment.api_name,
            ask(self._server, ttl_scale=scale),
            clients=CLIENTS,
            seed=self._options.seed,
            answer_seconds=self._options.answer_seconds,
            tls=self._tls,
        )
        return OpenLoopLoad(
            clients.connect, rate=rate, run=self._run_name, seed=self._options.seed, workers=CLIENTS, note=self._note
        )

    @contextlib.contextmanager
    def _loading(self) -> Iterator[None]:
        """The load that was asked for, if any, for the time of the context."""
        if self._load is None:
            yield
            return
        self._load.start()
        try:
            yield
        finally:
            unanswered = self._load.stop(
                drain_seconds=max(DRAIN_SECONDS, self._options.answer_seconds),
                longest_seconds=self._options.patience_seconds,
            )
            self._note(LoadStopped(at=time.monotonic(), unanswered=unanswered))

    def _look_up(self) -> None:
        """Look every acknowledged transaction up in both journals and both ledgers."""
        if self._load is None:
            return
        with self._phase("verify journals and ledgers"):
            findings = until_complete(
                self._endpoint,
                self._deployment,
                self._load.acknowledged(),
                regions=self._deployment.regions.both,
                accounts=self._load.accounts,
                timeout_seconds=self._options.patience_seconds,
            )
            self._note(LookedUp(at=time.monotonic(), findings=findings))

    @contextlib.contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        self._say(name)
        self._note(PhaseBegan(at=time.monotonic(), name=name))
        try:
            yield
        finally:
            self._note(PhaseEnded(at=time.monotonic(), name=name))

    def _note(self, event: Event) -> None:
        self._history.append(event)
