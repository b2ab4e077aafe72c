"""Restoring a ledger that is gone in both Regions: what is made, in which order, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from contract import parameters
from contract.database import APPLICATION_USER
from contract.ledger_place import LedgerPlace
from operations.clock import Clock
from operations.deployment import Deployment, Regions
from operations.errors import OperationError, WrongInputError
from operations.ledger_restore import latest_copy, restore_ledger
from tests.operations.states import A, B

SNAPSHOT = f"arn:aws:rds:{B}:123456789012:cluster-snapshot:awsbackup:copyjob-1"
NEVER = Clock(now=lambda: 0.0, sleep=lambda _: None)


def place(region: str) -> LedgerPlace:
    return LedgerPlace(
        cluster=f"ledger-{region}",
        subnet_group=f"subnets-{region}",
        security_groups=("sg-1",),
        parameter_group="parameters",
        key_arn=f"arn:aws:kms:{region}:123456789012:key/1",
        port="5433",
        instances=(f"writer-{region}", f"reader-{region}"),
        minimum_capacity=0.5,
        maximum_capacity=8,
        backup_days=35,
        monitoring_seconds=60,
        monitoring_role="arn:aws:iam::123456789012:role/monitoring",
        protected=True,
    )


def arn(region: str) -> str:
    return f"arn:aws:rds:{region}:123456789012:cluster:ledger-{region}"


def deployed() -> Deployment:
    return Deployment(
        stage="prod",
        regions=Regions(),
        parameters={
            region: {
                parameters.LEDGER_CLUSTER_ARN: arn(region),
                parameters.LEDGER_PLACE: json.dumps(place(region).values()),
            }
            for region in (A, B)
        },
    )


class Aws:
    """RDS, Lambda, IAM and AWS Backup of two Regions; every change is noted with its Region."""

    def __init__(self, *, members: list[str] | None, clusters: tuple[str, ...] = ()) -> None:
        self.members = members
        self.clusters, self.instances = set(clusters), set[str]()
        self.calls: list[tuple[str, str]] = []
        self.given: dict[str, dict[str, Any]] = {}
        self.policies: dict[str, dict[str, Any]] = {}
        self.points: list[dict[str, Any]] = []
        self.fails = ""

    def rds(self, region: str) -> Rds:
        return Rds(self, region)

    def functions(self, region: str) -> Functions:
        return Functions(region)

    def client(self, service: str, _: str) -> Aws:
        assert service == "iam"
        return self

    def put_role_policy(self, **given: Any) -> None:
        self.policies[given["RoleName"]] = json.loads(given["PolicyDocument"])

    def backup(self, _: str) -> Aws:
        return self

    def get_paginator(self, _: str) -> Aws:
        return self

    def paginate(self, **given: Any) -> list[dict[str, Any]]:
        self.given["paginate"] = given
        return [{"RecoveryPoints": self.points}]


def missing(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "not found"}}, "Describe")


class Rds:
    def __init__(self, aws: Aws, region: str) -> None:
        self.aws, self.region = aws, region

    def __getattr__(self, call: str) -> Any:
        def change(**given: Any) -> None:
            if call == self.aws.fails:
                raise missing("InsufficientDBClusterCapacityFault")
            self.aws.calls.append((self.region, call))
            self.aws.given[f"{call} {self.region}"] = given
            if call in {"restore_db_cluster_from_snapshot", "create_db_cluster"}:
                self.aws.clusters.add(given["DBClusterIdentifier"])
            elif call == "create_db_instance":
                self.aws.instances.add(given["DBInstanceIdentifier"])
            elif call == "delete_global_cluster":
                self.aws.members = None
            elif call == "create_global_cluster":
                self.aws.members = [given["SourceDBClusterIdentifier"]]

        return change

    def describe_db_clusters(self, **given: Any) -> dict[str, Any]:
        name = given["DBClusterIdentifier"]
        if name not in self.aws.clusters:
            raise missing("DBClusterNotFoundFault")
        return {"DBClusters": [{"Status": "available", "DbClusterResourceId": f"resource-{name}"}]}

    def describe_db_instances(self, **given: Any) -> dict[str, Any]:
        if given["DBInstanceIdentifier"] not in self.aws.instances:
            raise missing("DBInstanceNotFound")
        return {"DBInstances": [{"DBInstanceStatus": "available"}]}

    def describe_global_clusters(self, **_: Any) -> dict[str, Any]:
        if self.aws.members is None:
            raise missing("GlobalClusterNotFoundFault")
        members = [{"DBClusterArn": each} for each in self.aws.members]
        return {"GlobalClusters": [{"GlobalClusterMembers": members}]}


class Functions:
    class exceptions:  # noqa: N801 - as a client of botocore has it
        class ResourceNotFoundException(Exception):  # noqa: N818 - the same
            pass

    def __init__(self, region: str) -> None:
        self.region = region

    def get_function_configuration(self, *, FunctionName: str) -> dict[str, str]:  # noqa: N803 - AWS's name
        if "compare" in FunctionName and self.region == A:
            raise self.exceptions.ResourceNotFoundException
        return {"Role": f"arn:aws:iam::123456789012:role/{self.region}-{FunctionName}"}


def restore(aws: Aws) -> None:
    restore_ledger(aws, deployed(), region=B, snapshot=SNAPSHOT, clock=NEVER)  # type: ignore[arg-type]


def test_the_copy_is_restored_where_it_lies_and_the_other_region_follows_it() -> None:
    aws = Aws(members=[])
    restore(aws)
    assert aws.calls == [
        (B, "restore_db_cluster_from_snapshot"),
        (B, "modify_db_cluster"),
        (B, "create_db_instance"),
        (B, "create_db_instance"),
        (B, "modify_global_cluster"),
        (B, "delete_global_cluster"),
        (B, "create_global_cluster"),
        (A, "create_db_cluster"),
        (A, "modify_db_cluster"),
        (A, "create_db_instance"),
        (A, "create_db_instance"),
    ]
    restored = aws.given[f"restore_db_cluster_from_snapshot {B}"]
    assert (restored["SnapshotIdentifier"], restored["Port"]) == (SNAPSHOT, 5433)
    assert (restored["DBSubnetGroupName"], restored["VpcSecurityGroupIds"]) == (f"subnets-{B}", ["sg-1"])
    assert aws.given[f"create_db_cluster {A}"]["SourceRegion"] == B
    assert all(aws.given[f"modify_db_cluster {region}"]["DeletionProtection"] for region in (A, B))


def test_every_function_that_logs_in_is_admitted_to_its_restored_ledger_and_to_nothing_else() -> None:
    aws = Aws(members=None)
    restore(aws)
    names = ("transactions", "projector", "sweeper", "compare")
    roles = {f"{region}-tandem-{name}-prod" for region in (A, B) for name in names}
    assert set(aws.policies) == roles - {f"{A}-tandem-compare-prod"}
    for role, policy in aws.policies.items():
        [statement] = policy["Statement"]
        assert statement["Action"] == "rds-db:connect"
        reads = (A, B) if "compare" in role else (A if role.startswith(A) else B,)
        assert statement["Resource"] == [
            f"arn:aws:rds-db:{region}:123456789012:dbuser:resource-ledger-{region}/{APPLICATION_USER}"
            for region in reads
        ]


def test_a_restoration_that_was_interrupted_is_continued() -> None:
    aws = Aws(members=None)
    aws.fails = "create_db_cluster"
    with pytest.raises(OperationError, match=r"not restored yet: .*: run the command again"):
        restore(aws)
    aws.fails, aws.calls = "", []
    restore(aws)
    assert [call for call in aws.calls if call[1] != "modify_db_cluster"] == [
        (A, "create_db_cluster"),
        (A, "create_db_instance"),
        (A, "create_db_instance"),
    ]


def test_nothing_is_restored_beside_a_ledger_that_still_stands() -> None:
    aws = Aws(members=[arn(A)], clusters=(f"ledger-{A}",))
    with pytest.raises(WrongInputError, match=f"still has a ledger in {A}, and nothing was changed"):
        restore(aws)
    assert aws.calls == []


def point(number: int, **more: Any) -> dict[str, Any]:
    taken = datetime(2026, 1, number, tzinfo=UTC)
    return {
        "RecoveryPointArn": f"arn-{number}",
        "CreationDate": taken,
        "Status": "COMPLETED",
        "ResourceType": "Aurora",
        **more,
    }


@pytest.mark.parametrize(("region", "vault"), [(A, "tandem-backup-prod"), (B, "tandem-copies-prod")])
def test_the_newest_complete_copy_of_a_ledger_is_taken_from_the_regions_vault_for_copies(
    region: str, vault: str
) -> None:
    aws = Aws(members=None)
    aws.points = [point(1), point(3), point(2), point(4, Status="PARTIAL"), point(5, ResourceType="DynamoDB")]
    copy = latest_copy(aws, deployed(), region)  # type: ignore[arg-type]
    assert copy.arn == "arn-3"
    assert aws.given["paginate"]["BackupVaultName"] == vault


def test_a_vault_without_a_copy_is_said() -> None:
    with pytest.raises(OperationError, match=r"holds no copy of a ledger: name another Region"):
        latest_copy(Aws(members=None), deployed(), B)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"cluster": 1}'])
def test_what_does_not_say_where_a_ledger_stands_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"does not say where a ledger stands: deploy the stage again"):
        LedgerPlace.read(text)


def test_where_a_ledger_stands_is_read_as_it_was_published() -> None:
    assert LedgerPlace.read(json.dumps(place(A).values())) == place(A)
