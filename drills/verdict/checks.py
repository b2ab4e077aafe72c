"""Invariants and objectives, each with its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TITLES = {
    "lost": "Every acknowledged transaction is in both journals",
    "duplicated": "No transaction was taken twice",
    "ledger_missing": "Every acknowledged transaction is in both ledgers",
    "ledger_duplicated": "No transaction was posted twice",
    "unanswered": "Every transaction was answered in the end",
    "refused": "No transaction was refused",
    "balances": "Every balance is what was acknowledged adds up to",
    "write_rto_seconds": "Writes are accepted again (write RTO)",
    "clients_moved_seconds": "Every client has reached the other Region",
    "ledger_complete_seconds": "The new writer's ledger is complete, counted from its promotion",
    "rpo_seconds": "Nothing acknowledged was missing in the surviving Region (RPO)",
    "all phases finished": "All phases finished",
}
"""What a check says to people, by its name."""

COUNTED = ("lost", "duplicated", "ledger_missing", "ledger_duplicated", "unanswered", "refused")
TIMED = ("write_rto_seconds", "clients_moved_seconds", "ledger_complete_seconds")


@dataclass(frozen=True, kw_only=True)
class Check:
    """One invariant or objective and whether it held."""

    name: str
    passed: bool
    detail: str


def checks(report: dict[str, Any], *, strong: bool) -> list[Check]:
    """Return every invariant and objective with its verdict; a figure that was never measured fails."""
    objectives = report["objectives"]

    def at_most(name: str, limit: float, unit: str) -> Check:
        if reason := report["not_applicable"].get(name):
            return Check(name=name, passed=True, detail=f"not applicable: {reason}")
        value = report[name]
        passed = value is not None and value <= limit
        shown = "not measured" if value is None else f"{value} {unit}"
        return Check(name=name, passed=passed, detail=f"{shown}, at most {limit:g} {unit}")

    checks = [at_most(name, 0, "transactions") for name in COUNTED]
    balances = report["wrong_balances"]
    wrong = "not measured" if balances is None else "; ".join(balances)
    checks.append(Check(name="balances", passed=balances == [], detail=wrong or "as acknowledged"))
    checks += [at_most(name, objectives[name], "s") for name in TIMED]
    if strong:
        checks.append(at_most("rpo_seconds", 0, "s"))
    checks += [Check(**observation) for observation in report["observations"]]
    if report["failure"]:
        checks.append(Check(name="all phases finished", passed=False, detail=report["failure"]))
    return checks


def failed(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the checks of a report that did not hold: what is read first."""
    return [check for check in report["checks"] if not check["passed"]]


def failed_first(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all checks of a report, those that did not hold before the others."""
    return sorted(report["checks"], key=lambda check: bool(check["passed"]))
