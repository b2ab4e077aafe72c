"""What a stage's state is worth: one line that ends in the next command, and an exit status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract.limits import HEARTBEAT_LIMIT_SECONDS
from operations.decision import beats
from operations.readings import FRESH_SECONDS
from operations.restore_tests import FAILED as FAILED_TEST
from operations.stage_state import age

if TYPE_CHECKING:
    from operations.stage_state import RegionState, StageState

HEALTHY, FAILED, DEGRADED = 0, 1, 3
NEEDED = ("heartbeats", "quarantine", "ledger", "takeover")
"""Without these nobody can say how a stage is."""
AVAILABLE = "available"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The exit status, and the line with what is the matter and what to type next."""

    status: int
    line: str


def verdict(state: StageState) -> Verdict:
    """Return what a state is worth: 0 healthy, 1 failed or unknown, 3 degraded.

    Degraded is a stage that serves, and of which something is known to be away, elsewhere or in the way, or of which
    something could not be read. What decides between life and death, and could not be read, makes it unknown.
    """
    return (
        _failed(state) or _lost(state) or _unknown(state) or _degraded(state) or Verdict(status=HEALTHY, line="healthy")
    )


def _command(state: StageState, words: str) -> str:
    return f"tandem {words} --stage {state.stage}"


def _by_role(state: StageState, role: str) -> tuple[str, RegionState]:
    return next((region, known) for region, known in state.regions.items() if known.role == role)


def is_lost(state: StageState, region: str) -> bool:
    """Say whether a Region is lost, and not only out of this machine's reach.

    Its API does not answer here, nor does its AWS unless it has sent no heartbeat for long. The other Region agrees:
    it has no recent heartbeat of it, or DNS sends the primary's clients there.
    """
    known = state.regions[region]
    seconds = known.heartbeat_age_seconds
    if not state.dual or known.healthy or (known.answers and (seconds or 0) <= FRESH_SECONDS):
        return False
    elsewhere = known.role == "primary" and state.traffic not in (None, region)
    return seconds is None or seconds > HEARTBEAT_LIMIT_SECONDS or elsewhere


def _failed(state: StageState) -> Verdict | None:
    regions = state.regions
    if not any(known.healthy for known in regions.values()):
        return Verdict(status=FAILED, line=f"{_unanswered(state)}: {_command(state, 'status --watch 10')}")
    if all(known.ledger_answers is False for known in regions.values()):
        words = f"no ledger answers ({', '.join(regions)}), the journal keeps what is acknowledged"
        # a restored ledger is completed from the journal
        return Verdict(status=FAILED, line=f"failed: {words}: restore one, then {_command(state, 'reconcile')}")
    return None


def _unanswered(state: StageState) -> str:
    """Say of APIs that do not answer here whether they have failed: a network or a proxy in between is no failure.

    A Region that beats is asked by the health checks of Route 53, or by a schedule.
    """
    words = f"no Region's API answers here ({', '.join(state.regions)})"
    if "heartbeats" in state.unread:
        return f"unknown: {words}, and no heartbeat can be read ({state.unread['heartbeats']})"
    beating = [
        f"{region} beat {age(known.heartbeat_age_seconds)} ago"
        for region, known in state.regions.items()
        if known.heartbeat_age_seconds is not None and known.heartbeat_age_seconds <= FRESH_SECONDS
    ]
    if beating:
        return f"unknown: {words}, though {' and '.join(beating)}"
    return f"failed: {words}"


def _lost(state: StageState) -> Verdict | None:
    lost = next((region for region in state.regions if is_lost(state, region)), None)
    if lost is None:
        return None
    known = state.regions[lost]
    seconds = known.heartbeat_age_seconds
    since = "" if seconds is None else f" for {age(seconds)}"
    other = next(region for region in state.regions if region != lost)
    writer = state.ledger.writer if state.ledger else None
    status = DEGRADED if state.ledger else FAILED
    if known.role == "secondary":
        words = f"secondary lost{since}, {other} serves alone"
        if state.ledger is None:
            words += ", ledger unknown"
        if writer == lost:
            return Verdict(status=status, line=f"{words}, ledger not: {_command(state, f'failover --to {other}')}")
        return Verdict(status=status, line=f"{words}: {_command(state, 'status --watch 10')}")
    traffic = "unknown" if state.traffic is None else "not" if state.traffic == lost else "moved"
    ledger = "unknown" if state.ledger is None else "moved" if writer == other else "not"
    words = f"primary lost{since}, {_where(traffic, ledger)}"
    moved = traffic == "moved" and ledger == "moved"
    # what `tandem failover` would refuse is typed with the option that it asks for
    force = " --force" if beats(seconds, moved=traffic == "moved") else ""
    command = "failback --wait 3600" if moved else f"failover{force}"
    return Verdict(status=status, line=f"{words}: {_command(state, command)}")


def _where(traffic: str, ledger: str) -> str:
    words = {"moved": "moved", "not": "not moved", "unknown": "unknown"}
    if traffic == ledger:
        return f"traffic and ledger {words[traffic]}"
    if traffic == "moved":
        return f"traffic moved, ledger {ledger}"
    return f"traffic {words[traffic]}, ledger {words[ledger]}"


def _unknown(state: StageState) -> Verdict | None:
    missing = [what for what in NEEDED if what in state.unread]
    missing += [
        f"heartbeat of {region}"
        for region, known in state.regions.items()
        if known.deployed and known.heartbeat_age_seconds is None and "heartbeats" not in state.unread
    ]
    if not missing:
        return None
    reason = state.unread.get(missing[0])
    words = ", ".join(missing) + (f" ({reason})" if reason else "")
    return Verdict(status=FAILED, line=f"unknown: {words}: {_command(state, 'status --watch 10')}")


def _degraded(state: StageState) -> Verdict | None:
    reasons = [*_of_regions(state), *_of_stage(state)]
    dead = {f"marks of {region}" for region, known in state.regions.items() if known.ledger_answers is False}
    unread = [what for what in state.unread if what not in NEEDED and what not in dead]
    if unread:
        reasons.append((f"not read: {', '.join(unread)}", ""))
    if not reasons:
        return None
    words = "; ".join(reason for reason, _ in reasons)
    command = next((command for _, command in reasons if command), _command(state, "status --watch 10"))
    return Verdict(status=DEGRADED, line=f"degraded: {words}: {command}")


def _of_regions(state: StageState) -> list[tuple[str, str]]:
    """What is the matter with each Region, and the command that helps, empty where time may."""
    reasons = []
    for region, known in state.regions.items():
        seconds = known.heartbeat_age_seconds
        if not known.answers:
            seen = "" if seconds is None else f", though its heartbeat of {age(seconds)} ago reached {state.seen_from}"
            reasons.append((f"{region} does not answer here{seen}", ""))
            continue
        if not known.deployed:
            reasons.append((f"{region} does not hold the stage", f"make deploy STAGE={state.stage}"))
            continue
        if not known.healthy:
            reasons.append((f"the API of {region} does not answer", ""))
        if seconds is not None and seconds > FRESH_SECONDS:
            reasons.append((f"the last heartbeat of {region} is {age(seconds)} old", ""))
        if known.ledger_answers is False:
            reasons.append((f"the ledger of {region} does not answer", _ledger_command(state, region)))
        if (known.iterator_age_seconds or 0) > FRESH_SECONDS:
            reasons.append((f"the projector of {region} is {age(known.iterator_age_seconds or 0)} behind", ""))
        if known.restore_test and known.restore_test.outcome == FAILED_TEST:
            reasons.append((f"the last restore test in {region} failed", ""))
        if known.alarms:
            reasons.append((f"in ALARM in {region}: {', '.join(known.alarms)}", ""))
    return reasons


def _ledger_command(state: StageState, region: str) -> str:
    if state.ledger is None or state.ledger.writer != region:
        return ""
    back = state.regions[region].role == "secondary"
    to = f" --to {_by_role(state, 'primary')[0]}" if back else ""
    return _command(state, f"failover --ledger-only{to}")


def _of_stage(state: StageState) -> list[tuple[str, str]]:
    """What is the matter with the stage as a whole."""
    reasons = []
    primary, _ = _by_role(state, "primary")
    if state.takeover:
        why = f" ({state.takeover_reason})" if state.takeover_reason else ""
        reasons.append((f"the takeover switch is set{why}", _command(state, "failback")))
    elif state.traffic not in (None, primary):
        reasons.append((f"traffic goes to {state.traffic}", ""))
    if state.ledger and state.ledger.status != AVAILABLE:
        reasons.append((f"the global database is {state.ledger.status}", ""))
    elif state.ledger and state.ledger.writer != primary:
        reasons.append((f"{state.ledger.writer or 'no Region'} writes the ledger", _command(state, "failback")))
    if state.quarantined:
        reasons.append((f"{state.quarantined} in quarantine", _command(state, "quarantine list")))
    versions = {known.code for known in state.regions.values() if known.code is not None}
    if len(versions) > 1:
        reasons.append(("the Regions run different code", f"make deploy STAGE={state.stage}"))
    settings = {known.settings for known in state.regions.values() if known.settings is not None}
    if len(settings) > 1:
        reasons.append(("the Regions were deployed with different settings", f"make deploy STAGE={state.stage}"))
    if state.plan_evaluation == "actionRequired":
        warned = f" ({'; '.join(state.plan_warnings)})" if state.plan_warnings else ""
        command = f"aws arc-region-switch get-plan-evaluation-status --plan-arn {state.plan}"
        reasons.append((f"the recovery plan needs action{warned}", command))
    elif state.plan_evaluation == "unknown":  # `pendingEvaluation`, before the first one, is no fault
        reasons.append(("ARC does not know whether the recovery plan works", ""))
    return reasons
