"""The Aurora global database: who writes, and moving the writer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from contract.parameters import TOPOLOGY
from contract.waiting import wait_until
from operations.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

POLL_SECONDS = 0.25
BEING_MOVED = {"InvalidGlobalClusterStateFault", "InvalidDBClusterStateFault"}
"""What RDS answers to a second request while it moves the writer for a first."""


@dataclass(frozen=True, kw_only=True)
class LedgerState:
    """Members of the global database as one Region sees them, by the Region in their ARN."""

    status: str
    writer_region: str | None
    members: Mapping[str, str]


def ledger_state(endpoint: Endpoint, deployment: Deployment, region: str) -> LedgerState:
    """Return the global database's state as `region` tells it; every member Region tells the same (RDS documentation).

    Raises OperationError when the Region does not answer or knows no such global database.
    """
    try:
        answer = endpoint.rds(region).describe_global_clusters(GlobalClusterIdentifier=deployment.global_cluster)
    except (BotoCoreError, ClientError) as error:
        raise OperationError(f"{region} does not tell the state of {deployment.global_cluster}: {error}") from error
    if not answer.get("GlobalClusters"):
        raise OperationError(f"{region} knows no global cluster {deployment.global_cluster}: deploy the stage")
    cluster = answer["GlobalClusters"][0]
    members: dict[str, str] = {}
    writer = None
    for member in cluster.get("GlobalClusterMembers", []):
        arn = member.get("DBClusterArn", "")
        where = arn.split(":")[3] if arn.count(":") > 3 else "?"  # noqa: PLR2004 - the fourth field of an ARN
        members[where] = arn
        if member.get("IsWriter"):
            writer = where
    return LedgerState(status=cluster.get("Status", "unknown"), writer_region=writer, members=members)


def writer_region(endpoint: Endpoint, deployment: Deployment) -> str:
    """Return the Region that writes the ledger, as whichever Region answers tells it; raises OperationError."""
    writer = None
    for region in deployment.regions.both:
        if deployment.has(region):
            try:
                writer = ledger_state(endpoint, deployment, region).writer_region
            except OperationError:
                writer = region if deployment.find(region, TOPOLOGY) == "single" else writer
        if writer:
            return writer
    raise OperationError("no Region says which one writes the ledger: run `tandem status`")


def move_writer(
    endpoint: Endpoint,
    deployment: Deployment,
    *,
    to: str,
    through: str,
    data_loss: bool,
    timeout_seconds: float,
    waits: Callable[[str], None] = lambda _: None,
) -> bool:
    """Make the cluster in Region `to` the writer, asking Region `through`; return whether anything had to be done.

    `data_loss` chooses a failover (RDS FailoverGlobalCluster with AllowDataLoss) over a switchover. Safe to run again:
    it waits for a move in progress and does nothing when `to` already writes. `waits` is told how it stands.
    """
    client = endpoint.rds(through)
    state = ledger_state(endpoint, deployment, through)
    if state.writer_region == to and state.status == "available":
        return False
    if state.status == "available" or (data_loss and state.status not in {"failing-over", "switching-over"}):
        target = state.members.get(to) or deployment.cluster_arn(to)
        name = deployment.global_cluster
        try:
            if data_loss:
                client.failover_global_cluster(
                    GlobalClusterIdentifier=name, TargetDbClusterIdentifier=target, AllowDataLoss=True
                )
            else:
                client.switchover_global_cluster(GlobalClusterIdentifier=name, TargetDbClusterIdentifier=target)
        except ClientError as error:
            if error.response["Error"]["Code"] not in BEING_MOVED:
                raise OperationError(f"the writer of {name} did not move to {to}: {error}") from error
        except BotoCoreError as error:
            raise OperationError(f"the writer of {name} did not move to {to}: {error}") from error

    def has_moved() -> bool:
        nonlocal state
        state = ledger_state(endpoint, deployment, through)
        waits(f"Aurora: promoting {to}: {state.status}, {state.writer_region or 'nobody'} writes")
        return state.writer_region == to and state.status == "available"

    if wait_until(has_moved, seconds=timeout_seconds, pause=POLL_SECONDS):
        return True
    raise OperationError(
        f"{deployment.global_cluster} still has status {state.status!r} and writer {state.writer_region} after "
        f"{timeout_seconds:.0f} s: run the command again, it continues"
    )
