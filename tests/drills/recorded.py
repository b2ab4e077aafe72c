"""A drill's history in the shape of a recorded one, made by rule so that every figure is known."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from drills.history.derived import result_of
from drills.history.events import (
    Acknowledged,
    AnsweredAgain,
    ClientsMoved,
    DnsAnswered,
    DrillBegan,
    DrillEnded,
    Due,
    Event,
    Failed,
    Faulted,
    HealthChecksSeen,
    LedgerCompleted,
    LedgerLacked,
    LoadStopped,
    LookedUp,
    Mended,
    PhaseBegan,
    PhaseEnded,
    Promoted,
    Provenance,
    Sampled,
    ScenarioBegan,
    Sent,
    Settled,
    StageReady,
    StrictnessSeen,
    TornDown,
    Unreplicated,
)
from drills.measure.lag import LagSample
from drills.measure.lookup import Findings
from drills.options import DrillOptions
from drills.report import build_report
from drills.report.surroundings import surroundings
from drills.scenarios.catalogue import SCENARIOS
from drills.verdict.checks import Check, Verdict

if TYPE_CHECKING:
    from drills.result import DrillResult

A, B = "us-east-1", "us-west-2"
BEGAN = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
CLIENTS = 12
RATE = 20
LOST, FIRST_MOVED, LAST_MOVED, BACK = 9.0, 36.0, 60.0, 74.0
PHASES = [
    ("warm up", 0.0, 4.0),
    ("load on the primary", 4.0, 9.0),
    (f"lose {A}", 9.0, 9.07),
    ("fail over", 9.07, 11.2),
    ("ledger complete", 11.2, 11.8),
    (f"clients move to {B}", 11.8, LAST_MOVED),
    ("load goes on", 60.0, 62.0),
    (f"restore {A}", 62.0, 64.5),
    ("converge", 64.5, 67.4),
    ("fail back", 67.4, BACK),
    (f"clients begin to return to {A}", BACK, 100.0),
    ("load after everything is back", 100.0, 103.0),
    (f"verify journals and ledgers of {A} and {B}", 103.0, 106.0),
]


def history(*, stretch: float = 1.0) -> list[Event]:
    """Return what happened in a drill in which the primary was lost and everything held; `stretch` makes it longer."""
    scenario = SCENARIOS["region-loss"]
    events: list[Event] = [
        surroundings("staging", at=0.0),
        StageReady(at=0.0, setup={"start the embedded AWS": 3.2, "deploy all stacks with the CDK CLI": 17.0}),
        DrillBegan(
            at=0.0,
            began=BEGAN,
            run="0a1b2c3d",
            stage="staging",
            scenario=scenario.name,
            summary=scenario.summary,
            not_applicable={},
            options=DrillOptions(rate=RATE),
            primary=A,
            secondary=B,
            strong=False,
            plan=False,
            clients=CLIENTS,
        ),
        Provenance(
            at=0.0,
            who="anna",
            commit="0123456789abcdef",
            clean=True,
            templates={"GlobalStack.template.json": "aa" * 32},
            packages={"transactions.zip": "bb" * 32},
            tools={"PostgreSQL": "17.2", "Node": "24.19.0"},
        ),
    ]
    for name, start, end in PHASES:
        events += [PhaseBegan(at=start * stretch, name=name), PhaseEnded(at=end * stretch, name=name)]
    events += [
        ScenarioBegan(at=LOST * stretch),
        Faulted(at=LOST * stretch, what="Region", region=A, outage=True),
        Promoted(at=11.2 * stretch, region=B),
        LedgerLacked(at=11.2 * stretch, count=0),
        LedgerCompleted(at=11.8 * stretch),
        ClientsMoved(at=LAST_MOVED * stretch, region=B),
        Mended(at=62.0 * stretch, what="Region", region=A),
        Settled(at=100.0 * stretch),
        HealthChecksSeen(at=103.0 * stretch, interval_seconds=10.0, threshold=3, interval_scale=1.0),
        *(
            StrictnessSeen(
                at=at * stretch,
                read_lag_milliseconds=1000,
                shards=4,
                reads_answered_late=late,
                conflicting_writes_refused=refused,
            )
            for at, late, refused in ((4.0, 20, 1), (103.0, 1_520, 4))
        ),
        LoadStopped(at=103.0 * stretch, unanswered=0),
    ]
    unreplicated = []
    for number in range(int(RATE * 99 * stretch)):
        due, key = 4.0 * stretch + number / RATE, str(number)
        outage = LOST * stretch <= due < FIRST_MOVED * stretch
        away = LOST * stretch <= due < BACK * stretch
        latency = (FIRST_MOVED * stretch - due) + 0.2 + number % 7 if outage else 0.008 + 0.001 * (number % 40)
        body = {"debit_account": "x", "credit_account": "y", "amount": "1.00"}
        events += [
            Due(at=due, key=key, body=body),
            Sent(at=due, key=key),
            Acknowledged(at=due + latency, key=key, id=key, region=B if away else A),
        ]
        if LOST * stretch - 7 / RATE <= due < LOST * stretch:
            unreplicated.append(key)
        if number % 10 == 0:
            events.append(answered_again(due + latency + 2.0, key, B if away else A))
    events.append(Unreplicated(at=12.0 * stretch, keys=tuple(unreplicated)))
    events += [
        Failed(
            at=LOST * stretch + number * 0.02,
            key=str(int((LOST - 4.0) * stretch * RATE + number * 0.02 * RATE) - 1),
            kind="ConnectionRefusedError",
        )
        for number in range(int(1000 * stretch))
    ]
    moves = [(0.1 * n, n, A) for n in range(CLIENTS)]
    moves += [((FIRST_MOVED + 2 * n) * stretch, n, B) for n in range(CLIENTS)]
    moves += [((99.0 + n) * stretch, n, A) for n in range(2)]
    events += [
        DnsAnswered(
            at=at,
            client=client,
            canonical=f"abc.execute-api.{region}.amazonaws.com",
            address="127.0.1.1",
            ttl=30.0,
            region=region,
        )
        for at, client, region in moves
    ]
    for second in range(5, 103):
        sample = _sample(second * stretch, away=LOST <= second < 64)
        events.append(Sampled(at=sample.at, journal=sample.journal, ledger=sample.ledger))
    end = PHASES[-1][2] * stretch
    findings = Findings(acknowledged=int(RATE * 99 * stretch), wrong_balances={A: [], B: []})
    return [
        *sorted(events, key=lambda event: event.at),
        LookedUp(at=end, findings=findings),
        DrillEnded(at=end),
        TornDown(at=end, total_seconds=130.5),
    ]


def answered_again(at: float, key: str, region: str, **changed: Any) -> AnsweredAgain:
    """Return a second answer, which is the first one but for what is `changed` in it."""
    first = {"id": key, "amount": "1.00", "recorded_at": "2026-11-24T09:30:09Z"}
    return AnsweredAgain(
        at=at, key=key, region=region, status=201, first=json.dumps(first), again=json.dumps({**first, **changed})
    )


def region_loss(*, stretch: float = 1.0) -> DrillResult:
    """Return what follows from such a history."""
    return result_of(history(stretch=stretch))


def _sample(at: float, *, away: bool) -> LagSample:
    if away:
        return LagSample(at=at, journal={A: None, B: at - LOST + 0.07}, ledger={A: None, B: at - LOST + 0.07})
    return LagSample(at=at, journal={A: 0.0, B: 0.09}, ledger={A: 0.12, B: 0.25})


def planned_switchover() -> DrillResult:
    """Return a drill in which nothing was lost, so that most figures do not apply."""
    result, scenario = region_loss(), SCENARIOS["planned-switchover"]
    observation = Check(
        name="acknowledged throughout the switchover",
        verdict=Verdict.PASSED,
        detail="longest silence 0.31 s",
    )
    return replace(
        result,
        scenario=scenario.name,
        summary=scenario.summary,
        not_applicable=scenario.not_applicable,
        lost_at=None,
        rpo_seconds=None,
        unreplicated=0,
        error_times=[],
        error_kinds={},
        transactions=[replace(each, acknowledged_at=each.due + 0.02) for each in result.transactions],
        lag=[_sample(each.at, away=False) for each in result.lag],
        observations=[observation],
    )


def with_plan() -> DrillResult:
    """Return a drill whose recovery plan was executed in three steps."""

    def moment(seconds: float) -> str:
        return (BEGAN + timedelta(seconds=seconds)).isoformat()

    steps = [
        {"name": name, "status": "completed", "startTime": moment(start), "endTime": moment(start + 0.6)}
        for name, start in (("set-takeover", 9.1), ("move-ledger-writer", 9.7), ("verify-ledger", 10.4))
    ]
    execution = {
        "region": B,
        "mode": "ungraceful",
        "executionState": "completed",
        "startTime": moment(9.1),
        "endTime": moment(11),
        "stepStates": steps,
    }
    return replace(region_loss(), plan=True, executions=[execution])


def report(result: DrillResult, *, strong: bool = False, failure: str | None = None) -> dict[str, Any]:
    """Return the report of a result."""
    return build_report(replace(result, strong=strong, failure=failure))
