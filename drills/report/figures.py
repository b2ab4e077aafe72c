"""What a drill measured, as plain data: the content of report.json."""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from drills.measure.percentiles import percentile
from drills.measure.strictness import as_data
from drills.report.evidence import evidence
from drills.report.looked_up import looked_up, refused
from drills.report.way import way_of
from drills.verdict.checks import Verdict, checks, overall
from drills.verdict.expectations import expectations
from drills.verdict.repeats import different_answers, duplicated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from drills.clients.load import Transaction
    from drills.result import DrillResult

CONNECT_SECONDS = 5
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}


def build_report(result: DrillResult) -> dict[str, Any]:
    """Return the report as plain data; times are seconds since the first phase began."""
    options, detection, surroundings = result.options, result.detection, result.surroundings
    secondary, strong = result.secondary, result.strong
    start = result.phases[0][1] if result.phases else 0.0
    acknowledged = [transaction for transaction in result.transactions if transaction.acknowledged_at is not None]
    bound = detection.bound_seconds + CONNECT_SECONDS
    report: dict[str, Any] = {
        "stage": result.stage,
        "scenario": result.scenario,
        "summary": result.summary,
        "began": result.began.isoformat(timespec="seconds"),
        "not_applicable": dict(result.not_applicable),
        "observations": [check.row() for check in result.observations],
        "run": result.run,
        "seed": options.seed,
        "emulated": result.emulated,
        "strong": strong,
        "regions": _regions(result, secondary),
        "rate_per_second": options.rate,
        "acknowledged": len(acknowledged),
        "unanswered": result.unanswered,
        "refused": refused(result),
        "duplicated": duplicated(result.transactions, result.repeats),
        "different_answers": different_answers(result.repeats, strong=strong),
        "sent_again": len(result.repeats),
        **looked_up(result),
        **_times(result, secondary),
        "unreplicated_at_failover": result.unreplicated,
        "ledger_missing_at_promotion": result.standby_missing,
        "injected_lag_ms": options.lag_milliseconds,
        "strictness": as_data(result.strictness),
        "objectives": {
            "lost": 0,
            "duplicated": 0,
            "different_answers": 0,
            "ledger_missing": 0,
            "write_rto_seconds": bound,
            "clients_moved_seconds": bound,
            "ledger_complete_seconds": options.ledger_complete_seconds,
            "rpo_seconds": 0 if strong else None,
        },
        "detection": {
            "modelled": False,
            "interval_seconds": detection.interval_seconds,
            "threshold": detection.threshold,
            "record_ttl_seconds": detection.ttl_seconds,
            "routing_time_scale": detection.interval_scale,
            "explanation": f"{result.clients} clients know the API's name only; the deployed health checks were "
            f"evaluated every {detection.interval_seconds:g} s (deployed interval x {detection.interval_scale:g}), and "
            f"DNS answers were kept for {detection.ttl_seconds:g} s",
        },
        "recovery_plan_executed": result.plan,
        "plan_executions": [_execution(execution, result) for execution in result.executions],
        "expected_on_aws": [vars(expectation) for expectation in expectations(detection, strong=strong)],
        "differences_from_aws": list(surroundings.differences) if surroundings else [],
        "errors_seen_by_clients": dict(sorted(result.error_kinds.items())),
        "latency": _latencies(result, secondary, start),
        "events": _events(result, secondary, start),
        "dns_answers": [
            {
                "at": round(max(0.0, each.at - start), 3),
                "canonical": each.canonical,
                "address": each.address,
                "ttl": each.ttl,
            }
            for each in result.answers
        ],
        "clients": result.clients,
        "clients_reached_it_by": way_of(result.answers),
        "routing": [
            {"at": round(max(0.0, at - start), 3), "client": client, "region": region}
            for at, client, region in result.routing
        ],
        "per_second": _per_second(result, start),
        "lag_samples": [
            {"at": round(each.at - start, 3), "journal": _rounded(each.journal), "ledger": _rounded(each.ledger)}
            for each in result.lag
        ],
        "phases": [
            {"name": name, "start": round(begin - start, 3), "end": round(finish - start, 3)}
            for name, begin, finish in result.phases
        ],
        "setup_seconds": dict(result.setup),
        "evidence": evidence(result),
        "failure": result.failure,
        "ended": result.ended,
        "settings": dict(surroundings.settings) if surroundings else {},
        "options": asdict(options),
        "machine": dict(surroundings.machine) if surroundings else {},
        "versions": dict(surroundings.versions) if surroundings else {},
    }
    for name in result.not_applicable:
        report[name] = None
    verdicts = checks(report, strong=strong)
    verdict = overall(check.verdict for check in verdicts)
    report["checks"] = [check.row() for check in verdicts]
    report["verdict"] = verdict.value
    report["passed"] = verdict is Verdict.PASSED
    if result.total_seconds is not None:
        report["total_seconds"] = result.total_seconds
    return report


def _regions(result: DrillResult, secondary: str) -> list[str]:
    """Both Regions, the secondary last: where clients were sent, and whose copies were sampled."""
    seen = [region for _, _, region in result.routing] + [region for each in result.lag for region in each.journal]
    return [*dict.fromkeys(region for region in seen if region != secondary), secondary]


def _times(result: DrillResult, secondary: str) -> dict[str, float | None]:
    lost_at = result.lost_at
    answered = (at for at, _, region in result.routing if region == secondary and lost_at is not None and at > lost_at)
    return {
        "write_rto_seconds": _since(lost_at, _first_acknowledged(result, secondary)),
        "detection_seconds": _since(lost_at, min(answered, default=None)),
        "clients_moved_seconds": _since(lost_at, result.moved_at),
        "promotion_seconds": _since(lost_at, result.promoted_at),
        "ledger_rto_seconds": _since(lost_at, result.ledger_complete_at),
        "ledger_complete_seconds": _since(result.promoted_at, result.ledger_complete_at),
        "rpo_seconds": None if result.rpo_seconds is None else round(result.rpo_seconds, 3),
    }


def _since(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else round(end - start, 3)


def _first_acknowledged(result: DrillResult, region: str) -> float | None:
    """When the first transaction after the outage began was acknowledged by `region`."""
    if result.lost_at is None:
        return None
    times = (
        transaction.acknowledged_at
        for transaction in result.transactions
        if transaction.region == region and transaction.acknowledged_at
    )
    return min((at for at in times if at > result.lost_at), default=None)


def _latencies(result: DrillResult, secondary: str, start: float) -> dict[str, dict[str, Any]]:
    """Latency by when a transaction was due: before, in the outage, in the recovery, and after everything was back.

    The outage ends with the first acknowledgement by the secondary; a scenario without an outage has none.
    """
    end = max([phase[2] for phase in result.phases], default=start)
    disturbed = result.lost_at or result.disturbed_at or end
    served = (_first_acknowledged(result, secondary) or end) if result.lost_at is not None else disturbed
    settled = max(served, result.settled_at or end)
    spans = {
        "before": (start, disturbed),
        "during_outage": (disturbed, served),
        "during_recovery": (served, settled),
        "after": (settled, math.inf),
    }
    return {
        name: {
            "from": round(begin - start, 3),
            "until": None if math.isinf(until) else round(until - start, 3),
            **_latency(
                transaction
                for transaction in result.transactions
                if transaction.acknowledged_at and begin <= transaction.due < until
            ),
        }
        for name, (begin, until) in spans.items()
    }


def _latency(transactions: Iterable[Transaction]) -> dict[str, float | int | None]:
    values = [transaction.latency for transaction in transactions]
    cells = {name: percentile(values, share) for name, share in SHARES.items()}
    return {"count": len(values), **{f"{name}_milliseconds": _milliseconds(at) for name, at in cells.items()}}


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)


def _events(result: DrillResult, secondary: str, start: float) -> list[dict[str, Any]]:
    moments = {
        "outage begins": result.lost_at,
        f"{secondary} acknowledges": _first_acknowledged(result, secondary),
        "ledger promoted": result.promoted_at,
        "ledger complete": result.ledger_complete_at,
        "everything is back": result.settled_at,
    }
    return sorted(
        ({"name": name, "at": round(at - start, 3)} for name, at in moments.items() if at is not None),
        key=lambda each: float(str(each["at"])),
    )


def _per_second(result: DrillResult, start: float) -> list[dict[str, Any]]:
    """One row for each second from the first to the last in which anything was answered, latencies in milliseconds."""
    latencies: dict[int, list[float]] = {}
    errors: dict[int, int] = {}
    for transaction in result.transactions:
        if transaction.acknowledged_at is not None:
            latencies.setdefault(int(transaction.acknowledged_at - start), []).append(transaction.latency)
    for at in result.error_times:
        errors[int(at - start)] = errors.get(int(at - start), 0) + 1
    seconds = [*latencies, *errors]
    return [
        {
            "second": second,
            "acknowledged": len(latencies.get(second, [])),
            "errors": errors.get(second, 0),
            "p50_milliseconds": _milliseconds(percentile(latencies.get(second, []), 0.5)),
            "p99_milliseconds": _milliseconds(percentile(latencies.get(second, []), 0.99)),
        }
        for second in (range(min(seconds), max(seconds) + 1) if seconds else ())
    ]


def _rounded(values: Any) -> dict[str, float | None]:
    return {region: None if value is None else round(value, 3) for region, value in values.items()}


def _execution(execution: Mapping[str, Any], result: DrillResult) -> dict[str, Any]:
    """An execution of the recovery plan; times in seconds since the first phase began, as ARC's clock tells them."""

    def seconds(at: Any) -> float | None:
        return None if at is None else round((datetime.fromisoformat(at) - result.began).total_seconds(), 3)

    return {
        "region": execution["region"],
        "mode": execution.get("mode"),
        "state": execution.get("executionState"),
        "comment": execution.get("comment", ""),
        "start": seconds(execution.get("startTime")),
        "end": seconds(execution.get("endTime")),
        "steps": [
            {
                "name": step.get("name"),
                "status": step.get("status"),
                "start": seconds(step.get("startTime")),
                "end": seconds(step.get("endTime")),
            }
            for step in execution.get("stepStates", [])
        ],
    }
