"""A deployed stage that is played with: clients, what is done to it, and what is seen of it, each second."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Any, Self

from contract.database import ADMINISTRATOR
from contract.parameters import DATABASE_SECRET_ARN
from drills.clients.fleet import Fleet
from drills.clients.resolver import CachedName, ResolutionError, ask
from drills.clients.tls import tls_of
from drills.history.played import LoadExpired, LookFailed
from drills.play.actions import action_of
from drills.play.doing import Doer
from drills.play.lines import Ledger, Places, lines
from drills.play.load import PlayedLoad
from drills.play.seen import Seen, changes, line_of, state_of
from drills.play.traffic import Traffic
from drills.play.words import CLIENTS, event_of
from operations.deployment import find_deployment
from operations.endpoint import IMPATIENCE_SECONDS, Endpoint
from operations.errors import OperationError, WrongInputError
from operations.ledger_query import query
from operations.status import UNREADABLE, gather

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from drills.clients.resolver import Answer
    from drills.play.timeline import Timeline
    from drills.prepare import PreparedStage
    from operations.stage_state import StageState

LOOK_SECONDS = 1.0
READ_SECONDS = 2.0
"""The pause between two readings of the stage: each asks some twenty questions."""
END_SECONDS = 15


class PlayedStage:
    """Looks at a stage until it is closed. Anybody may ask for its `state` and have something done, from any thread."""

    def __init__(self, ready: PreparedStage, timeline: Timeline, *, work: Path, patience_seconds: float) -> None:
        """Take the deployed stage, where to note what happens, and a folder for the authority that curl trusts.

        A move of the writer is given up after `patience_seconds`.
        """
        self._endpoint, self._deployment, self._control = ready.endpoint, ready.deployment, ready.control
        self._impatient = Endpoint(ready.endpoint.url, timeout_seconds=IMPATIENCE_SECONDS)
        self._timeline = timeline
        self._regions = ready.deployment.regions.both
        state = ready.control.state()
        question = ask(state["dns"], ttl_scale=state["routing_time_scale"])
        self._traffic = Traffic(self._regions)
        self._question = question
        self._fleet = Fleet(
            ready.endpoint,
            ready.deployment.api_name,
            question,
            clients=CLIENTS,
            tls=tls_of(state),
            note=self._traffic.note,
        )
        self._load = PlayedLoad(ready.endpoint, ready.deployment, self._fleet, self._traffic)
        self._doer = Doer(ready.endpoint, ready.deployment, ready.control, timeline, patience_seconds=patience_seconds)
        authority = work / "authority.pem"
        authority.write_text(state["tls"]["authority"], encoding="ascii")
        self._places = _places(ready, str(authority))
        self._status: StageState | None = None
        self._balances: dict[str, Mapping[str, int] | None] = dict.fromkeys(self._regions)
        self._seen: Seen | None = None
        self._answer: Answer | None = None
        self._reason = ""
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(work_of_thread, seconds), name=name, daemon=True)
            for name, work_of_thread, seconds in (("look", self.look, LOOK_SECONDS), ("read", self.read, READ_SECONDS))
        ]

    def __enter__(self) -> Self:
        """Look once, and go on on threads of its own."""
        self.look()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the load and look no more."""
        self._over.set()
        self._load.end()
        for thread in self._threads:
            thread.join(END_SECONDS)

    def state(self) -> dict[str, Any]:
        """Return what the page shows."""
        seen = self._seen
        if seen is None:
            raise OperationError("the stage was not looked at yet: ask again in a second")
        return state_of(
            seen,
            entries=self._timeline.entries,
            lines=lines(self._places, seen.control, self._answer),
        )

    @property
    def line(self) -> str:
        """How the stage stands, in one line."""
        return "the stage is being looked at" if self._seen is None else line_of(self._seen)

    def act(self, asked: Mapping[str, Any]) -> list[str]:
        """Do what is asked for and return what was said of it.

        Raises WrongInputError for what is no action, OperationError when it cannot be done.
        """
        action = action_of(asked, self._regions)
        if action.name == "load":
            self._timeline.add(event_of(action, at=self._timeline.now))
            self._load.run(action.rate)
            return [action.line]
        return self._doer.do(action)

    def look(self) -> None:
        """See what takes no time: the control, DNS, the clients."""
        try:
            self._answer = CachedName(self._places.api_name, self._question).resolve()
        except ResolutionError:
            self._answer = None
        if self._load.overdue:
            self._timeline.add(LoadExpired(at=self._timeline.now))
            self._load.run(0)
        after = Seen(
            at=time.time(),
            stage=self._deployment.stage,
            regions=self._regions,
            api_name=self._places.api_name,
            control=self._control.state(),
            faults=self._control.faults(),
            status=self._status,
            dns=self._dns(),
            sent_to={region: self._fleet.sent_to(region) for region in self._regions},
            traffic=self._traffic.seen(time.monotonic()),
            lag=self._load.lag,
            balances=dict(self._balances),
            rate=self._load.rate,
            busy=self._doer.under_way,
        )
        before, self._seen = self._seen, after
        if before is not None:
            for event in changes(before, after, at=self._timeline.now):
                self._timeline.add(event)

    def read(self) -> None:
        """Ask what an operator asks, and each ledger for the balances of the load's accounts."""
        with contextlib.suppress(OperationError, WrongInputError):
            deployment = find_deployment(self._impatient, self._deployment.stage, self._deployment.regions)
            self._status = gather(self._impatient, deployment)
        for region in self._regions:
            self._balances[region] = self._read_balances(region)

    def _dns(self) -> str | None:
        return None if self._answer is None else self._answer.region

    def _read_balances(self, region: str) -> dict[str, int] | None:
        statement = "SELECT account, balance::text FROM ledger.balances WHERE starts_with(account, :prefix)"
        prefix = self._load.accounts_begin_with
        if not prefix:
            return {}
        try:
            rows = query(self._impatient, self._deployment, region, statement, prefix=prefix)
        except OperationError:
            return None
        return {str(account): int(balance) for account, balance in rows}

    def _repeat(self, work: Callable[[], None], seconds: float) -> None:
        while not self._over.wait(seconds):
            try:
                work()
            except UNREADABLE as error:
                self._trouble(" ".join(str(error).split()))

    def _trouble(self, reason: str) -> None:
        """Note that the stage could not be looked at, once for each reason and not each second."""
        if reason != self._reason and not self._over.is_set():
            self._reason = reason
            self._timeline.add(LookFailed(at=self._timeline.now, reason=reason))


def _places(ready: PreparedStage, authority: str) -> Places:
    deployment = ready.deployment
    ledgers = {}
    for region in deployment.regions.both:
        clusters = ready.endpoint.rds(region).describe_db_clusters(
            DBClusterIdentifier=deployment.cluster_arn(region).rpartition(":")[2]
        )["DBClusters"]
        ledgers[region] = Ledger(
            address=clusters[0]["Endpoint"],
            port=clusters[0]["Port"],
            user=ADMINISTRATOR,
            secret_arn=deployment.get(region, DATABASE_SECRET_ARN),
        )
    return Places(
        url=str(ready.endpoint.url),
        stage=deployment.stage,
        api_name=deployment.api_name,
        authority=authority,
        tables={region: deployment.journal_table(region) for region in deployment.regions.both},
        ledgers=ledgers,
    )
