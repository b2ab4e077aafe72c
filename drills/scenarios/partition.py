"""Phases of a partition: the Regions cannot see each other, and clients reach both.

A strongly consistent journal has a witness, which stays with one side: with the primary where the link is cut, with the
secondary where the primary is isolated. The other side refuses to write, so its health check fails too.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from drills.history.events import Faulted, Mended
from drills.history.seen import ConflictsSent, ConflictsSettled, ServedByOne, ServedBySides
from operations.endpoint import ApiClient
from operations.global_database import ledger_state
from operations.ledger_query import query

if TYPE_CHECKING:
    from collections.abc import Callable

    from drills.context import DrillContext

CREATED = 201
OK = 200
CONFLICTS = 3
ANSWER_SECONDS = 20
HASHES = (
    "SELECT count(DISTINCT payload_hash)::text FROM ("
    "SELECT payload_hash FROM ledger.transactions WHERE id = CAST(:id AS uuid) UNION "
    "SELECT payload_hash FROM ledger.conflicts WHERE transaction_id = CAST(:id AS uuid)) AS seen"
)
ENTRIES = "SELECT count(*)::text FROM ledger.entries WHERE transaction_id = CAST(:id AS uuid)"


def cut_link(context: DrillContext) -> None:
    """Cut the link between the Regions, and send clients to both in turn; a witness stays with the primary."""
    with context.phase("cut the link between the Regions"):
        context.history.append(Faulted(at=time.monotonic(), what="link", region=context.secondary))
        context.control.partition(on=True, isolated=context.secondary)
        context.clients.use(*(context.name_in(region) for region in context.deployment.regions.both))


def isolate_primary(context: DrillContext) -> None:
    """Cut the primary Region off from every other one, the witness's included; clients follow DNS."""
    with context.phase(f"isolate {context.primary}"):
        context.history.append(Faulted(at=time.monotonic(), what="link", region=context.primary))
        context.control.partition(on=True, isolated=context.primary)


def mend_link(context: DrillContext) -> None:
    """Mend the link; clients follow DNS again."""
    with context.phase("mend the link between the Regions"):
        isolated = context.history.of(Faulted)[-1].region
        context.history.append(Mended(at=time.monotonic(), what="link", region=isolated))
        context.control.partition(on=False)
        context.clients.use()


def serve_in_both(context: DrillContext) -> None:
    """Let clients work on both sides; an isolated replica of a strongly consistent journal refuses instead."""
    with context.phase("load on both sides"):
        began = time.monotonic()
        serving = (context.primary,) if context.strong else context.deployment.regions.both
        for region in serving:
            context.wait(_serves(context, region, began), f"{region} acknowledged nothing")
        time.sleep(context.options.during_seconds)
    context.history.append(ServedBySides(at=time.monotonic(), since=began))


def serve_in_one(context: DrillContext) -> None:
    """Let clients work while the primary is isolated.

    With a strongly consistent journal it refuses, so its health check fails and DNS leads to the secondary, which has
    the witness. With an eventually consistent one it goes on acknowledging, and nobody has a reason to leave.
    """
    began = time.monotonic()
    serving = context.secondary if context.strong else context.primary
    with context.phase(f"clients are served in {serving}"):
        context.wait_for_clients(
            lambda: context.all_clients_use(serving), f"the API's name did not lead to {serving}", region=serving
        )
        context.wait(_serves(context, serving, began), f"{serving} acknowledged nothing")
        moved = time.monotonic()
        time.sleep(context.options.during_seconds)
        # on a busy machine an answer takes longer than that: what is due from now on may have none yet
        context.wait(_serves(context, serving, moved), f"{serving} acknowledged nothing that was due once it served")
    writer = ledger_state(context.endpoint, context.deployment, context.secondary).writer_region
    context.history.append(ServedByOne(at=time.monotonic(), since=began, moved=moved, writer=writer))


def _serves(context: DrillContext, region: str, moment: float) -> Callable[[], bool]:
    """Return whether the Region has acknowledged anything that was due after `moment`, as a condition to wait for."""
    return lambda: any(each.region == region and each.due > moment for each in context.acknowledged())


def conflicting_payloads(context: DrillContext) -> None:
    """Send another payload under the same key to each side, mend the link, and look at what became of both."""
    with context.phase("same keys, other payloads, on both sides"):
        answers = [_clash(context, number) for number in range(CONFLICTS)]
    context.history.append(ConflictsSent(at=time.monotonic(), answers=tuple(map(tuple, answers))))
    payloads = 1 if context.strong else 2
    ids = [next(answer for answer in pair if answer is not None) for pair in answers if any(pair)]
    mend_link(context)
    with context.phase("conflicts are settled"):
        context.wait(
            lambda: all(settled(context, transaction, payloads=payloads) for transaction in ids),
            "one payload of each conflicting pair did not win everywhere, with both recorded,",
        )
    context.history.append(ConflictsSettled(at=time.monotonic(), ids=tuple(ids)))


def _clash(context: DrillContext, number: int) -> list[str | None]:
    """Return the id that each side acknowledged, None where it did not."""
    ids: list[str | None] = []
    for region in context.deployment.regions.both:
        body = {
            "debit_account": f"clash-{context.run}-{region}",
            "credit_account": f"clash-{context.run}",
            "amount": "1.00",
            "currency": "EUR",
        }
        headers = {"content-type": "application/json", "idempotency-key": f"{context.run}-clash-{number}"}
        with ApiClient(context.endpoint, context.deployment.api_urls, timeout_seconds=ANSWER_SECONDS) as client:
            try:
                status, answer = client.request(
                    region, "POST", "/transactions", body=json.dumps(body).encode(), headers=headers
                )
            except OSError:
                status, answer = 0, b""
        ids.append(str(json.loads(answer)["id"]) if status == CREATED else None)
    return ids


def settled(context: DrillContext, transaction: str, *, payloads: int) -> bool:
    """Whether both journals hold the same, and both ledgers posted it once and know of every payload."""
    regions = context.deployment.regions.both
    with ApiClient(context.endpoint, context.deployment.api_urls, timeout_seconds=ANSWER_SECONDS) as client:
        answers = [client.request(region, "GET", f"/transactions/{transaction}") for region in regions]
    if any(status != OK for status, _ in answers):
        return False
    first, second = ({**json.loads(body), "ledger": None} for _, body in answers)  # one ledger may be behind the other
    if first != second:
        return False
    return all(
        query(context.endpoint, context.deployment, region, statement, id=transaction) == [[str(count)]]
        for region in regions
        for statement, count in ((HASHES, payloads), (ENTRIES, 2))
    )
