"""Judge what was asked of whom while a Region was lost by what may be tried then."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["TOLERATED", "Tolerated", "callers", "needed", "refused"]

Call = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Tolerated:
    """A call to the lost Region that a step may try, and why it does not need the answer."""

    step: str
    service: str
    operation: str
    reason: str

    def covers(self, step: str, call: Call) -> bool:
        """Say whether this entry covers the call."""
        same = (step, call["service"]) == (self.step, self.service)
        return same and re.fullmatch(self.operation, call["operation"]) is not None


TOLERATED = (
    Tolerated(
        step="status",
        service="ssm",
        operation="GetParametersByPath",
        reason="`tandem status` finds out which Regions answer by asking both; it says that this one does not",
    ),
    Tolerated(
        step="planned",
        service="ssm",
        operation="GetParametersByPath",
        reason="`tandem failover --planned` needs both Regions, and refuses before it has moved anything",
    ),
    Tolerated(
        step="failback",
        service="ssm",
        operation="GetParametersByPath",
        reason="`tandem failback` needs the primary, and refuses in one line when it does not answer",
    ),
)
"""Everything else that needs a lost Region, or a control plane that went with it, is a fault."""


def refused(calls: Iterable[Call], lost: str) -> list[Call]:
    """Return the calls that needed the lost Region: whether the connection was cut or, which would be worse, not."""
    return [call for call in calls if call["region"] == lost]


def needed(step: str, calls: Iterable[Call], lost: str, tolerated: Sequence[Tolerated] = TOLERATED) -> list[str]:
    """Return what the step asked of the lost Region beyond what may be tried, or was answered by it; best empty."""
    return [
        f"{step}: {call['service']} {call['operation']}, answered {call['status']}, asked by {call['caller']}"
        for call in refused(calls, lost)
        if call["status"] is not None or not any(each.covers(step, call) for each in tolerated)
    ]


def callers(calls: Iterable[Call]) -> set[str]:
    """Return who called, of those whom the tests care about."""
    names = {"aws-cdk": "cdk", "app/tandem": "tandem"}
    return {name for call in calls for mark, name in names.items() if mark in call["caller"]}
