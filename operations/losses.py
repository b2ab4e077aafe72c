"""What a forced failover would lose, or leave to be made good: asked of the Region that it moves to, and no other."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from contract import parameters
from contract.documents import rule_from
from contract.names import Names
from operations.readings import iterator_age_seconds
from operations.rows_behind import MOST_MINUTES, count_recorded
from operations.stage_state import age
from operations.told import last_point

if TYPE_CHECKING:
    from operations.deployment import Deployment
    from operations.endpoint import Endpoint
    from operations.told import Told

S3, PENDING = "AWS/S3", "OperationsPendingReplication"
"""The metric of what a rule has still to copy, told where it arrives (S3 User Guide, S3 Replication metrics)."""
LOOK_BACK_MINUTES = 60
"""How far back S3's last word is looked for: a Region that is lost tells nothing more."""


@dataclass(frozen=True, kw_only=True)
class Losses:
    """What is known of the losses before a failover from `leaving` to `to`.

    `strong` says whether the journal is strongly consistent, None where the Region does not tell. `rows` are the
    journal's items of the last `seconds`, at most so many of which the ledger of `to` may lack. `documents` is how many
    S3 had still to copy to `to`, and when it told that.
    """

    leaving: str
    to: str
    strong: bool | None
    beat_seconds: float | None
    seconds: float | None
    rows: int | None
    documents: Told | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """A line for the journal, for the ledger and for the documents."""
        return self._journal, self._ledger, self._documents

    @property
    def of_ledger(self) -> tuple[str, ...]:
        """The line for the ledger, where it moves alone: the Region lives, and replicates journal and documents."""
        return (self._ledger,)

    @property
    def _journal(self) -> str:
        if self.strong:
            return f"journal: 0 lost, because what was acknowledged is in {self.to} too"
        if self.strong is None:
            return f"journal: unknown, {self.to} does not tell how consistent its table is"
        since = "" if self.beat_seconds is None else f", at most those of the last {age(self.beat_seconds)}"
        return (
            f"journal: what {self.leaving} acknowledged and had not replicated{since}, is away until {self.leaving} "
            "returns, and comes then"
        )

    @property
    def _ledger(self) -> str:
        if self.seconds is None:
            return f"ledger: unknown, {self.to} does not tell how far behind it is; the sweep inserts what it lacks"
        if self.rows is None:
            return (
                f"ledger: the rows of the last {age(self.seconds)} are not counted, more than {MOST_MINUTES} min take "
                "too long; the sweep inserts what it lacks"
            )
        return (
            f"ledger: 0 lost, at most {self.rows} rows (of the last {age(self.seconds)}) are inserted by projector "
            "and sweep"
        )

    @property
    def _documents(self) -> str:
        comes = f"comes when {self.leaving} returns"
        if self.documents is None:
            return f"documents: unknown, S3 counts them with time control alone; what is not copied {comes}"
        count, ago = int(self.documents.value), age(self.documents.ago_seconds)
        return f"documents: {count} were not copied yet, {ago} ago; what is not copied {comes}"


def losses(endpoint: Endpoint, deployment: Deployment, *, leaving: str, to: str, beat_seconds: float | None) -> Losses:
    """Return what is known of them; what `to` does not tell is None, and nothing is raised."""
    seconds = None
    if beat_seconds is not None:
        with suppress(BotoCoreError, ClientError, LookupError, TypeError):
            behind = iterator_age_seconds(endpoint, deployment, to) or 0.0
            seconds = beat_seconds + behind
    rows = None
    if seconds is not None and seconds <= MOST_MINUTES * 60:
        try:
            rows = count_recorded(endpoint, deployment, to, since=time.time() - seconds)
        except (BotoCoreError, ClientError, LookupError, TypeError):
            seconds = None
    return Losses(
        leaving=leaving,
        to=to,
        strong=_strong(endpoint, deployment, to),
        beat_seconds=beat_seconds,
        seconds=seconds,
        rows=rows,
        documents=_documents(endpoint, deployment, leaving=leaving, to=to),
    )


def _documents(endpoint: Endpoint, deployment: Deployment, *, leaving: str, to: str) -> Told | None:
    """How many documents S3 had still to copy, as it last told the Region that they are copied to.

    None where it does not tell: rules have metrics with replication time control alone.
    """
    target = deployment.find(to, parameters.DOCUMENTS_BUCKET)
    if target is None or deployment.account is None or leaving == to:
        return None
    source = Names(stage=deployment.stage, account=deployment.account).documents_bucket(leaving)
    rule = rule_from(primary=leaving == deployment.regions.primary)
    dimensions = {"SourceBucket": source, "DestinationBucket": target, "RuleId": rule}
    try:
        return last_point(endpoint, to, S3, PENDING, dimensions, look_back=timedelta(minutes=LOOK_BACK_MINUTES))
    except (BotoCoreError, ClientError, LookupError, TypeError):
        return None


def _strong(endpoint: Endpoint, deployment: Deployment, region: str) -> bool | None:
    """Whether a Region's replica of the journal is strongly consistent (DynamoDB, DescribeTable)."""
    try:
        table = endpoint.dynamodb(region).describe_table(TableName=deployment.journal_table(region))["Table"]
    except (BotoCoreError, ClientError, LookupError, TypeError):
        return None
    return table.get("MultiRegionConsistency") == "STRONG"
