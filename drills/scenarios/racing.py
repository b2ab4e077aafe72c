"""A phase in which a client sends a transaction to both Regions at once, without waiting for an answer."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from drills.history.seen import RacesSent
from drills.scenarios.partition import settled
from operations.endpoint import ApiClient

if TYPE_CHECKING:
    from drills.context import DrillContext

CREATED = 201
RACES = 5
ANSWER_SECONDS = 20


def same_transaction_in_both(context: DrillContext) -> None:
    """Send each of some transactions to both Regions at the same moment, and look at what became of them.

    A strongly consistent table refuses one of the two writes as conflicting, and the Region tries it again: both answer
    with the one transaction, and each ledger posts it once.
    """
    with context.phase("the same transactions sent to both Regions at once"):
        answers = [_race(context, number) for number in range(RACES)]
        ids = [next((each for each in pair if each is not None), None) for pair in answers]
        left = [each for each in ids if each is not None]

        def all_settled() -> bool:
            # clients wait for these answers, too: what is settled once is not asked for again
            while left and settled(context, left[-1], payloads=1):
                left.pop()
            return not left

        context.wait(
            all_settled,
            "what was sent to both Regions at once is not the same in both journals, posted once in both ledgers,",
        )
    context.history.append(RacesSent(at=time.monotonic(), answers=tuple(map(tuple, answers))))


def _race(context: DrillContext, number: int) -> list[str | None]:
    """Return the id that each Region acknowledged, None where it did not."""
    body = {
        "debit_account": f"race-{context.run}-debit",
        "credit_account": f"race-{context.run}-credit",
        "amount": "1.00",
        "currency": "EUR",
    }
    headers = {"content-type": "application/json", "idempotency-key": f"{context.run}-race-{number}"}
    regions = context.deployment.regions.both
    start = threading.Barrier(len(regions))

    def send(region: str) -> str | None:
        with ApiClient(context.endpoint, context.deployment.api_urls, timeout_seconds=ANSWER_SECONDS) as client:
            start.wait()
            try:
                status, answer = client.request(
                    region, "POST", "/transactions", body=json.dumps(body).encode(), headers=headers
                )
            except OSError:
                return None
        return str(json.loads(answer)["id"]) if status == CREATED else None

    with ThreadPoolExecutor(len(regions)) as senders:
        return list(senders.map(send, regions))
