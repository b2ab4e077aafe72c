"""What is seen of a played stage at one moment, and what of it the page is told: pure functions of what was read."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from drills.history.events import ClientsMoved, Promoted
from drills.history.played import FirstClientsMoved, HealthChanged, NameLed, StageJudged
from drills.history.seen import SwitchSeen
from drills.play.words import CLIENTS
from operations.verdict import DEGRADED, FAILED, HEALTHY, verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drills.history.events import Event
    from drills.measure.lag import LagSample
    from drills.play.timeline import Entry
    from drills.play.traffic import TrafficSeen
    from operations.stage_state import StageState

GENERATED = re.compile(r"\btandem-\w+-\w+-([A-Za-z]\w*?)[0-9A-F]{8}-[0-9A-Z]+\b")
"""An alarm's name as CloudFormation generates it; the group is the part that a person reads."""
WORDS = {HEALTHY: "healthy", DEGRADED: "degraded", FAILED: "failed"}
"""A verdict's status as the page names it."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the embedded AWS's control, the operator's own questions and the clients tell at a moment.

    `control` and `faults` are the control's answers as they are, `status` the stage as `tandem status` reads it, None
    until it was read once. `dns` is the Region that the API's name leads to now, `sent_to` how many clients use each
    Region. `balances` are each ledger's, in minor units by account, None where a ledger does not answer. `rate` is that
    of the load, 0 without one, and `busy` names the move of the writer that is under way.
    """

    at: float
    stage: str
    regions: tuple[str, ...]
    api_name: str
    control: Mapping[str, Any]
    faults: Sequence[Mapping[str, Any]]
    status: StageState | None
    dns: str | None
    sent_to: Mapping[str, int]
    traffic: TrafficSeen
    lag: LagSample | None
    balances: Mapping[str, Mapping[str, int] | None]
    rate: float
    busy: str | None

    @property
    def writer(self) -> str | None:
        """The Region that writes the ledger, None where nobody tells."""
        ledger = None if self.status is None else self.status.ledger
        return None if ledger is None else ledger.writer


def state_of(seen: Seen, *, entries: Sequence[Entry] = (), lines: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    """Return what the page shows, as plain data. What is not known is None."""
    worth = None if seen.status is None else verdict(seen.status)
    return {
        "at": seen.at,
        "stage": seen.stage,
        "name": seen.api_name,
        "verdict": "being read" if worth is None else GENERATED.sub(r"\1", worth.line),
        "worth": "unknown" if worth is None else WORDS[worth.status],
        "dns": seen.dns,
        "writer": seen.writer,
        "takeover": None if seen.status is None else seen.status.takeover,
        "isolated": seen.control["isolated"],
        "pending_replication": seen.control["pending_replication"],
        "clients": sum(seen.sent_to.values()),
        "rate": seen.rate,
        "acknowledged": seen.traffic.acknowledged,
        "refused": seen.traffic.refused,
        "waiting": seen.traffic.waiting,
        "errors_per_second": seen.traffic.errors_per_second,
        "errors": list(seen.traffic.errors),
        "balances_agree": _agree(seen),
        "busy": seen.busy,
        "regions": [_region(seen, region) for region in seen.regions],
        "other_checks": [check for check in _checks(seen) if check["region"] is None],
        "events": [asdict(entry) for entry in entries],
        "lines": [dict(line) for line in lines],
    }


def line_of(seen: Seen) -> str:
    """Return in one line what is waited for, or else who answers, who writes, and how many are served each second."""
    served = sum(each.per_second for each in seen.traffic.regions.values())
    return " · ".join(
        [
            *([seen.busy] if seen.busy else []),
            f"DNS: {seen.dns or 'no answer'}",
            f"{seen.writer or 'nobody known'} writes",
            f"{served:.1f}/s acknowledged",
            f"{seen.traffic.errors_per_second:.1f} errors/s",
        ]
    )


def _region(seen: Seen, region: str) -> dict[str, Any]:
    known = None if seen.status is None else seen.status.regions.get(region)
    served = seen.traffic.regions[region]
    balances = seen.balances.get(region)
    lost = region in seen.control["lost"]
    return {
        "region": region,
        "role": "primary" if region == seen.regions[0] else "secondary",
        "lost": lost,
        "isolated": seen.control["isolated"] == region,
        "slow_milliseconds": slow_milliseconds(seen, region),
        "answered_by_dns": None if seen.dns is None else seen.dns == region,
        "clients": seen.sent_to.get(region, 0),
        "writes": None if seen.writer is None else seen.writer == region,
        "healthy": None if known is None else known.healthy and not lost,
        "checks": [check for check in _checks(seen) if check["region"] == region],
        "per_second": served.per_second,
        "p50_milliseconds": served.p50_milliseconds,
        "p99_milliseconds": served.p99_milliseconds,
        "series": list(served.series),
        "journal_behind_seconds": None if seen.lag is None else seen.lag.journal.get(region),
        "ledger_behind_seconds": None if seen.lag is None else seen.lag.ledger.get(region),
        "projector_behind_seconds": None if known is None else known.iterator_age_seconds,
        "heartbeat_age_seconds": None if known is None else known.heartbeat_age_seconds,
        "alarms": None
        if known is None or known.alarms is None
        else [GENERATED.sub(r"\1", name) for name in known.alarms],
        "balances": None if balances is None else _rows(balances),
    }


def _rows(balances: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"account": account, "minor": balances[account]} for account in sorted(balances)]


def slow_milliseconds(seen: Seen, region: str) -> int:
    """Return how much later the Region's answers come by the faults that there are."""
    return sum(int(fault["delay_milliseconds"]) for fault in seen.faults if fault["region"] == region)


def _checks(seen: Seen) -> list[dict[str, Any]]:
    """The health checks that the embedded Route 53 evaluates, each with the Region that its target is in, if it is."""
    checks = []
    for check in seen.control["health_checks"].values():
        target = str(check["target"])
        region = next((each for each in seen.regions if f".{each}." in target), None)
        checks.append(
            {
                "region": region,
                "type": check["type"],
                "target": target,
                "inverted": check["inverted"],
                "healthy": check["healthy"],
                "interval_seconds": check["interval_seconds"],
                "threshold": check["failure_threshold"],
            }
        )
    return sorted(checks, key=lambda check: (str(check["type"]), check["target"]))


def _agree(seen: Seen) -> bool | None:
    """Say whether the ledgers have the same balances, None where one does not tell."""
    balances = [seen.balances.get(region) for region in seen.regions]
    if any(each is None for each in balances):
        return None
    return all(each == balances[0] for each in balances)


def changes(before: Seen, after: Seen, *, at: float) -> list[Event]:
    """Return what happened by itself between two moments, as the events of a history; all of them carry `at`."""
    events: list[Event] = []
    if after.dns != before.dns:
        events.append(NameLed(at=at, region=after.dns))
    events += _clients(before, after, at)
    if before.writer != after.writer and after.writer is not None and before.status is not None:
        events.append(Promoted(at=at, region=after.writer))
    if before.status is not None and after.status is not None:
        if before.status.takeover is not None and after.status.takeover not in (None, before.status.takeover):
            events.append(SwitchSeen(at=at, is_set=after.status.takeover))
        if (now := verdict(after.status).status) != verdict(before.status).status:
            events.append(StageJudged(at=at, verdict=WORDS[now]))
    healthy = {check["target"]: check["healthy"] for check in _checks(before) if check["region"]}
    for check in _checks(after):
        target, is_healthy = check["target"], check["healthy"]
        if check["region"] and healthy.get(target, is_healthy) != is_healthy:
            events.append(HealthChanged(at=at, region=check["region"], healthy=is_healthy))
    return events


def _clients(before: Seen, after: Seen, at: float) -> list[Event]:
    """An event when the first client turns to a Region, and one when all have."""
    events: list[Event] = []
    for region in after.regions:
        was, now = before.sent_to.get(region, 0), after.sent_to.get(region, 0)
        if now in (was, 0):
            continue
        if now == CLIENTS:
            events.append(ClientsMoved(at=at, region=region))
        elif was == 0:
            events.append(FirstClientsMoved(at=at, region=region))
    return events
