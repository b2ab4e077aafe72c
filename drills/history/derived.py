"""What follows from a history: the result that figures, checks and pictures are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from drills.clients.load import Transaction
from drills.clients.resolver import Answer
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
    HealthChecksSeen,
    LedgerCompleted,
    LedgerLacked,
    LoadStopped,
    LookedUp,
    PhaseBegan,
    PhaseEnded,
    PlanExecuted,
    Provenance,
    Refused,
    Sampled,
    ScenarioBegan,
    Settled,
    StageReady,
    StrictnessSeen,
    Surroundings,
    TornDown,
    Unreplicated,
)
from drills.history.moments import moved_at, outage_began, promoted
from drills.measure.detection import Detection
from drills.measure.lag import LagSample
from drills.measure.strictness import strictness
from drills.result import DrillResult
from drills.verdict.observed import observed
from operations.errors import WrongInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Kind = TypeVar("Kind", bound=Event)


class _Kinds:
    """Events by their kind, each kind in the order of the history."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._by_kind: dict[type[Event], list[Event]] = {}
        for event in events:
            self._by_kind.setdefault(type(event), []).append(event)

    def all(self, kind: type[Kind]) -> list[Kind]:
        return [event for event in self._by_kind.get(kind, []) if isinstance(event, kind)]

    def last(self, kind: type[Kind]) -> Kind | None:
        return next(reversed(self.all(kind)), None)


def result_of(events: Sequence[Event]) -> DrillResult:
    """Return what the drill of this history measured; raises WrongInputError when it did not begin."""
    kinds = _Kinds(events)
    began = kinds.last(DrillBegan)
    if began is None:
        raise WrongInputError("the history does not say that a drill began: run the drill again")
    transactions = _transactions(kinds)
    answers = sorted(kinds.all(DnsAnswered), key=lambda answer: answer.at)
    lost_at, routing = outage_began(events), _routing(answers)
    lacked, ended, looked_up = kinds.last(LedgerLacked), kinds.last(DrillEnded), kinds.last(LookedUp)
    ready, torn_down, stopped = kinds.last(StageReady), kinds.last(TornDown), kinds.last(LoadStopped)
    return DrillResult(
        options=began.options,
        began=began.began,
        run=began.run,
        stage=began.stage,
        secondary=began.secondary,
        emulated=began.emulated,
        strong=began.strong,
        plan=began.plan,
        scenario=began.scenario,
        summary=began.summary,
        not_applicable=began.not_applicable,
        setup=ready.setup if ready else {},
        surroundings=kinds.last(Surroundings),
        provenance=kinds.last(Provenance),
        lasted_seconds=ended.at - began.at if ended else None,
        observations=observed(events, began),
        phases=_phases(events),
        transactions=transactions,
        repeats=kinds.all(AnsweredAgain),
        unanswered=None if stopped is None else stopped.unanswered,
        error_times=[each.at for each in kinds.all(Failed)],
        error_kinds=_counted(each.kind for each in kinds.all(Failed)),
        clients=began.clients,
        routing=routing,
        answers=[Answer(canonical=each.canonical, address=each.address, ttl=each.ttl, at=each.at) for each in answers],
        detection=_detection(kinds.last(HealthChecksSeen), answers),
        strictness=strictness(kinds.all(StrictnessSeen)),
        disturbed_at=_first(kinds.all(ScenarioBegan)),
        lost_at=lost_at,
        moved_at=moved_at(kinds.all(ClientsMoved), routing, to=began.secondary, clients=began.clients, since=lost_at),
        promoted_at=promoted(events, began.secondary),
        ledger_complete_at=_at(kinds.last(LedgerCompleted)),
        settled_at=_at(kinds.last(Settled)),
        lag=[LagSample(at=each.at, journal=each.journal, ledger=each.ledger) for each in kinds.all(Sampled)],
        executions=[dict(each.execution) for each in kinds.all(PlanExecuted)],
        **_unreplicated(kinds.last(Unreplicated), transactions, lost_at),
        standby_missing=lacked.count if lacked else 0,
        findings=looked_up.findings if looked_up else None,
        ended=ended is not None,
        failure=ended.failure if ended else None,
        total_seconds=torn_down.total_seconds if torn_down else None,
    )


def _transactions(kinds: _Kinds) -> list[Transaction]:
    """Every transaction that was sent, in the order in which they were taken up."""
    by_key = {due.key: Transaction(key=due.key, body=dict(due.body), due=due.at) for due in kinds.all(Due)}
    for failure in kinds.all(Failed):
        by_key[failure.key].errors += 1
    for refusal in kinds.all(Refused):
        by_key[refusal.key].refused = refusal.answer
    for each in kinds.all(Acknowledged):
        transaction = by_key[each.key]
        transaction.id, transaction.region, transaction.acknowledged_at = each.id, each.region, each.at
        transaction.ids.add(each.id)
    return list(by_key.values())


def _phases(events: Sequence[Event]) -> list[tuple[str, float, float]]:
    """Each phase with its beginning and end; one that was cut short ends with the history."""
    phases: list[tuple[str, float, float]] = []
    begun: PhaseBegan | None = None
    for event in events:
        if isinstance(event, PhaseBegan):
            begun = event
        elif isinstance(event, PhaseEnded) and begun is not None:
            phases.append((begun.name, begun.at, event.at))
            begun = None
    if begun is not None:
        phases.append((begun.name, begun.at, max(event.at for event in events)))
    return phases


def _routing(answers: Iterable[DnsAnswered]) -> list[tuple[float, int, str]]:
    """When which client was first sent to which Region, and then each change."""
    region: dict[int, str] = {}
    changes = []
    for answer in answers:
        if region.get(answer.client) != answer.region:
            region[answer.client] = answer.region
            changes.append((answer.at, answer.client, answer.region))
    return sorted(changes)


def _detection(checks: HealthChecksSeen | None, answers: Sequence[DnsAnswered]) -> Detection:
    if checks is None or not answers:
        return Detection()
    return Detection(
        interval_seconds=checks.interval_seconds,
        threshold=checks.threshold,
        ttl_seconds=max(answer.ttl for answer in answers),
        interval_scale=checks.interval_scale,
    )


def _unreplicated(
    event: Unreplicated | None, transactions: Sequence[Transaction], lost_at: float | None
) -> dict[str, Any]:
    """How many the lost Region took with it, and how long before its loss the oldest of them was acknowledged."""
    if event is None or lost_at is None:
        return {"unreplicated": 0, "rpo_seconds": None}
    keys = set(event.keys)
    times = (one.acknowledged_at for one in transactions if one.key in keys)
    oldest = min((at for at in times if at is not None), default=lost_at)
    return {"unreplicated": len(keys), "rpo_seconds": max(0.0, lost_at - oldest)}


def _counted(kinds: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for kind in kinds:
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def _first(events: Iterable[Event]) -> float | None:
    return next((event.at for event in events), None)


def _at(event: Event | None) -> float | None:
    return None if event is None else event.at
