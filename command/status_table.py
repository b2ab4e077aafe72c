"""What `tandem status` shows: the verdict, and a row for each thing that was asked, with a column for each Region."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from operations.stage_state import age

if TYPE_CHECKING:
    from collections.abc import Callable

    from operations.stage_state import RegionState, StageState

UNKNOWN = "unknown"
GAP = "  "
DIGEST = 12
"""Characters of a code's digest that tell two versions apart."""


def lines(state: StageState) -> list[str]:
    """Return the lines below the verdict. None is cut, however narrow the terminal is."""
    return [_title(state), "", *_table(state), "", *_below(state)]


def _title(state: StageState) -> str:
    at = datetime.fromtimestamp(state.at, tz=UTC).strftime("%H:%M:%S UTC")
    where = state.endpoint or "AWS"
    return f"stage {state.stage}, account {state.account or UNKNOWN}, {where}, seen from {state.seen_from}, {at}"


def _table(state: StageState) -> list[str]:
    rows = [["Region", *state.regions]]
    for name, cell in ROWS:
        rows.append([name, *(cell(state, region, known) for region, known in state.regions.items())])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _yes(answer: object) -> str:
    return UNKNOWN if answer is None else "yes" if answer else "no"


def _traffic(state: StageState, region: str, _: RegionState) -> str:
    if state.traffic is None:
        return UNKNOWN if "traffic" in state.unread else "no domain"
    return "here" if state.traffic == region else "no"


def _writes(state: StageState, region: str, _: RegionState) -> str:
    if not state.dual:
        return "yes"
    return _yes(None if state.ledger is None else state.ledger.writer == region)


def _deployed(_: StageState, __: str, known: RegionState) -> str:
    return "yes" if known.deployed else "not deployed" if known.answers else "no"


def _ledger(state: StageState, region: str, known: RegionState) -> str:
    if known.ledger_answers is None and known.marks_told_seconds is not None:
        return f"its sweeper did {age(known.marks_told_seconds)} ago"
    if known.ledger_answers is None and state.ledger and state.ledger.writer != region:
        return f"{UNKNOWN} (replica)" if known.deployed else UNKNOWN
    return _yes(known.ledger_answers)


def _marks(state: StageState, _: str, known: RegionState) -> str:
    if known.mark_age_seconds is None:
        return UNKNOWN
    # a stage's Regions in the order of the columns; an origin without a mark has not been swept yet
    marks = [known.mark_age_seconds.get(origin) for origin in state.regions]
    return " / ".join("none" if seconds is None else age(seconds) for seconds in marks)


def _rows_behind(_: StageState, __: str, known: RegionState) -> str:
    if known.rows_behind is None:
        return UNKNOWN
    return f"{known.rows_behind.rows} of the last {age(known.rows_behind.seconds)}"


def _canary(state: StageState, _: str, known: RegionState) -> str:
    trip = known.canary.acknowledged if known.canary else None
    if trip is None:
        return UNKNOWN if "canary" in state.unread else "none"
    return f"{trip.value:.2f} s, {age(trip.ago_seconds)} ago"


def _journal_lag(state: StageState, _: str, known: RegionState) -> str:
    lag = known.canary.journalled if known.canary else None
    if lag is None:
        return UNKNOWN if "canary" in state.unread else "none"
    return f"{lag.value:.2f} s, {age(lag.ago_seconds)} ago"


def _restore_test(state: StageState, region: str, known: RegionState) -> str:
    if known.restore_test is None:
        return UNKNOWN if not known.deployed or f"restore test of {region}" in state.unread else "none"
    return f"{known.restore_test.outcome}, {age(known.restore_test.ago_seconds)} ago"


def _age_of(what: str, seconds: Callable[[RegionState], float | None]) -> Callable[[StageState, str, RegionState], str]:
    def cell(state: StageState, region: str, known: RegionState) -> str:
        value = seconds(known)
        if value is not None:
            return age(value)
        return UNKNOWN if not known.deployed or f"{what} of {region}" in state.unread else "none"

    return cell


def _heartbeat(_: StageState, __: str, known: RegionState) -> str:
    return UNKNOWN if known.heartbeat_age_seconds is None else age(known.heartbeat_age_seconds)


def _count(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)


ROWS: tuple[tuple[str, Callable[[StageState, str, RegionState], str]], ...] = (
    ("role", lambda _, __, known: known.role),
    ("answers", _deployed),
    ("traffic", _traffic),
    ("API healthy", lambda _, __, known: _yes(known.healthy)),
    ("writes", _writes),
    ("ledger answers", _ledger),
    ("ledger's marks", _marks),
    ("rows behind", _rows_behind),
    ("conflicts", lambda _, __, known: _count(known.conflicts)),
    ("last heartbeat", _heartbeat),
    ("canary answered", _canary),
    ("journal behind", _journal_lag),
    ("projector behind", _age_of("projector lag", lambda known: known.iterator_age_seconds)),
    ("in ALARM", lambda _, __, known: _count(None if known.alarms is None else len(known.alarms))),
    ("last backup", _age_of("backup", lambda known: known.backup_age_seconds)),
    ("last copy", _age_of("copy", lambda known: known.copy_age_seconds)),
    ("last restore test", _restore_test),
    ("settings", lambda _, __, known: known.settings or UNKNOWN),
    ("code", lambda _, __, known: UNKNOWN if known.code is None else known.code[:DIGEST]),
)
"""Each row's name, and what it says of a Region."""


def _below(state: StageState) -> list[str]:
    """What belongs to no Region, or may be longer than a column."""
    below = []
    if state.traffic is None and "traffic" not in state.unread:
        below.append("API's name: none, the stage has no domain: clients use the URLs of its Regions")
    if state.dual:
        below.append(f"takeover switch: {_switch(state)}")
        below.append(f"recover: {_recover(state)}")
        below.append(f"global database: {UNKNOWN if state.ledger is None else state.ledger.status}")
    else:
        below.append("takeover switch, global database: none, the stage has one Region")
    held = "empty" if state.quarantined == 0 else f"{_count(state.quarantined)} held"
    below.append(f"quarantine: {UNKNOWN if state.quarantined is None else held}")
    if state.dual:
        below.append(f"recovery plan: {_plan(state)}")
    for region, known in state.regions.items():
        below += [f"in ALARM in {region}: {name}" for name in known.alarms or ()]
        below += [f"new in {region}, nothing told yet: {name}" for name in known.starting]
    below += [f"not read: {what}: {reason}" for what, reason in state.unread.items()]
    return below


def _switch(state: StageState) -> str:
    if state.takeover is None:
        return UNKNOWN
    since = "" if state.takeover_at is None else f" since {datetime.fromtimestamp(state.takeover_at, tz=UTC):%F %T} UTC"
    why = f" ({state.takeover_reason})" if state.takeover_reason else ""
    return f"set{since}: traffic goes to the secondary Region{why}" if state.takeover else f"not set{since}{why}"


def _recover(state: StageState) -> str:
    if state.recover_said is None or state.recover_said_at is None:
        return UNKNOWN if "recover" in state.unread else "has declined nothing"
    return f"{state.recover_said} ({age(max(0.0, state.at - state.recover_said_at))} ago)"


def _plan(state: StageState) -> str:
    if state.plan is None:  # the Region that would tell may be away
        whole = all(known.deployed for known in state.regions.values())
        return "none, tandem failover runs its steps" if whole else UNKNOWN
    return f"{state.plan}, evaluation: {state.plan_evaluation or UNKNOWN}"
