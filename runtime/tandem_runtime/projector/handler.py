"""`projector`: brings what the journal's stream delivers into the ledger."""

from __future__ import annotations

import os
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from contract.environment import LedgerAccess, Place, region_of
from contract.metrics import CONFLICTS, INSERTED, QUARANTINED, VERIFIED
from contract.tables import PARTITION_KEY
from tandem_runtime.projector.logic import parse, project
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import client
from tandem_runtime.shared.deadline import Deadline
from tandem_runtime.shared.ledger_connection import LedgerConnection
from tandem_runtime.shared.quarantine import Quarantine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

region = region_of(os.environ)
place = Place.read(os.environ)
access = LedgerAccess.read(os.environ)
logger = telemetry.logger(place.service)
_deadline = Deadline()

_PATIENCE_SECONDS = 2.0
_LOOK_AGAIN_SECONDS = 0.05


@cache
def _ledger() -> LedgerConnection:
    return LedgerConnection(access, region=region, deadline=_deadline)


@cache
def _quarantine() -> Quarantine:
    return Quarantine(client("dynamodb", region), place.operational_table, region)


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Project a batch of stream records; answers with the record to deliver again from, if any."""
    _deadline.start(context)
    _ledger().close_if_dropped()
    records, malformed = parse(event["Records"])
    outcome = project(records, _ledger(), _patience())
    set_aside = [*malformed, *outcome.quarantined]
    for item, reason in set_aside:
        _quarantine().keep(item, reason)
        logger.error("quarantined %s: %s", item.get(PARTITION_KEY), reason)
    _ledger().close_if_idle()
    counts = {
        INSERTED: outcome.inserted,
        VERIFIED: outcome.verified,
        CONFLICTS: outcome.conflicts,
        QUARANTINED: len(set_aside),
    }
    if happened := {name: count for name, count in counts.items() if count}:
        telemetry.emit(happened, place=place)
    if outcome.failed is None:
        return {"batchItemFailures": []}
    return {"batchItemFailures": [{"itemIdentifier": outcome.failed}]}


def _patience() -> Callable[[], bool]:
    deadline = time.monotonic() + _PATIENCE_SECONDS

    def wait() -> bool:
        time.sleep(_LOOK_AGAIN_SECONDS)
        return time.monotonic() < deadline

    return wait
