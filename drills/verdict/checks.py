"""Invariants and objectives, each with its verdict. What was never measured is unknown, and so is a drill with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

TITLES = {
    "lost": "Every acknowledged transaction is in both journals",
    "duplicated": "No transaction was taken under two ids",
    "different_answers": "What was sent again after its acknowledgement was answered as before",
    "ledger_missing": "Every acknowledged transaction is in both ledgers",
    "unanswered": "Every transaction was answered in the end",
    "refused": "No transaction was refused",
    "balances": "Every balance is what was acknowledged adds up to, so each was posted exactly once",
    "write_rto_seconds": "Writes are accepted again (write RTO)",
    "clients_moved_seconds": "Every client has reached the other Region",
    "ledger_complete_seconds": "The new writer's ledger is complete, counted from its promotion",
    "rpo_seconds": "Nothing acknowledged was missing in the surviving Region (RPO)",
    "all phases finished": "All phases finished",
}
"""What a check says to people, by its name."""


def title_of(name: str) -> str:
    """What a check says to people: a scenario's observation is named by what it says."""
    return TITLES.get(name, name[:1].upper() + name[1:])


COUNTED = ("lost", "duplicated", "different_answers", "ledger_missing", "unanswered", "refused")
TIMED = ("write_rto_seconds", "clients_moved_seconds", "ledger_complete_seconds")


class Verdict(StrEnum):
    """What a check, and a drill, comes to; each outranks those after it."""

    FAILED = "failed"
    UNKNOWN = "unknown"
    PASSED = "passed"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One invariant or objective and what it came to."""

    name: str
    verdict: Verdict
    detail: str

    def row(self) -> dict[str, Any]:
        """Return the check as a report has it."""
        return {
            "name": self.name,
            "passed": self.verdict is Verdict.PASSED,
            "verdict": self.verdict.value,
            "detail": self.detail,
        }


def overall(verdicts: Iterable[Verdict]) -> Verdict:
    """Return what a drill with these verdicts comes to: failed before unknown before passed, unknown without any."""
    given = set(verdicts)
    return next((verdict for verdict in Verdict if verdict in given), Verdict.UNKNOWN)


def checks(report: dict[str, Any], *, strong: bool) -> list[Check]:
    """Return every invariant and objective with its verdict; a figure that was never measured is unknown."""
    objectives = report["objectives"]

    def at_most(name: str, limit: float, unit: str) -> Check:
        if reason := report["not_applicable"].get(name):
            return Check(name=name, verdict=Verdict.PASSED, detail=f"not applicable: {reason}")
        value = report[name]
        if value is None:
            return Check(name=name, verdict=Verdict.UNKNOWN, detail=f"not measured, at most {limit:g} {unit}")
        return Check(name=name, verdict=verdict_of(value <= limit), detail=f"{value} {unit}, at most {limit:g} {unit}")

    checks = [at_most(name, 0, "transactions") for name in COUNTED]
    balances = report["wrong_balances"]
    if reason := report["not_applicable"].get("balances"):
        checks.append(Check(name="balances", verdict=Verdict.PASSED, detail=f"not applicable: {reason}"))
    elif balances is None:
        checks.append(Check(name="balances", verdict=Verdict.UNKNOWN, detail="not measured"))
    elif balances and report["unanswered"]:
        detail = f"{'; '.join(balances)}: what was never answered may have been posted, or not"
        checks.append(Check(name="balances", verdict=Verdict.UNKNOWN, detail=detail))
    else:
        detail = "; ".join(balances) or "as acknowledged"
        checks.append(Check(name="balances", verdict=verdict_of(not balances), detail=detail))
    checks += [at_most(name, objectives[name], "s") for name in TIMED]
    if strong:
        checks.append(at_most("rpo_seconds", 0, "s"))
    checks += [
        Check(name=each["name"], verdict=Verdict(each["verdict"]), detail=each["detail"])
        for each in report["observations"]
    ]
    if report["failure"]:
        checks.append(Check(name="all phases finished", verdict=Verdict.FAILED, detail=report["failure"]))
    elif not report["ended"]:
        last = f"in the phase {report['phases'][-1]['name']!r}" if report["phases"] else "before the first phase"
        detail = f"the history ends {last}: the drill was killed, or still runs"
        checks.append(Check(name="all phases finished", verdict=Verdict.UNKNOWN, detail=detail))
    return checks


def verdict_of(held: bool) -> Verdict:  # noqa: FBT001 - the only thing that it is given
    """Return what a check comes to that was measured: passed where it held."""
    return Verdict.PASSED if held else Verdict.FAILED


def having(report: dict[str, Any], verdict: Verdict) -> list[dict[str, Any]]:
    """Return the checks of a report that came to `verdict`."""
    return [check for check in report["checks"] if check["verdict"] == verdict]


def worst_first(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all checks of a report: what failed, then what is unknown, then what held."""
    return [check for verdict in Verdict for check in having(report, verdict)]
