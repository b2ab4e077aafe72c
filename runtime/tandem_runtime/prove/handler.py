"""`prove`: asked by `attest`, inside the VPC, where a restored ledger and the journal can be reached."""

from __future__ import annotations

import os
import time
from datetime import UTC
from typing import TYPE_CHECKING, Any

from contract.environment import LedgerAccess, Place, Prove, region_of
from tandem_runtime.prove.logic import prove, time_of
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import client
from tandem_runtime.shared.deadline import Deadline
from tandem_runtime.shared.journal import Journal
from tandem_runtime.shared.ledger_connection import LedgerConnection
from tandem_runtime.shared.quarantine import Quarantine

if TYPE_CHECKING:
    from collections.abc import Mapping

region = region_of(os.environ)
place = Place.read(os.environ)
own = Prove.read(os.environ)
logger = telemetry.logger(place.service)

WORK_SECONDS = 50.0
"""How long one run reads; `attest` asks again for what is left."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Compare the ledger at `host` and `port` with the journal, from the key `after` on where there is one.

    Answers as `prove` does, with the ledger's time as `until`.
    """
    deadline = Deadline()
    deadline.start(context)
    access = LedgerAccess(
        ledger_writer_host=str(event["host"]),
        ledger_reader_host=str(event["host"]),
        ledger_port=str(event["port"]),
        ledger_database=own.ledger_database,
        ledger_user=own.ledger_user,
        ledger_idle_seconds=0,
    )
    ledger = LedgerConnection(access, region=region, deadline=deadline)
    dynamodb = client("dynamodb", region)
    origins = [region, *([place.other_region] if place.other_region else [])]
    last = time.monotonic() + WORK_SECONDS
    try:
        until = time_of(ledger, origins)
        answer = prove(
            Journal(dynamodb, place.journal_table),
            ledger,
            until=until,
            after=event.get("after"),
            more=lambda: time.monotonic() < last,
            quarantined=lambda: {
                each.key for each in Quarantine(dynamodb, place.operational_table, region).everything()
            },
        )
    finally:
        ledger.close()
    logger.info(
        "compared with the journal", extra={name: answer[name] for name in ("compared", "lacking", "differing")}
    )
    return {**answer, "until": until.astimezone(UTC).isoformat()}
