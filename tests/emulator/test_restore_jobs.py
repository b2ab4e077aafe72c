"""Restore jobs of AWS Backup: what they make, by whose permissions, what they refuse, and what a test leaves behind."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from botocore.exceptions import ClientError

from emulator.restore_metadata import AURORA, DYNAMODB, MetadataError, parameters_of
from tests.emulator.running import EAST, Running, embedded_aws, until

if TYPE_CHECKING:
    from collections.abc import Iterator

CLUSTER, TABLE, RESTORED = "ledger", "journal", "awsbackup-restore-test-1"
ROLE = "arn:aws:iam::000000000000:role/{}"
METADATA = {"dbClusterIdentifier": RESTORED, "engine": "aurora-postgresql"}
SOME_TABLE = {"targetTableName": "restored"}


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def policy(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    with embedded_aws("restore-jobs") as running:
        iam = running.client("iam")
        for name, service, actions in (
            ("restores", "backup", ("rds:*", "dynamodb:*")),
            ("may-not", "backup", ("rds:DescribeDBClusters",)),
            ("of-lambda", "lambda", ("rds:*",)),
        ):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(f"{service}.amazonaws.com"))
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*actions))
        running.client("rds").create_db_cluster(
            DBClusterIdentifier=CLUSTER,
            Engine="aurora-postgresql",
            MasterUsername="owner",
            MasterUserPassword="not-a-secret",
        )
        tables = running.client("dynamodb")
        tables.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        tables.put_item(TableName=TABLE, Item={"pk": {"S": "before"}})
        running.client("backup").create_backup_vault(BackupVaultName="vault")
        yield running


def point(aws: Running, resource: str) -> str:
    started = aws.client("backup").start_backup_job(
        BackupVaultName="vault", ResourceArn=resource, IamRoleArn=ROLE.format("restores")
    )
    return str(started["RecoveryPointArn"])


def cluster_point(aws: Running) -> str:
    [cluster] = aws.client("rds").describe_db_clusters(DBClusterIdentifier=CLUSTER)["DBClusters"]
    return point(aws, cluster["DBClusterArn"])


def table_point(aws: Running) -> str:
    return point(aws, aws.client("dynamodb").describe_table(TableName=TABLE)["Table"]["TableArn"])


def start(aws: Running, arn: str, metadata: dict[str, str], role: str = "restores", **more: Any) -> str:
    backup = aws.client("backup")
    job = backup.start_restore_job(RecoveryPointArn=arn, Metadata=metadata, IamRoleArn=ROLE.format(role), **more)
    return str(job["RestoreJobId"])


def ended(aws: Running, job_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any]:
        job: dict[str, Any] = aws.client("backup").describe_restore_job(RestoreJobId=job_id)
        return job if job["Status"] != "RUNNING" else {}

    found: dict[str, Any] = until(look, what="the job ends")
    return found


def test_a_cluster_is_restored_without_an_instance_under_the_name_that_the_metadata_give(aws: Running) -> None:
    job = ended(aws, start(aws, cluster_point(aws), METADATA | {"Port": "6543"}))
    assert (job["Status"], job["ResourceType"]) == ("COMPLETED", "Aurora")
    [cluster] = aws.client("rds").describe_db_clusters(DBClusterIdentifier=RESTORED)["DBClusters"]
    assert job["CreatedResourceArn"] == cluster["DBClusterArn"]
    assert cluster["DBClusterMembers"] == []
    assert job["RestoreJobId"] in {each["RestoreJobId"] for each in jobs(aws, ByResourceType="Aurora")}
    assert jobs(aws, ByStatus="FAILED", ByResourceType="Aurora") == []
    again = ended(aws, start(aws, cluster_point(aws), METADATA))
    assert again["Status"] == "FAILED"
    assert "exists" in again["StatusMessage"]


def jobs(aws: Running, **given: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = aws.client("backup").list_restore_jobs(**given)["RestoreJobs"]
    return found


def test_a_table_is_restored_as_it_was_when_it_was_backed_up(aws: Running) -> None:
    tables, arn = aws.client("dynamodb"), table_point(aws)
    tables.put_item(TableName=TABLE, Item={"pk": {"S": "after"}})
    job = ended(aws, start(aws, arn, SOME_TABLE))
    assert job["Status"] == "COMPLETED"
    assert tables.scan(TableName="restored")["Items"] == [{"pk": {"S": "before"}}]
    assert tables.list_backups()["BackupSummaries"] == []


def test_a_role_that_may_not_restore_makes_the_job_fail_and_says_what_it_lacks(aws: Running) -> None:
    job = ended(aws, start(aws, cluster_point(aws), METADATA | {"dbClusterIdentifier": "denied"}, role="may-not"))
    assert job["Status"] == "FAILED"
    assert "rds:RestoreDBClusterFromSnapshot" in job["StatusMessage"]


@pytest.mark.parametrize(
    ("metadata", "role", "more", "code"),
    [
        ({"engine": "aurora-postgresql"}, "restores", {}, "MissingParameterValueException"),
        ({"dbClusterIdentifier": "x"}, "restores", {}, "MissingParameterValueException"),
        (METADATA | {"vpcSecurityGroupIds": "sg-1"}, "restores", {}, "InvalidParameterValueException"),
        (METADATA | {"deleteProtection": "true"}, "restores", {}, "InvalidParameterValueException"),
        (METADATA, "of-lambda", {}, "InvalidParameterValueException"),
        (METADATA, "nobody", {}, "InvalidParameterValueException"),
        (METADATA, "restores", {"ResourceType": "DynamoDB"}, "InvalidRequestException"),
    ],
)
def test_what_aws_backup_does_not_take_is_refused_and_begins_no_job(
    aws: Running, metadata: dict[str, str], role: str, more: dict[str, str], code: str
) -> None:
    arn, before = cluster_point(aws), len(jobs(aws))
    with pytest.raises(ClientError) as refused:
        start(aws, arn, metadata, role, **more)
    assert refused.value.response["Error"]["Code"] == code
    assert len(jobs(aws)) == before


def test_a_point_that_no_vault_holds_and_a_job_that_nobody_began_are_not_found(aws: Running) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        start(aws, "arn:aws:rds:us-east-1:000000000000:cluster-snapshot:awsbackup:job-1", METADATA)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        aws.client("backup").describe_restore_job(RestoreJobId="nobody")


def control(aws: Running, path: str) -> int:
    request = urllib.request.Request(f"{aws.url}/_emulator/{path}", method="POST")  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - loopback
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_test_restores_the_newest_point_and_deletes_it_once_its_result_is_told_and_its_instance_is_gone(
    aws: Running,
) -> None:
    backup, rds = aws.client("backup"), aws.client("rds")
    vault = f"arn:aws:backup:{EAST}:000000000000:backup-vault:vault"
    chosen = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": [vault], "RecoveryPointTypes": ["SNAPSHOT"]}
    plan = backup.create_restore_testing_plan(
        RestoreTestingPlan={
            "RestoreTestingPlanName": "weekly",
            "ScheduleExpression": "cron(0 7 ? * SUN *)",
            "RecoveryPointSelection": chosen,
        }
    )["RestoreTestingPlanArn"]
    assert control(aws, f"restore-tests/{EAST}/weekly") == 409, "it has no selection"
    backup.create_restore_testing_selection(
        RestoreTestingPlanName="weekly",
        RestoreTestingSelection={
            "RestoreTestingSelectionName": "ledger",
            "ProtectedResourceType": "Aurora",
            "ProtectedResourceArns": ["*"],
            "IamRoleArn": ROLE.format("restores"),
        },
    )
    newest = cluster_point(aws)
    assert control(aws, f"restore-tests/{EAST}/weekly") == 200
    [job] = jobs(aws, ByRestoreTestingPlanArn=plan)
    done = ended(aws, job["RestoreJobId"])
    assert (done["Status"], done["RecoveryPointArn"]) == ("COMPLETED", newest)
    name = done["CreatedResourceArn"].rpartition(":")[2]
    assert name.startswith("awsbackup-restore-test-")
    rds.create_db_instance(
        DBInstanceIdentifier=f"{name}-1",
        DBClusterIdentifier=name,
        Engine="aurora-postgresql",
        DBInstanceClass="db.serverless",
    )
    backup.put_restore_validation_result(RestoreJobId=job["RestoreJobId"], ValidationStatus="SUCCESSFUL")
    assert backup.describe_restore_job(RestoreJobId=job["RestoreJobId"])["DeletionStatus"] == "DELETING"
    rds.delete_db_instance(DBInstanceIdentifier=f"{name}-1", SkipFinalSnapshot=True)

    def deletion() -> str:
        return str(backup.describe_restore_job(RestoreJobId=job["RestoreJobId"])["DeletionStatus"])

    until(lambda: deletion() == "SUCCESSFUL")
    with pytest.raises(ClientError, match="not found"):
        rds.describe_db_clusters(DBClusterIdentifier=name)


def test_lists_and_truths_are_texts_and_keys_come_in_any_case() -> None:
    given = {"VPCSecurityGroupIds": '["sg-1", "sg-2"]', "enableIAMDatabaseAuthentication": "true", "PORT": "5432"}
    assert parameters_of(AURORA, METADATA | given) == {
        "DBClusterIdentifier": RESTORED,
        "Engine": "aurora-postgresql",
        "VpcSecurityGroupIds": ["sg-1", "sg-2"],
        "EnableIAMDatabaseAuthentication": True,
        "Port": 5432,
    }
    with pytest.raises(MetadataError, match="deletionProtection is 1, and has to be true or false"):
        parameters_of(DYNAMODB, SOME_TABLE | {"deletionProtection": "1"})
