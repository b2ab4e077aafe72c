"""What is waited for, in words: the last that whoever moves it told. One line each, the most telling word first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drills.measure.lookup import Findings

REGION_OF_API = re.compile(r"\.execute-api\.([a-z0-9-]+)\.")
"""The Region in the host name of an API, which is what the deployed health checks ask."""


def routing(control: Mapping[str, Any], *, to: str, sent: int, clients: int) -> str:
    """Return which health checks are about to change, and how many clients DNS sends to a Region.

    `control` is the state of the embedded AWS. A check changes after as many results in a row as its threshold says.
    """
    changing = [_changing(check) for check in control["health_checks"].values() if check["against"]]
    return "; ".join([*sorted(changing), f"DNS sends {sent} of {clients} clients to {to}"])


def unhealthy(control: Mapping[str, Any]) -> str:
    """Return which health checks are not healthy yet."""
    names = sorted(_subject(check) for check in control["health_checks"].values() if not check["healthy"])
    return f"Route 53: unhealthy yet: {', '.join(names)}" if names else "Route 53: every check is healthy"


def lacking(findings: Findings) -> str:
    """Return how much each Region's journal and ledger lack of what was acknowledged."""
    told = [
        f"the {what} of {region} lacks {len(ids)}"
        for what, by_region in (("journal", findings.journal_missing), ("ledger", findings.ledger_missing))
        for region, ids in by_region.items()
        if ids
    ]
    told += [f"{len(lines)} wrong balances in {region}" for region, lines in findings.wrong_balances.items() if lines]
    return "; ".join(told) or "journals and ledgers hold everything"


def _changing(check: Mapping[str, Any]) -> str:
    # an inverted check is healthy while its endpoint fails
    passing = check["healthy"] != check["inverted"]
    result = "failed" if passing else "passed"
    return f"Route 53: {check['against']} of {check['failure_threshold']} checks of {_subject(check)} {result}"


def _subject(check: Mapping[str, Any]) -> str:
    """Whom a check is about, as a person names it."""
    if check["inverted"]:
        return "the takeover switch"
    region = REGION_OF_API.search(str(check["target"]))
    return region[1] if region else str(check["type"]).lower()
