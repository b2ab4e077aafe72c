"""What AWS refuses when something deployed changes or goes, and what a vault holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from botocore.exceptions import ClientError

from tests.emulator.running import EAST, WEST, Running, embedded_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

LEDGER = "ledger"


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    with embedded_aws("changes") as running:
        rds = running.client("rds")
        rds.create_global_cluster(
            GlobalClusterIdentifier=LEDGER, Engine="aurora-postgresql", EngineVersion="16.8", StorageEncrypted=False
        )
        owner = {"MasterUsername": "owner", "MasterUserPassword": "not-a-secret", "DatabaseName": LEDGER}
        for region, more in ((EAST, owner), (WEST, {})):
            running.client("rds", region).create_db_cluster(
                DBClusterIdentifier=f"{LEDGER}-{region}",
                GlobalClusterIdentifier=LEDGER,
                Engine="aurora-postgresql",
                EngineVersion="16.8",
                **more,
            )
        yield running


def upgrade(aws: Running, region: str, version: str) -> None:
    aws.client("rds", region).modify_db_cluster(DBClusterIdentifier=f"{LEDGER}-{region}", EngineVersion=version)


def test_the_writer_is_upgraded_after_its_replica_and_never_before(aws: Running) -> None:
    with pytest.raises(ClientError, match="upgrade the secondary clusters before the primary cluster"):
        upgrade(aws, EAST, "16.9")
    upgrade(aws, WEST, "16.9")
    upgrade(aws, EAST, "16.9")


def test_a_minor_version_is_given_to_each_member_and_not_to_the_global_database(aws: Running) -> None:
    rds = aws.client("rds")
    with pytest.raises(ClientError, match="only supports Major Version Upgrades"):
        rds.modify_global_cluster(GlobalClusterIdentifier=LEDGER, EngineVersion="16.10")
    rds.modify_global_cluster(GlobalClusterIdentifier=LEDGER, EngineVersion="16.9")  # as all members are by now


def test_a_major_version_has_to_be_asked_for(aws: Running) -> None:
    rds = aws.client("rds")
    with pytest.raises(ClientError, match="AllowMajorVersionUpgrade"):
        rds.modify_global_cluster(GlobalClusterIdentifier=LEDGER, EngineVersion="17.5")
    rds.modify_global_cluster(GlobalClusterIdentifier=LEDGER, EngineVersion="17.5", AllowMajorVersionUpgrade=True)
    [cluster] = aws.client("rds", WEST).describe_db_clusters()["DBClusters"]
    assert cluster["EngineVersion"] == "17.5"


def test_no_version_of_a_global_database_goes_back(aws: Running) -> None:
    with pytest.raises(ClientError, match=r"from 17\.5 with requested version 16\.9"):
        aws.client("rds").modify_global_cluster(GlobalClusterIdentifier=LEDGER, EngineVersion="16.9")


def test_a_vault_holds_the_points_of_its_jobs_until_they_are_deleted(aws: Running) -> None:
    backup = aws.client("backup")
    backup.create_backup_vault(BackupVaultName="vault")
    point = backup.start_backup_job(
        BackupVaultName="vault",
        ResourceArn="arn:aws:dynamodb:us-east-1:000000000000:table/journal",
        IamRoleArn="arn:aws:iam::000000000000:role/backup",
    )["RecoveryPointArn"]
    listed = backup.list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"]
    assert [each["RecoveryPointArn"] for each in listed] == [point]
    backup.delete_recovery_point(BackupVaultName="vault", RecoveryPointArn=point)
    assert backup.list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"] == []


def stage_of(aws: Running, api: str) -> dict[str, Any]:
    """The stage's limits, as API Gateway tells them."""
    stage: dict[str, Any] = aws.client("apigatewayv2").get_stage(ApiId=api, StageName="$default")
    return stage


def test_the_limits_of_an_apis_stage_are_told_as_the_template_last_set_them(aws: Running) -> None:
    def template(rate: int) -> str:
        limits = {"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": 2 * rate}
        stage = {
            "ApiId": {"Ref": "Api"},
            "StageName": "$default",
            "AutoDeploy": True,
            "DefaultRouteSettings": limits,
            "RouteSettings": {"$default": limits},
        }
        api = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "limited", "ProtocolType": "HTTP"}}
        return json.dumps(
            {"Resources": {"Api": api, "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": stage}}}
        )

    stacks = aws.client("cloudformation")
    stacks.create_stack(StackName="limited", TemplateBody=template(5))
    stacks.get_waiter("stack_create_complete").wait(StackName="limited", WaiterConfig={"Delay": 1})
    [api] = [each["ApiId"] for each in aws.client("apigatewayv2").get_apis()["Items"]]
    told = stage_of(aws, api)
    assert told["DefaultRouteSettings"] == {"ThrottlingRateLimit": 5.0, "ThrottlingBurstLimit": 10}
    assert told["RouteSettings"] == {"$default": told["DefaultRouteSettings"]}
    stacks.update_stack(StackName="limited", TemplateBody=template(50))
    stacks.get_waiter("stack_update_complete").wait(StackName="limited", WaiterConfig={"Delay": 1})
    assert stage_of(aws, api)["DefaultRouteSettings"] == {"ThrottlingRateLimit": 50.0, "ThrottlingBurstLimit": 100}


def test_each_deletion_by_cloud_control_is_answered_with_a_length_of_its_own(aws: Running) -> None:
    control = aws.client("cloudcontrol")
    for name in ("short", "a-name-that-is-longer"):
        aws.client("s3").create_bucket(Bucket=name)
        event = control.delete_resource(TypeName="AWS::S3::Bucket", Identifier=name)["ProgressEvent"]
        assert (event["Identifier"], event["OperationStatus"]) == (name, "SUCCESS")
    assert aws.client("s3").list_buckets()["Buckets"] == []
