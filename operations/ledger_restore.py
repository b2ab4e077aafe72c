"""Restore the ledger from a copy when it is gone in both Regions: a cluster takes each lost one's name and place.

The endpoint of a cluster is made of its name, the account and the Region, so the functions find the restored ledger
where they found the lost one. Its resource id is another one (Aurora User Guide, IAM policy for database access), so
each function's role is given a policy for it beside the one that the stack made.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contract.database import APPLICATION_USER
from contract.ledger_place import LedgerPlace
from contract.names import Names
from contract.parameters import LEDGER_PLACE
from contract.waiting import wait_until
from operations.clock import CLOCK, Clock
from operations.errors import OperationError, WrongInputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

ENGINE = "aurora-postgresql"
POLICY = "restored-ledger"
COMPARES = "compare"
"""The function that logs in to both Regions' ledgers."""
FUNCTIONS = ("transactions", "projector", "sweeper", COMPARES)
"""The functions that log in to a ledger."""
POLL_SECONDS = 1.0
SECONDS = 7200.0
"""How long a restored cluster or a new member may take: the time grows with what it holds."""
_MISSING = {"DBClusterNotFoundFault", "GlobalClusterNotFoundFault", "DBInstanceNotFound", "DBInstanceNotFoundFault"}


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A recovery point of a ledger: its snapshot's ARN, and when it was taken in seconds since 1970."""

    arn: str
    taken: float


def latest_copy(endpoint: Endpoint, deployment: Deployment, region: str) -> Copy:
    """Return the newest point of a ledger in the Region's vault for copies; raises OperationError without one."""
    names = deployment.names
    vault = names.copy_vault if region == deployment.regions.secondary else names.backup_vault
    try:
        pages = endpoint.backup(region).get_paginator("list_recovery_points_by_backup_vault")
        points = [
            Copy(arn=point["RecoveryPointArn"], taken=_seconds(point["CreationDate"]))
            for page in pages.paginate(BackupVaultName=vault, ByResourceType="Aurora")
            for point in page["RecoveryPoints"]
            if point.get("Status") == "COMPLETED" and point.get("ResourceType") == "Aurora"
        ]
    except (BotoCoreError, ClientError) as error:
        raise OperationError(f"vault {vault} in {region} could not be read: {error}") from error
    if not points:
        raise OperationError(f"vault {vault} in {region} holds no copy of a ledger: name another Region")
    return max(points, key=lambda point: point.taken)


def restore_ledger(
    endpoint: Endpoint,
    deployment: Deployment,
    *,
    region: str,
    snapshot: str,
    say: Callable[[str], None] = lambda _: None,
    waits: Callable[[str], None] = lambda _: None,
    clock: Clock = CLOCK,
    seconds: float = SECONDS,
) -> None:
    """Restore `snapshot` in its `region`, which writes from then on, and make the other Region's cluster its replica.

    What exists already is left as it is, so that the command can be run again. Raises WrongInputError when a ledger
    still stands in a Region and OperationError when a step fails. `waits` is told what is waited for. `tandem
    reconcile` inserts afterwards what the journal has and the copy has not.
    """
    work = _Restoration(endpoint, deployment, say=say, waits=waits, clock=clock, seconds=seconds)
    others = [each for each in deployment.regions.both if each != region]
    try:
        work.make_writer(region, snapshot)
        for other in others:
            work.make_replica(other, source=region)
        for each in deployment.regions.both:
            work.admit_functions(each)
    except (BotoCoreError, ClientError) as error:
        raise OperationError(f"the ledger is not restored yet: {error}: run the command again") from error


class _Restoration:
    def __init__(
        self,
        endpoint: Endpoint,
        deployment: Deployment,
        *,
        say: Callable[[str], None],
        waits: Callable[[str], None],
        clock: Clock,
        seconds: float,
    ) -> None:
        self._endpoint, self._deployment = endpoint, deployment
        self._say, self._waits, self._clock, self._seconds = say, waits, clock, seconds

    def _place(self, region: str) -> LedgerPlace:
        try:
            return LedgerPlace.read(self._deployment.get(region, LEDGER_PLACE))
        except ValueError as error:
            raise OperationError(str(error)) from error

    def make_writer(self, region: str, snapshot: str) -> None:
        """Restore the cluster, give it its instances, and found the global database with it."""
        place, rds = self._place(region), self._endpoint.rds(region)
        members, name, arn = self._members(), self._deployment.global_cluster, self._deployment.cluster_arn(region)
        if members and arn not in members:
            there = ", ".join(sorted(each.split(":")[3] for each in members))
            raise WrongInputError(f"{name} still has a ledger in {there}, and nothing was changed: fail over to it")
        if self._cluster(region, place) is None:
            self._say(f"restoring {place.cluster} in {region} from {snapshot}: minutes on AWS, more with more data")
            rds.restore_db_cluster_from_snapshot(
                DBClusterIdentifier=place.cluster, SnapshotIdentifier=snapshot, Engine=ENGINE, **_settings(place)
            )
        self._finish(region, place)
        if members:
            return
        if members is not None:  # one without members takes no cluster that exists already, so it is made anew
            rds.modify_global_cluster(GlobalClusterIdentifier=name, DeletionProtection=False)
            rds.delete_global_cluster(GlobalClusterIdentifier=name)
            self._wait(lambda: "available" if self._members() is None else "deleting", name)
        rds.create_global_cluster(
            GlobalClusterIdentifier=name, SourceDBClusterIdentifier=arn, DeletionProtection=place.protected
        )
        self._say(f"{region} writes the restored ledger")

    def make_replica(self, region: str, *, source: str) -> None:
        """Make the cluster that follows the restored one, under the lost one's name."""
        place = self._place(region)
        if self._cluster(region, place) is None:
            self._say(f"making {place.cluster} in {region} a replica: minutes to hours on AWS")
            self._endpoint.rds(region).create_db_cluster(
                DBClusterIdentifier=place.cluster,
                GlobalClusterIdentifier=self._deployment.global_cluster,
                SourceRegion=source,
                Engine=ENGINE,
                StorageEncrypted=True,
                EnableHttpEndpoint=True,
                BackupRetentionPeriod=place.backup_days,
                **_settings(place),
            )
        self._finish(region, place)

    def _finish(self, region: str, place: LedgerPlace) -> None:
        """Wait for the cluster, give it its instances, and set what a restore takes no word of."""
        rds = self._endpoint.rds(region)
        self._wait(lambda: (self._cluster(region, place) or {}).get("Status"), place.cluster)
        rds.modify_db_cluster(
            DBClusterIdentifier=place.cluster,
            EnableHttpEndpoint=True,
            BackupRetentionPeriod=place.backup_days,
            DeletionProtection=place.protected,
            ApplyImmediately=True,
        )
        for number, name in enumerate(place.instances):
            if self._instance(region, name) is None:
                monitoring: dict[str, Any] = {}
                if place.monitoring_role:
                    monitoring = {
                        "MonitoringInterval": place.monitoring_seconds,
                        "MonitoringRoleArn": place.monitoring_role,
                    }
                rds.create_db_instance(
                    DBInstanceIdentifier=name,
                    DBClusterIdentifier=place.cluster,
                    Engine=ENGINE,
                    DBInstanceClass="db.serverless",
                    AutoMinorVersionUpgrade=False,
                    PubliclyAccessible=False,
                    PromotionTier=min(number, 1),
                    **monitoring,
                )
        for name in place.instances:
            self._wait(lambda name=name: (self._instance(region, name) or {}).get("DBInstanceStatus"), name)  # type: ignore[misc]

    def admit_functions(self, region: str) -> None:
        """Allow the Region's functions to log in to the clusters that have new resource ids.

        IAM's control plane is in us-east-1: while that Region is down this step fails, and is run again later.
        """
        functions, iam = self._endpoint.functions(region), self._endpoint.client("iam", region)
        for function in FUNCTIONS:
            try:
                known = functions.get_function_configuration(FunctionName=self._deployment.names.function(function))
            except functions.exceptions.ResourceNotFoundException:
                continue  # the comparison is in one Region only
            reads = self._deployment.regions.both if function == COMPARES else (region,)
            statement = {
                "Effect": "Allow",
                "Action": "rds-db:connect",
                "Resource": [self._user_arn(each) for each in reads],
            }
            iam.put_role_policy(
                RoleName=known["Role"].rpartition("/")[2],
                PolicyName=POLICY,
                PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            )
        self._say(f"the functions of {region} may log in to the restored ledger")

    def _user_arn(self, region: str) -> str:
        cluster = self._cluster(region, self._place(region)) or {}
        names = Names(stage=self._deployment.stage, account=str(self._deployment.account))
        return names.database_user_arn(cluster["DbClusterResourceId"], APPLICATION_USER, region)

    def _cluster(self, region: str, place: LedgerPlace) -> dict[str, Any] | None:
        try:
            answer = self._endpoint.rds(region).describe_db_clusters(DBClusterIdentifier=place.cluster)
        except ClientError as error:
            _refuse_but_absence(error)
            return None
        return dict(answer["DBClusters"][0])

    def _instance(self, region: str, name: str) -> dict[str, Any] | None:
        try:
            answer = self._endpoint.rds(region).describe_db_instances(DBInstanceIdentifier=name)
        except ClientError as error:
            _refuse_but_absence(error)
            return None
        return dict(answer["DBInstances"][0])

    def _members(self) -> list[str] | None:
        """The ARNs of the global database's members, None where there is no global database any more."""
        try:
            answer = self._endpoint.rds(self._deployment.regions.secondary).describe_global_clusters(
                GlobalClusterIdentifier=self._deployment.global_cluster
            )
        except ClientError as error:
            _refuse_but_absence(error)
            return None
        return [each["DBClusterArn"] for each in answer["GlobalClusters"][0]["GlobalClusterMembers"]]

    def _wait(self, status: Callable[[], str | None], what: str) -> None:
        current: str | None = None

        def is_available() -> bool:
            nonlocal current
            current = status()
            self._waits(f"Aurora: {what} is {current}")
            return current == "available"

        clock, seconds = self._clock, self._seconds
        if not wait_until(is_available, seconds=seconds, pause=POLL_SECONDS, now=clock.now, sleep=clock.sleep):
            raise OperationError(f"{what} is {current} after {seconds:.0f} s: run the command again")


def _settings(place: LedgerPlace) -> dict[str, Any]:
    """What both ways to make a cluster take."""
    return {
        "Port": int(place.port),
        "DBSubnetGroupName": place.subnet_group,
        "VpcSecurityGroupIds": list(place.security_groups),
        "DBClusterParameterGroupName": place.parameter_group,
        "KmsKeyId": place.key_arn,
        "EnableIAMDatabaseAuthentication": True,
        "EnableCloudwatchLogsExports": ["postgresql"],
        "CopyTagsToSnapshot": True,
        "ServerlessV2ScalingConfiguration": {
            "MinCapacity": place.minimum_capacity,
            "MaxCapacity": place.maximum_capacity,
        },
    }


def _refuse_but_absence(error: ClientError) -> None:
    """Raise the error unless it says that something is not there."""
    if error.response["Error"]["Code"] not in _MISSING:
        raise error


def _seconds(moment: Any) -> float:
    return float(moment.timestamp())
