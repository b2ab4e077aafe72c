"""A third zone, a domain that is adopted later, retention switched on and off: deployed under traffic, nothing lost."""

from __future__ import annotations

import pytest

from contract.names import Names, arn
from contract.parameters import API_NAME, HOSTED_ZONE_ID
from contract.patterns import EMBEDDED_ACCOUNT
from tests.changes.stage import DOMAIN, LONG, REGIONS, Stage

pytestmark = LONG

ZONES = {"us-east-1": "us-east-1c", "us-west-2": "us-west-2c"}


def test_a_third_zone_is_added_in_both_regions(staging: Stage) -> None:
    staging.change(('"us-east-1b"', '"us-east-1b", "us-east-1c"'), ('"us-west-2b"', '"us-west-2b", "us-west-2c"'))
    with staging.traffic():
        staging.deploy()
    for region, zone in ZONES.items():
        ec2 = staging.client("ec2", region)
        stack = [{"Name": "tag:Stage", "Values": [staging.name]}]
        subnets = ec2.describe_subnets(Filters=stack)["Subnets"]
        assert len(subnets) == 3
        assert zone in {each["AvailabilityZone"] for each in subnets}
        tables = [
            table
            for table in ec2.describe_route_tables()["RouteTables"]
            if {each.get("SubnetId") for each in table["Associations"]} & {each["SubnetId"] for each in subnets}
        ]
        peered = [any(route.get("VpcPeeringConnectionId") for route in table["Routes"]) for table in tables]
        assert peered == [True, True, True], f"a zone of {region} does not reach the other Region"


def test_a_domain_is_adopted_after_the_first_deployment(staging: Stage) -> None:
    assert staging.deployment.find(REGIONS.primary, API_NAME) is None
    staging.put("domain", f'name = "{DOMAIN}"')
    with staging.traffic():
        staging.deploy()
    deployment = staging.deployment
    assert deployment.api_name == f"api.{DOMAIN}"
    zone = deployment.get(REGIONS.primary, HOSTED_ZONE_ID)
    records = staging.client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert sorted(each["Failover"] for each in records if "Failover" in each) == ["PRIMARY", "SECONDARY"]


@pytest.fixture
def point(staging: Stage) -> str:
    """A recovery point in the primary's vault."""
    names = staging.deployment.names
    backup = staging.client("backup")
    job = backup.start_backup_job(
        BackupVaultName=names.backup_vault,
        ResourceArn=Names(stage=staging.name, account=EMBEDDED_ACCOUNT).table_arn(names.journal_table, REGIONS.primary),
        IamRoleArn=arn("iam", "role/backup", account=EMBEDDED_ACCOUNT),
    )
    return str(job["RecoveryPointArn"])


def points(stage: Stage) -> list[str]:
    """The recovery points of the primary's vault."""
    vault = stage.deployment.names.backup_vault
    listed = stage.client("backup").list_recovery_points_by_backup_vault(BackupVaultName=vault)["RecoveryPoints"]
    return [str(each["RecoveryPointArn"]) for each in listed]


def test_retention_is_switched_on_and_off_and_empties_no_vault(staging: Stage, point: str) -> None:
    assert point in points(staging)
    journal = staging.deployment.names.journal_table
    staging.change(("retain = false", "retain = true"))
    with staging.traffic():
        staging.deploy()
    assert point in points(staging)
    for region in REGIONS.both:
        assert staging.endpoint.dynamodb(region).describe_table(TableName=journal)["Table"]["DeletionProtectionEnabled"]
    staging.change(("retain = true", "retain = false"))
    with staging.traffic():
        staging.deploy()
    assert point in points(staging)
    for region in REGIONS.both:
        table = staging.endpoint.dynamodb(region).describe_table(TableName=journal)["Table"]
        assert not table["DeletionProtectionEnabled"]
