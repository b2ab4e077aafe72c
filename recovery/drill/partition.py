"""Phases of a partition: the Regions cannot see each other, and clients reach both."""

from __future__ import annotations

import http.client
import json
import time
from typing import TYPE_CHECKING

from recovery.endpoint import ApiClient
from recovery.verify import sql

if TYPE_CHECKING:
    from recovery.drill.context import DrillContext

__all__ = ["conflicting_payloads", "cut_link", "mend_link", "serve_in_both"]

CREATED = 201
OK = 200
CONFLICTS = 3
HASHES = (
    "SELECT count(DISTINCT payload_hash)::text FROM ("
    "SELECT payload_hash FROM ledger.transactions WHERE id = CAST(:id AS uuid) UNION "
    "SELECT payload_hash FROM ledger.conflicts WHERE transaction_id = CAST(:id AS uuid)) AS seen"
)
ENTRIES = "SELECT count(*)::text FROM ledger.entries WHERE transaction_id = CAST(:id AS uuid)"


def cut_link(context: DrillContext) -> None:
    """Cut the link between the Regions, and send clients to both in turn."""
    with context.phase("cut the link between the Regions"):
        context.control.partition(on=True)
        context.clients.use(*(context.name_in(region) for region in context.deployment.regions.both))


def mend_link(context: DrillContext) -> None:
    """Mend the link; clients follow DNS again."""
    with context.phase("mend the link between the Regions"):
        context.control.partition(on=False)
        context.clients.use()


def serve_in_both(context: DrillContext) -> None:
    """Let clients work on both sides; an isolated replica of a strongly consistent journal refuses instead."""
    with context.phase("load on both sides"):
        began = time.monotonic()
        time.sleep(context.options.during_seconds)
    counts = dict.fromkeys(context.deployment.regions.both, 0)
    for one in context.acknowledged():
        if (one.acknowledged_at or 0) > began and one.region:
            counts[one.region] += 1
    served = [region for region, count in counts.items() if count]
    detail = ", ".join(f"{region} acknowledged {count}" for region, count in counts.items())
    if context.strong:
        context.result.observe("the isolated Region refuses", passed=len(served) == 1, detail=detail)
    else:
        context.result.observe("both sides serve", passed=len(served) == len(counts), detail=detail)


def conflicting_payloads(context: DrillContext) -> None:
    """Send another payload under the same key to each side, mend the link, and look at what became of both."""
    with context.phase("same keys, other payloads, on both sides"):
        answers = [_clash(context, number) for number in range(CONFLICTS)]
    acknowledged = [sum(answer is not None for answer in pair) for pair in answers]
    wanted = 1 if context.strong else 2
    context.result.observe(
        "an isolated Region acknowledges no conflict" if context.strong else "both sides acknowledge a conflict",
        passed=acknowledged == [wanted] * CONFLICTS,
        detail=f"sides that acknowledged, for each key: {acknowledged}",
    )
    ids = [next(answer for answer in pair if answer is not None) for pair in answers if any(pair)]
    mend_link(context)
    with context.phase("conflicts are settled"):
        context.wait(
            lambda: all(_settled(context, one, payloads=wanted) for one in ids),
            "one payload of each conflicting pair did not win everywhere, with both recorded,",
        )
    context.result.observe(
        "one payload wins in both journals, posted once, both recorded" if wanted > 1 else "the one payload is posted",
        passed=len(ids) == CONFLICTS,
        detail=f"{len(ids)} keys, {wanted} payloads each",
    )


def _clash(context: DrillContext, number: int) -> list[str | None]:
    """Return the id that each side acknowledged, None where it did not."""
    found: list[str | None] = []
    for region in context.deployment.regions.both:
        body = {
            "debit_account": f"clash-{context.run}-{region}",
            "credit_account": f"clash-{context.run}",
            "amount": "1.00",
            "currency": "EUR",
        }
        headers = {"content-type": "application/json", "idempotency-key": f"{context.run}-clash-{number}"}
        with ApiClient(context.endpoint, context.deployment.api_urls) as client:
            try:
                status, answer = client.request(
                    region, "POST", "/transactions", body=json.dumps(body).encode(), headers=headers
                )
            except (OSError, http.client.HTTPException):
                status, answer = 0, b""
        found.append(str(json.loads(answer)["id"]) if status == CREATED else None)
    return found


def _settled(context: DrillContext, transaction: str, *, payloads: int) -> bool:
    """Whether both journals hold the same, and both ledgers posted it once and know of every payload."""
    regions = context.deployment.regions.both
    with ApiClient(context.endpoint, context.deployment.api_urls) as client:
        held = [client.request(region, "GET", f"/transactions/{transaction}") for region in regions]
    if len({body for _, body in held}) > 1 or any(status != OK for status, _ in held):
        return False
    return all(
        sql(context.endpoint, context.deployment, region, query, id=transaction) == [[str(count)]]
        for region in regions
        for query, count in ((HASHES, payloads), (ENTRIES, 2))
    )
