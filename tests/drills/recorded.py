"""A drill's result in the shape of a recorded one, made by rule so that every figure is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from drills.clients.load import Transaction
from drills.clients.resolver import Answer
from drills.measure.lag import LagSample
from drills.measure.lookup import Findings
from drills.options import DrillOptions
from drills.report import build_report
from drills.result import DrillResult
from drills.scenarios.catalogue import SCENARIOS

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


def region_loss(*, stretch: float = 1.0) -> DrillResult:
    """Return a drill in which the primary was lost and everything held; `stretch` makes all of it last longer."""
    transactions = []
    for number in range(int(RATE * 99 * stretch)):
        due = 4.0 * stretch + number / RATE
        outage = LOST * stretch <= due < FIRST_MOVED * stretch
        away = LOST * stretch <= due < BACK * stretch
        latency = (FIRST_MOVED * stretch - due) + 0.2 + number % 7 if outage else 0.008 + 0.001 * (number % 40)
        transactions.append(
            Transaction(
                key=str(number),
                body={"debit_account": "x", "credit_account": "y", "amount": "1.00"},
                due=due,
                acknowledged_at=due + latency,
                region=B if away else A,
                id=str(number),
            )
        )
    moves = [(0.1 * n, n, A) for n in range(CLIENTS)]
    moves += [((FIRST_MOVED + 2 * n) * stretch, n, B) for n in range(CLIENTS)]
    moves += [((99.0 + n) * stretch, n, A) for n in range(2)]
    return DrillResult(
        options=DrillOptions(rate=RATE),
        began=BEGAN,
        summary=SCENARIOS["region-loss"].summary,
        phases=[(name, start * stretch, end * stretch) for name, start, end in PHASES],
        transactions=transactions,
        error_times=[LOST * stretch + n * 0.02 for n in range(int(1000 * stretch))],
        error_kinds={"ConnectionRefusedError": 1000},
        clients=CLIENTS,
        routing=moves,
        answers=[
            Answer(canonical=f"abc.execute-api.{r}.amazonaws.com", address="127.0.1.1", ttl=30.0, at=at)
            for at, _, r in moves
        ],
        lag=[_sample(second * stretch, away=LOST <= second < 64) for second in range(5, 103)],
        disturbed_at=LOST * stretch,
        lost_at=LOST * stretch,
        moved_at=LAST_MOVED * stretch,
        promoted_at=11.2 * stretch,
        ledger_complete_at=11.8 * stretch,
        settled_at=100.0 * stretch,
        rpo_seconds=0.067,
        unreplicated=7,
        findings=Findings(acknowledged=len(transactions), wrong_balances={A: [], B: []}),
    )


def _sample(at: float, *, away: bool) -> LagSample:
    if away:
        return LagSample(at=at, journal={A: None, B: at - LOST + 0.07}, ledger={A: None, B: at - LOST + 0.07})
    return LagSample(at=at, journal={A: 0.0, B: 0.09}, ledger={A: 0.12, B: 0.25})


def planned_switchover() -> DrillResult:
    """Return a drill in which nothing was lost, so that most figures do not apply."""
    result, scenario = region_loss(), SCENARIOS["planned-switchover"]
    result.scenario, result.summary, result.not_applicable = scenario.name, scenario.summary, scenario.not_applicable
    result.lost_at = result.rpo_seconds = None
    result.unreplicated, result.error_times, result.error_kinds = 0, [], {}
    for one in result.transactions:
        one.acknowledged_at = one.due + 0.02
    result.lag = [_sample(each.at, away=False) for each in result.lag]
    result.observe("acknowledged throughout the switchover", passed=True, detail="longest silence 0.31 s, at most 5 s")
    return result


def with_plan() -> DrillResult:
    """Return a drill whose recovery plan was executed in three steps."""
    result = region_loss()
    steps = [
        {
            "name": name,
            "status": "completed",
            "startTime": BEGAN + timedelta(seconds=start),
            "endTime": BEGAN + timedelta(seconds=start + 0.6),
        }
        for name, start in (("set-takeover", 9.1), ("move-ledger-writer", 9.7), ("verify-ledger", 10.4))
    ]
    result.executions = [
        {
            "region": B,
            "mode": "ungraceful",
            "executionState": "completed",
            "startTime": BEGAN + timedelta(seconds=9.1),
            "endTime": BEGAN + timedelta(seconds=11),
            "stepStates": steps,
        }
    ]
    return result


def report(result: DrillResult, *, strong: bool = False, failure: str | None = None) -> dict[str, Any]:
    """Return the report of a result."""
    return build_report(
        result,
        stage="staging",
        run="0a1b2c3d",
        secondary=B,
        strong=strong,
        plan=bool(result.executions),
        failure=failure,
        setup={"start the embedded AWS": 3.2, "deploy all stacks with the CDK CLI": 17.0},
    )
