"""`transactions`: the HTTP API, which takes transactions and answers for them."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from contract.environment import LedgerAccess, Place, Transactions, region_of
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import call_errors, client
from tandem_runtime.shared.deadline import Deadline
from tandem_runtime.shared.journal import Journal
from tandem_runtime.shared.ledger_errors import LedgerUnavailableError
from tandem_runtime.shared.problems import Problem
from tandem_runtime.transactions.adapters import CALL_SECONDS, LedgerAccounts
from tandem_runtime.transactions.api import Ports, answer
from tandem_runtime.transactions.canary import LedgerTransactions
from tandem_runtime.transactions.documents import Documents
from tandem_runtime.transactions.outcome import LedgerOutcomes
from tandem_runtime.transactions.request_log import log_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tandem_runtime.shared.ledger_connection import LedgerConnection

region = region_of(os.environ)
place = Place.read(os.environ)
access = LedgerAccess.read(os.environ)
own = Transactions.read(os.environ)
logger = telemetry.logger(place.service)
_deadline = Deadline()


@cache
def _journal() -> Journal:
    return Journal(client("dynamodb", region, seconds=CALL_SECONDS), place.journal_table)


@cache
def _ledger() -> LedgerConnection:
    # most environments never read the ledger, and its driver takes longer to load than everything else here
    from tandem_runtime.shared.ledger_connection import LedgerConnection  # noqa: PLC0415 - see above

    return LedgerConnection(access, region=region, deadline=_deadline)


@cache
def _documents() -> Documents:
    return Documents(client("s3", region, seconds=CALL_SECONDS), own.documents_bucket)


PORTS = Ports(
    region=region,
    journal=_journal,
    accounts=lambda: LedgerAccounts(_ledger()),
    posted=lambda: LedgerTransactions(_ledger()),
    outcomes=lambda: LedgerOutcomes(_ledger, _deadline.at_most),
    documents=_documents,
)


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP API request (payload 2.0), and write one line about it."""
    _deadline.start(context)
    if _ledger.cache_info().currsize:
        _ledger().close_if_dropped()
    answered = _answer(event)
    logger.info("answered", extra=log_fields(event, answered))
    return answered


def _answer(event: Mapping[str, Any]) -> dict[str, Any]:
    """The answer; while the ledger or a service is away it is 503, because the same request may succeed later."""
    try:
        return answer(event, PORTS)
    except LedgerUnavailableError as error:
        logger.warning("ledger unavailable", exc_info=error)
        return Problem(503, "the ledger cannot be read at the moment: try again").response()
    except call_errors() as error:
        logger.exception("a call failed")
        return Problem(503, f"{type(error).__name__} in {region}: try again with the same key").response()
    finally:
        if _ledger.cache_info().currsize:
            _ledger().close_if_idle()
