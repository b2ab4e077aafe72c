"""A small history of each scenario in which everything held, made by rule: what its steps look at is in it."""

from __future__ import annotations

import signal
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

from drills.history.events import (
    Acknowledged,
    ClientsMoved,
    DnsAnswered,
    DrillBegan,
    DrillEnded,
    Due,
    Event,
    Faulted,
    HealthChecksSeen,
    LedgerCompleted,
    LedgerLacked,
    LoadStopped,
    LookedUp,
    PhaseBegan,
    PhaseEnded,
    Promoted,
    ScenarioBegan,
    Sent,
    Settled,
    Unreplicated,
)
from drills.history.history import History
from drills.history.seen import (
    BacklogSeen,
    ConflictsSent,
    ConflictsSettled,
    FailoverKilled,
    FailuresAsked,
    FaultsCounted,
    FloodEnded,
    LedgerRestored,
    LedgerSilenceAsked,
    PlanWatched,
    RacesSent,
    RecoverHeard,
    ServedByOne,
    ServedBySides,
    SilenceAsked,
    StackDeployed,
    StackDestroyed,
    SwitchSeen,
    WriterSeen,
)
from drills.measure.lookup import Findings
from drills.options import DrillOptions
from drills.scenarios import (
    flood,
    interrupted,
    partial,
    partial_loss,
    partition,
    racing,
    restore,
    returning,
    rollout,
    silence,
    unattended,
)
from drills.scenarios.catalogue import REGION_LOSS, SCENARIOS
from drills.scenarios.kills import KILLS
from tests.drills.recorded import BEGAN, A, B, answered_again

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drills.context import DrillContext
    from drills.scenarios.scenario import Scenario

RATE = 5
LOST, MOVED, PROMOTED, COMPLETE, LOOKED, RETURNED, SETTLED, STOPPED = 9.0, 12.0, 13.0, 14.0, 25.0, 30.0, 35.0, 40.0
SCENARIOS_AND_KILLS = {
    **SCENARIOS,
    **{kill: replace(REGION_LOSS, steps=(*steps, *REGION_LOSS.steps[-5:])) for kill, steps in KILLS.items()},
}
STRUCK = {"service": "dynamodb", "met": 40, "struck": 12}


def _pairs(*, strong: bool) -> tuple[tuple[str | None, ...], ...]:
    return tuple((str(number), None if strong else str(number)) for number in range(3))


SEEN: list[Event] = [
    SilenceAsked(at=LOOKED, name="acknowledged all the while"),
    LedgerSilenceAsked(at=LOOKED),
    FailuresAsked(at=LOOKED),
    FaultsCounted(at=LOOKED, faults=(STRUCK,)),
    WriterSeen(at=LOOKED, region=A),
    BacklogSeen(at=LOOKED, region=A, acknowledged=70, lacked=20),
    LedgerRestored(at=LOOKED, acknowledged=70, lacked=20, left=0, read=70, inserted=20),
    FloodEnded(
        at=LOOKED, since=LOST, statuses={"429": 800, "404": 90}, strayed=0, unhealthy=0, asked=("/healthz/unguessable",)
    ),
    FailoverKilled(at=LOOKED, stopped=True, status=-signal.SIGKILL, switch=True, writer=A),
    SwitchSeen(at=LOOKED, is_set=True),
    RecoverHeard(at=LOOKED, text="declined: the canary sees the primary alive", said_at=BEGAN.timestamp() + LOOKED),
    PlanWatched(at=LOOKED, states=("completed",)),
    ServedBySides(at=LOOKED, since=11.0),
    ServedByOne(at=LOOKED, since=11.0, moved=MOVED, writer=A),
    ConflictsSent(at=LOOKED, answers=_pairs(strong=False)),
    ConflictsSettled(at=LOOKED, ids=("0", "1", "2")),
    RacesSent(at=LOOKED, answers=(("0", "0"), ("1", "1"))),
    StackDeployed(at=LOOKED, stack=rollout.STACK, since=LOST),
    StackDestroyed(at=LOOKED, stack=rollout.STACK, api_known=False),
]
"""Each kind of event of what a scenario looks at, as it is where everything holds."""

_OF_KIND = {type(event): event for event in SEEN}

LOOKS: Mapping[Callable[[DrillContext], None], tuple[type[Event], ...]] = {
    partial.mend: (FaultsCounted,),
    partial.writer_stayed: (WriterSeen,),
    partial.backlog_grew: (BacklogSeen,),
    returning.recover_declined: (RecoverHeard,),
    restore.complete_from_journal: (LedgerRestored,),
    racing.same_transaction_in_both: (RacesSent,),
    partial_loss.ledger_current_everywhere: (WriterSeen,),
    flood.flood: (FloodEnded,),
    interrupted.failover_dies_and_is_run_again: (FailoverKilled,),
    unattended.recover_moves_the_ledger: (SwitchSeen,),
    unattended.plan_completes: (PlanWatched,),
    partition.serve_in_both: (ServedBySides,),
    partition.serve_in_one: (ServedByOne,),
    partition.conflicting_payloads: (ConflictsSent, ConflictsSettled),
    rollout.secondary_joins: (StackDeployed,),
    rollout.secondary_leaves: (StackDestroyed,),
    rollout.was_never_refused: (FailuresAsked,),
}
"""What the steps look at; those of `silence` ask for a judgement and are run as they are."""


def looked_at(scenario: Scenario, *, strong: bool) -> list[Event]:
    """Return the events of what the scenario's steps look at, in their order."""
    events: list[Event] = []
    for step in scenario.steps:
        if step.__module__ == silence.__name__:
            asked = History()
            step(SimpleNamespace(history=asked))  # type: ignore[arg-type]
            events += (replace(event, at=LOOKED) for event in asked.events)
        events += (_OF_KIND[kind] for kind in LOOKS.get(step, ()))
    return [
        replace(event, answers=_pairs(strong=strong)) if isinstance(event, ConflictsSent) else event for event in events
    ]


def scenario_history(name: str, *, strong: bool = False) -> list[Event]:
    """Return what happened in a small drill of the scenario, or of the kill, in which everything held."""
    scenario = SCENARIOS_AND_KILLS[name]
    absent = scenario.not_applicable
    moves, promotes = "clients_moved_seconds" not in absent, "ledger_complete_seconds" not in absent
    began = DrillBegan(
        at=0.0,
        began=BEGAN,
        run="0a1b2c3d",
        stage="prod" if strong else "staging",
        scenario=scenario.name,
        summary=scenario.summary,
        not_applicable=dict(absent),
        options=DrillOptions(rate=RATE),
        primary=A,
        secondary=B,
        strong=strong,
        plan=False,
        clients=1,
    )
    events: list[Event] = [ScenarioBegan(at=LOST), Settled(at=SETTLED), LoadStopped(at=STOPPED, unanswered=0)]
    events.append(HealthChecksSeen(at=STOPPED, interval_seconds=10.0, threshold=3, interval_scale=1.0))
    for phase, start, end in (("warm up", 0.0, 4.0), ("load on the primary", 4.0, LOST), ("all else", LOST, STOPPED)):
        events += [PhaseBegan(at=start, name=phase), PhaseEnded(at=end, name=phase)]
    events += [_answer(0.0, A), *([_answer(MOVED, B), _answer(RETURNED, A)] if moves else [])]
    if moves or partial_loss.lose_database in scenario.steps:
        events.append(Faulted(at=LOST, what="Region", region=A, outage=True))
    if moves:
        events.append(ClientsMoved(at=MOVED, region=B))
    if "rpo_seconds" not in absent:
        events.append(Unreplicated(at=COMPLETE, keys=()))
    if promotes:
        events += [Promoted(at=PROMOTED, region=B), LedgerLacked(at=PROMOTED, count=3), LedgerCompleted(at=COMPLETE)]
    keys = [str(number) for number in range(int((SETTLED - 4.0) * RATE))]
    for number, key in enumerate(keys):
        due = 4.0 + number / RATE
        served = _served(name, number, due, moves=moves, strong=strong)
        at = max(due, MOVED) + 0.02 if moves and due >= LOST else due + 0.02
        body = {"debit_account": "x", "credit_account": "y", "amount": "1.00"}
        events += [Due(at=due, key=key, body=body), Sent(at=due, key=key)]
        events.append(Acknowledged(at=at, key=key, id=key, region=served))
        if number % 10 == 0:
            events.append(answered_again(at + 2.0, key, served))
    events += looked_at(scenario, strong=strong)
    findings = Findings(acknowledged=len(keys), wrong_balances={A: [], B: []})
    ending = [LookedUp(at=STOPPED, findings=findings), DrillEnded(at=STOPPED)]
    return [began, *sorted(events, key=lambda event: event.at), *ending]


def _served(name: str, number: int, due: float, *, moves: bool, strong: bool) -> str:
    """The Region that acknowledges a transaction."""
    if name == "partition" and not strong and due >= MOVED:
        return (A, B)[number % 2]
    if name == "isolated-primary":
        return B if strong and LOST < due < RETURNED else A
    return B if moves and LOST <= due < RETURNED else A


def _answer(at: float, region: str) -> DnsAnswered:
    host = f"abc.execute-api.{region}.amazonaws.com"
    return DnsAnswered(at=at, client=0, canonical=host, address="127.0.1.1", ttl=30.0, region=region)
