"""What a scenario looked at, judged: each check that only some scenarios have, as a function of the history."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

from drills.history.events import Acknowledged, DrillBegan, Event, Failed
from drills.history.seen import (
    STREAMS,
    BacklogSeen,
    FailoverKilled,
    FailuresAsked,
    FaultsCounted,
    LedgerRestored,
    LedgerSilenceAsked,
    PlanWatched,
    RecoverHeard,
    SilenceAsked,
    StackDeployed,
    StackDestroyed,
    SwitchSeen,
    WriterSeen,
)
from drills.verdict.checks import Check, Verdict, verdict_of
from drills.verdict.flood import JUDGES as OF_A_FLOOD
from drills.verdict.game_day import JUDGES as OF_A_GAME_DAY
from drills.verdict.partition import JUDGES as OF_A_PARTITION
from drills.verdict.past import Past
from drills.verdict.silence import never_waits_for_the_ledger, no_long_silence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def observed(events: Sequence[Event], began: DrillBegan) -> list[Check]:
    """Return a check for each thing that the scenario looked at, in their order."""
    checks: list[Check] = []
    for place, event in enumerate(events):
        if (judge := JUDGES.get(type(event))) is not None:
            checks += judge(event, Past(began=began, events=events[:place]))
    return checks


def _no_failure(_: FailuresAsked, past: Past) -> list[Check]:
    kinds: dict[str, int] = {}
    for event in past.of(Failed):
        kinds[event.kind] = kinds.get(event.kind, 0) + 1
    return [Check(name="no request failed", verdict=verdict_of(not kinds), detail=str(kinds or "none"))]


def _every_fault_struck(counted: FaultsCounted, _: Past) -> list[Check]:
    """A fault that nobody met shows nothing."""
    struck = [each for each in counted.faults if each["struck"] or each["service"] == STREAMS]
    detail = ", ".join(f"{each['service']} {each['struck']} of {each['met']} calls" for each in counted.faults)
    verdict = verdict_of(len(struck) == len(counted.faults)) if counted.faults else Verdict.UNKNOWN
    return [Check(name="every fault struck", verdict=verdict, detail=detail or "none was there")]


def _writer_stayed(seen: WriterSeen, past: Past) -> list[Check]:
    primary = past.began.primary
    detail = f"{seen.region} writes, {primary} should"
    return [Check(name="the writer stayed", verdict=verdict_of(seen.region == primary), detail=detail)]


def _backlog_grew(seen: BacklogSeen, _: Past) -> list[Check]:
    """The ledger really fell behind its journal, and not by all there is."""
    detail = f"the ledger of {seen.region} lacked {seen.lacked} of {seen.acknowledged} acknowledged transactions"
    return [Check(name="a backlog grew", verdict=verdict_of(0 < seen.lacked < seen.acknowledged), detail=detail)]


def _completed_from_the_journal(restored: LedgerRestored, _: Past) -> list[Check]:
    """A copy that lacks nothing shows nothing of how the journal completes it."""
    detail = (
        f"of {restored.acknowledged} acknowledged, the copy lacked {restored.lacked} and the ledger lacks "
        f"{restored.left} now; reconcile read {restored.read} and inserted {restored.inserted}"
    )
    complete = verdict_of(restored.left == 0) if restored.lacked else Verdict.UNKNOWN
    name = "the restored ledger was completed from the journal"
    return [Check(name=name, verdict=complete, detail=detail)]


def _died_half_way(killed: FailoverKilled, past: Past) -> list[Check]:
    half_way = killed.switch and killed.writer == past.began.primary
    died = killed.stopped and killed.status == -signal.SIGKILL
    detail = (
        f"stopped itself: {killed.stopped}, exit status {killed.status}, switch set: {killed.switch}, "
        f"{killed.writer} writes"
    )
    return [Check(name="the first failover died half way", verdict=verdict_of(died and half_way), detail=detail)]


def _switch_was_set(seen: SwitchSeen, _: Past) -> list[Check]:
    detail = f"switch set: {seen.is_set}"
    return [Check(name="recover set the takeover switch", verdict=verdict_of(seen.is_set), detail=detail)]


def _recover_declined(heard: RecoverHeard, past: Past) -> list[Check]:
    """What it said before the drill shows nothing."""
    name, since = "recover saw signs of a loss and began nothing", past.began.began.timestamp()
    if heard.text is None or heard.said_at is None or heard.said_at <= since:
        return [Check(name=name, verdict=Verdict.UNKNOWN, detail="recover said nothing")]
    return [Check(name=name, verdict=verdict_of(heard.text.startswith("declined")), detail=heard.text)]


def _plan_ran_once(watched: PlanWatched, past: Past) -> list[Check]:
    detail = f"executions that activate {past.began.secondary}: {', '.join(watched.states) or 'none'}"
    verdict = verdict_of(len(watched.states) == 1)
    return [Check(name="the deployed plan was executed once", verdict=verdict, detail=detail)]


def _joined_a_stage_with_data(deployed: StackDeployed, past: Past) -> list[Check]:
    before = sum(event.at < deployed.since for event in past.of(Acknowledged))
    detail = f"{before} transactions were acknowledged before it was deployed"
    name = "the secondary joins a stage that has data"
    return [Check(name=name, verdict=verdict_of(before > 0), detail=detail)]


def _left(destroyed: StackDestroyed, _: Past) -> list[Check]:
    gone = not destroyed.api_known
    return [Check(name="the secondary left", verdict=verdict_of(gone), detail=f"parameters of its API gone: {gone}")]


JUDGES: Mapping[type[Event], Callable[[Any, Past], list[Check]]] = {
    SilenceAsked: no_long_silence,
    LedgerSilenceAsked: never_waits_for_the_ledger,
    FailuresAsked: _no_failure,
    FaultsCounted: _every_fault_struck,
    WriterSeen: _writer_stayed,
    BacklogSeen: _backlog_grew,
    LedgerRestored: _completed_from_the_journal,
    FailoverKilled: _died_half_way,
    SwitchSeen: _switch_was_set,
    PlanWatched: _plan_ran_once,
    RecoverHeard: _recover_declined,
    StackDeployed: _joined_a_stage_with_data,
    StackDestroyed: _left,
    **OF_A_FLOOD,
    **OF_A_GAME_DAY,
    **OF_A_PARTITION,
}
"""Who judges which event."""
