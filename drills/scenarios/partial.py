"""Phases of failures that are not binary: a part of the primary Region's calls fails, is refused or takes longer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract.canary import POST_ROUTE
from contract.checks import HEALTH_PATH
from drills.history.events import Faulted, Mended
from drills.history.seen import STREAMS, BacklogSeen, FaultsCounted, WriterSeen
from drills.measure.lookup import ledger_entries
from operations.global_database import ledger_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from drills.context import DrillContext


@dataclass(frozen=True, kw_only=True)
class PartialFault:
    """A fault of the primary Region, or of the secondary, as the embedded AWS's control takes it.

    `outage` says that clients cannot be served there from then on.
    """

    what: str
    service: str
    operation: str = "*"
    share: float = 1
    error: str = ""
    status: int = 500
    delay_milliseconds: int = 0
    outage: bool = False
    in_secondary: bool = False

    def region(self, context: DrillContext) -> str:
        """Return the Region that it strikes."""
        return context.secondary if self.in_secondary else context.primary


JOURNAL_AWAY = PartialFault(what="journal", service="dynamodb", error="InternalServerError", outage=True)
SLOW = PartialFault(what="speed of the journal", service="dynamodb", delay_milliseconds=500)
ERRORS = PartialFault(
    what="three in ten calls of the journal", service="dynamodb", share=0.3, error="InternalServerError"
)
THROTTLED_TABLE = PartialFault(
    what="three in ten writes of the journal",
    service="dynamodb",
    operation="PutItem",
    share=0.3,
    error="ProvisionedThroughputExceededException",
    status=400,
)
THROTTLED_API = PartialFault(
    what="half of the API's requests",
    service="execute-api",
    operation="POST /transactions",
    share=0.5,
    error="Too Many Requests",
    status=429,
)
NO_STREAM = PartialFault(what="delivery of streams", service=STREAMS)
NO_HEALTH = PartialFault(
    what="answers to health checks",
    service="execute-api",
    operation=f"GET {HEALTH_PATH}*",
    error="Internal Server Error",
)
NO_CANARY = PartialFault(
    what="answers to canaries", service="execute-api", operation=POST_ROUTE, error="Internal Server Error"
)
BLIND = PartialFault(what="tables", service="dynamodb", error="InternalServerError", in_secondary=True)


def inject(*faults: PartialFault) -> Callable[[DrillContext], None]:
    """Return the phase that injects these, all into the Region that the first one strikes."""

    def phase(context: DrillContext) -> None:
        region = faults[0].region(context)
        with context.phase(f"strike {' and '.join(fault.what for fault in faults)} in {region}"):
            for fault in faults:
                context.history.append(
                    Faulted(at=time.monotonic(), what=fault.what, region=region, outage=fault.outage)
                )
                context.control.add_fault(
                    region=region,
                    service=fault.service,
                    operation=fault.operation,
                    share=fault.share,
                    error=fault.error,
                    status=fault.status,
                    delay_milliseconds=fault.delay_milliseconds,
                )

    return phase


def mend(context: DrillContext) -> None:
    """Note how often each has struck, and take all of them back."""
    with context.phase(f"mend {context.history.of(Faulted)[-1].region}"):
        faults = context.control.faults()
        for each in context.history.of(Faulted):
            context.history.append(Mended(at=time.monotonic(), what=each.what, region=each.region))
        context.control.remove_faults()
    context.history.append(FaultsCounted(at=time.monotonic(), faults=tuple(faults)))


def take_back(context: DrillContext) -> None:
    """Take all of them back without a check: the Region that they were in is lost."""
    for each in context.history.of(Faulted):
        context.history.append(Mended(at=time.monotonic(), what=each.what, region=each.region))
    context.control.remove_faults()


def writer_stayed(context: DrillContext) -> None:
    """Note who writes the ledger, which nobody was to move: no Region was lost."""
    writer = ledger_state(context.endpoint, context.deployment, context.secondary).writer_region
    context.history.append(WriterSeen(at=time.monotonic(), region=writer))


def backlog_grew(context: DrillContext) -> None:
    """Note how far the ledger fell behind its journal."""
    ids = {str(transaction.id) for transaction in context.acknowledged()}
    lacked = len(ids) - len(ledger_entries(context.endpoint, context.deployment, context.primary, ids))
    context.history.append(
        BacklogSeen(at=time.monotonic(), region=context.primary, acknowledged=len(ids), lacked=lacked)
    )
