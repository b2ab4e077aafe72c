"""`recover`: asked every minute by a schedule, and by the secondary Region's recovery alarm."""

from __future__ import annotations

import os
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from contract.environment import Place, Recover, region_of
from contract.metrics import RECOVERY_DECLINED, RECOVERY_DOUBT, RECOVERY_SIGNAL, SIGNAL
from tandem_runtime.recover.adapters import StageRecovery
from tandem_runtime.recover.kept import EvidenceItem, holds_young, observation
from tandem_runtime.recover.logic import recover
from tandem_runtime.recover.readiness import Versions, readiness
from tandem_runtime.recover.signals import (
    CANARY,
    HEARTBEAT,
    JOURNAL,
    JOURNAL_LIMIT_SECONDS,
    Signal,
    canary_signal,
    doubtful,
    heartbeat_signal,
    journal_signal,
)
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import call_errors, client
from tandem_runtime.shared.heartbeats import Heartbeats
from tandem_runtime.shared.signs import LEVELS, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

region = region_of(os.environ)
place = Place.read(os.environ)
own = Recover.read(os.environ)
logger = telemetry.logger(place.service)


def handler(_event: Mapping[str, Any], _context: object) -> dict[str, object]:
    """Look at the three signals, then decide. Who asks does not matter: the evidence has watched, nobody else."""
    now, dynamodb = time.time(), client("dynamodb", region)
    signals = _signals(dynamodb, now)
    _tell(signals)
    recovery = StageRecovery(
        rds=client("rds", region, seconds=20),
        functions=client("lambda", region, seconds=20),
        region_switch=client("arc-region-switch", region, seconds=20) if own.plan_arn else None,
        plan_arn=own.plan_arn,
        target_region=own.target_region,
        global_cluster=own.global_cluster,
        target_cluster_arn=own.target_cluster_arn,
        takeover_function=own.takeover_function,
        sweeper_function=own.sweeper_function,
    )
    evidence = EvidenceItem(dynamodb, own.evidence_table)
    decision = recover(signals, evidence, recovery, now=now)
    telemetry.emit({RECOVERY_DECLINED: float(decision.declined)}, place=place)
    if decision.declined or decision.started:
        evidence.say(f"began {decision.started}" if decision.started else f"declined: {decision.because}", now)
    logger.info("decided", extra={"decision": asdict(decision), "signals": {k: asdict(v) for k, v in signals.items()}})
    region_switch = client("arc-region-switch", region, seconds=5) if own.plan_arn else None
    _tell_readiness(Heartbeats(dynamodb, place.operational_table), region_switch)
    return asdict(decision)


def _tell_readiness(heartbeats: Versions, region_switch: Any) -> None:
    metrics = readiness(
        heartbeats,
        [region, place.other_region or region],
        region_switch,
        own.plan_arn,
        errors=call_errors(),
        warn=lambda name: logger.warning("readiness could not be told", extra={"error": name}),
    )
    if metrics:
        telemetry.emit(metrics, place=place)


def _tell(signals: Mapping[str, Signal]) -> None:
    for name, signal in signals.items():
        telemetry.emit({RECOVERY_SIGNAL: LEVELS[signal.state]}, place=place, dimensions={SIGNAL: name})
    telemetry.emit({RECOVERY_DOUBT: float(doubtful(signals))}, place=place)


def _signals(dynamodb: Any, now: float) -> dict[str, Signal]:
    primary = place.other_region or ""

    def heartbeat() -> Signal:
        heard_at = Heartbeats(dynamodb, place.operational_table).latest(primary)
        return heartbeat_signal(heard_at, now, limit=own.heartbeat_limit_seconds)

    def journal() -> Signal:
        young = holds_young(dynamodb, place.journal_table, origin=primary, now=now, limit=JOURNAL_LIMIT_SECONDS)
        return journal_signal(holds_young=young)

    def canary() -> Signal:
        of_primary, of_own = (observation(dynamodb, own.evidence_table, each) for each in (primary, region))
        return canary_signal(of_primary, of_own, now)

    return {name: _asked(ask) for name, ask in ((HEARTBEAT, heartbeat), (JOURNAL, journal), (CANARY, canary))}


def _asked(ask: Callable[[], Signal]) -> Signal:
    """The signal, unknown where it cannot be read: this Region may be the one in trouble."""
    try:
        return ask()
    except call_errors() as error:
        return Signal(UNKNOWN, f"it cannot be read: {type(error).__name__}")
