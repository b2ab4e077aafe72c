"""What the look-up at a drill's end found, and how many transactions were refused; None is what nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drills.measure.lookup import Findings
    from drills.result import DrillResult


def refused(result: DrillResult) -> int | None:
    """Return how many were refused for good; where nobody saw the load stop, more may have been."""
    count = sum(transaction.refused is not None for transaction in result.transactions)
    return count if count or result.unanswered is not None else None


def looked_up(result: DrillResult) -> dict[str, Any]:
    """Return what was found: a look-up of nothing, or of a part, can say what is missing and not that nothing is."""
    findings = result.findings
    if findings is None:
        return dict.fromkeys(("lost", "ledger_missing", "ledger_duplicated", "wrong_balances"))
    told = _told(findings)
    acknowledged = {each.id for each in result.transactions if each.acknowledged_at is not None}
    if 0 < len(acknowledged) <= findings.acknowledged:
        return told
    return {name: value or None for name, value in told.items()}


def _told(findings: Findings) -> dict[str, Any]:
    return {
        "lost": _count(findings.journal_missing),
        "ledger_missing": _count(findings.ledger_missing),
        "ledger_duplicated": _count(findings.ledger_duplicated),
        "wrong_balances": [f"{region} {line}" for region, lines in findings.wrong_balances.items() for line in lines],
    }


def _count(by_region: dict[str, list[str]]) -> int:
    return len({transaction_id for ids in by_region.values() for transaction_id in ids})
