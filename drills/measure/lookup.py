"""Look up every acknowledged transaction in both journals and both ledgers."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contract.journal import id_of, key_of
from contract.tables import PARTITION_KEY
from contract.waiting import wait_until
from drills.measure.missing import lacking
from operations.errors import OperationError
from operations.ledger_query import query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from drills.clients.load import Transaction
    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

BATCH = 100  # the most that one BatchGetItem takes
PAGE = 2000
ENTRIES_OF_A_TRANSACTION = 2
POLL_SECONDS = 0.25
THROTTLED_TRIES = 10
FIRST_PAUSE_SECONDS, MOST_PAUSE_SECONDS = 0.1, 5.0
"""Batch reads in a row that yield nothing, and the pauses between them: about half a minute at most."""


@dataclass(kw_only=True)
class Findings:
    """What a look-up found; every list holds transaction ids, every dictionary is by Region."""

    acknowledged: int
    journal_missing: dict[str, list[str]] = field(default_factory=dict)
    ledger_missing: dict[str, list[str]] = field(default_factory=dict)
    ledger_duplicated: dict[str, list[str]] = field(default_factory=dict)
    wrong_balances: dict[str, list[str]] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Say whether everything is everywhere and every balance, where it was compared, is right.

        `ledger_duplicated` has no say, because the ledger's schema refuses to post an id twice: balances show that.
        """
        by_region = (self.journal_missing, self.ledger_missing, self.wrong_balances)
        return not any(ids for kind in by_region for ids in kind.values())


def journal_ids(
    endpoint: Endpoint,
    deployment: Deployment,
    region: str,
    ids: Iterable[str],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> set[str]:
    """Return which of `ids` are in a Region's journal replica, read consistently.

    Raises OperationError when the journal cannot be read, or yields nothing any more because it is throttled.
    """
    table = deployment.journal_table(region)
    present: set[str] = set()
    try:
        for chunk in _chunks(ids, BATCH):
            present.update(_held(endpoint.dynamodb(region), table, chunk, sleep))
    except (BotoCoreError, ClientError) as error:
        raise OperationError(f"the journal of {region} could not be read: {error}") from error
    return present


def _held(dynamodb: Any, table: str, ids: Sequence[str], sleep: Callable[[float], None]) -> Iterator[str]:
    """The ids that one BatchGetItem finds; what it leaves unprocessed is asked for again after a random pause."""
    left: Any = {table: _request(ids)}
    in_vain = 0
    while True:
        answer = dynamodb.batch_get_item(RequestItems=left)
        yield from (id_of(item[PARTITION_KEY]["S"]) for item in answer["Responses"].get(table, []))
        before, left = left, answer.get("UnprocessedKeys")
        if not left:
            return
        in_vain = in_vain + 1 if len(left[table]["Keys"]) == len(before[table]["Keys"]) else 0
        if in_vain == THROTTLED_TRIES:
            raise OperationError(f"{table} is throttled: {len(left[table]['Keys'])} items are not read yet, try again")
        sleep(random.uniform(0, min(MOST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**in_vain)))  # noqa: S311 - no secret


def _request(ids: Sequence[str]) -> dict[str, Any]:
    keys = [{PARTITION_KEY: {"S": key_of(transaction_id)}} for transaction_id in ids]
    return {"Keys": keys, "ConsistentRead": True, "ProjectionExpression": PARTITION_KEY}


def _chunks(ids: Iterable[str], size: int) -> Iterator[list[str]]:
    ordered = iter(sorted(ids))
    while chunk := list(islice(ordered, size)):
        yield chunk


def ledger_entries(endpoint: Endpoint, deployment: Deployment, region: str, ids: Iterable[str]) -> dict[str, int]:
    """Return the number of entries of each of `ids` in a Region's ledger."""
    counts: dict[str, int] = {}
    for chunk in _chunks(ids, PAGE):
        rows = query(
            endpoint,
            deployment,
            region,
            "SELECT t.id::text, (SELECT count(*) FROM ledger.entries e WHERE e.transaction_id = t.id) "
            "FROM ledger.transactions t WHERE t.id = ANY (CAST(:ids AS uuid[]))",
            ids="{" + ",".join(chunk) + "}",
        )
        counts.update({str(row[0]): int(row[1]) for row in rows})
    return counts


def wrong_balances(
    endpoint: Endpoint,
    deployment: Deployment,
    region: str,
    transactions: Iterable[Transaction],
    accounts: Sequence[str],
) -> list[str]:
    """Return each of the run's accounts whose balance is not what the acknowledged transactions add up to."""
    expected = dict.fromkeys(accounts, 0)
    for transaction in transactions:
        minor = int(str(transaction.body["amount"]).replace(".", ""))
        expected[transaction.body["debit_account"]] += minor
        expected[transaction.body["credit_account"]] -= minor
    prefix = accounts[0].rsplit("-", 1)[0] + "-"
    rows = query(
        endpoint,
        deployment,
        region,
        "SELECT account, balance::text FROM ledger.balances WHERE starts_with(account, :prefix)",
        prefix=prefix,
    )
    actual = {str(row[0]): int(row[1]) for row in rows}
    return [
        f"{account}: {actual.get(account, 0)} instead of {value}"
        for account, value in expected.items()
        if actual.get(account, 0) != value
    ]


def verify(
    endpoint: Endpoint,
    deployment: Deployment,
    transactions: Sequence[Transaction],
    *,
    regions: Iterable[str],
    accounts: Sequence[str] = (),
) -> Findings:
    """Look `transactions` up in the journal and the ledger of each of `regions`; balances only with `accounts`."""
    ids = {str(transaction.id) for transaction in transactions}
    findings = Findings(acknowledged=len(ids))
    for region in regions:
        findings.journal_missing[region] = sorted(ids - journal_ids(endpoint, deployment, region, ids))
        entries = ledger_entries(endpoint, deployment, region, ids)
        findings.ledger_missing[region] = sorted(
            transaction_id for transaction_id in ids if not entries.get(transaction_id)
        )
        findings.ledger_duplicated[region] = sorted(
            transaction_id for transaction_id in ids if entries.get(transaction_id, 0) > ENTRIES_OF_A_TRANSACTION
        )
        if accounts:
            findings.wrong_balances[region] = wrong_balances(endpoint, deployment, region, transactions, accounts)
    return findings


def until_complete(
    endpoint: Endpoint,
    deployment: Deployment,
    transactions: Sequence[Transaction],
    *,
    regions: Sequence[str],
    accounts: Sequence[str] = (),
    timeout_seconds: float,
    waits: Callable[[str], None] = lambda _: None,
) -> Findings:
    """Verify again until everything is complete or the time is over, and return the last findings.

    `waits` is told after each time what is lacking.
    """
    findings = Findings(acknowledged=0)

    def is_complete() -> bool:
        nonlocal findings
        findings = verify(endpoint, deployment, transactions, regions=regions, accounts=accounts)
        waits(lacking(findings))
        return findings.complete

    wait_until(is_complete, seconds=timeout_seconds, pause=POLL_SECONDS)
    return findings
