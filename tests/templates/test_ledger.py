from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk.assertions import Match

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]

CLUSTER = "AWS::RDS::DBCluster"
INSTANCE = "AWS::RDS::DBInstance"
MEMBERS = {"PrimaryRegionStack": "us-east-1", "SecondaryRegionStack": "us-west-2"}


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_both_clusters_are_members_of_the_one_global_database(templates: Stage, stage: str) -> None:
    templates(stage)["GlobalStack"].has_resource_properties(
        "AWS::RDS::GlobalCluster", {"GlobalClusterIdentifier": f"tandem-ledger-{stage}", "StorageEncrypted": True}
    )
    for stack, region in MEMBERS.items():
        templates(stage)[stack].has_resource_properties(
            CLUSTER,
            {
                "DBClusterIdentifier": f"tandem-ledger-{stage}-{region}",
                "GlobalClusterIdentifier": f"tandem-ledger-{stage}",
                "EngineVersion": "16.8",
                "StorageEncrypted": True,
                "KmsKeyId": Match.any_value(),
                "EnableIAMDatabaseAuthentication": True,
                "EnableHttpEndpoint": True,
                "EnableCloudwatchLogsExports": ["postgresql"],
            },
        )


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_the_encrypted_secondary_says_which_region_its_data_comes_from_and_the_primary_says_none(
    templates: Stage, stage: str
) -> None:
    templates(stage)["SecondaryRegionStack"].has_resource_properties(
        CLUSTER, {"SourceRegion": "us-east-1", "StorageEncrypted": True}
    )
    templates(stage)["PrimaryRegionStack"].has_resource_properties(CLUSTER, {"SourceRegion": Match.absent()})


def test_a_stage_in_one_region_has_a_standard_cluster(templates: Stage) -> None:
    templates("dev")["GlobalStack"].resource_count_is("AWS::RDS::GlobalCluster", 0)
    templates("dev")["PrimaryRegionStack"].has_resource_properties(
        CLUSTER,
        {
            "GlobalClusterIdentifier": Match.absent(),
            "ServerlessV2ScalingConfiguration": Match.object_like({"MinCapacity": 0}),
        },
    )


@pytest.mark.parametrize(("stage", "instances"), [("staging", 1), ("prod", 2)])
def test_every_region_has_a_writer_and_prod_a_reader_too(templates: Stage, stage: str, instances: int) -> None:
    for stack in MEMBERS:
        templates(stage)[stack].resource_count_is(INSTANCE, instances)
        templates(stage)[stack].all_resources_properties(
            INSTANCE,
            {"PubliclyAccessible": False, "AutoMinorVersionUpgrade": False, "DBInstanceClass": "db.serverless"},
        )


def test_only_the_primary_has_an_administrator_and_its_secret_is_replicated(templates: Stage) -> None:
    templates("prod")["SecondaryRegionStack"].has_resource_properties(
        CLUSTER, {"MasterUsername": Match.absent(), "MasterUserPassword": Match.absent()}
    )
    templates("prod")["PrimaryRegionStack"].has_resource_properties(
        "AWS::SecretsManager::Secret",
        {"KmsKeyId": Match.any_value(), "ReplicaRegions": [{"Region": "us-west-2", "KmsKeyId": Match.any_value()}]},
    )
    templates("dev")["PrimaryRegionStack"].has_resource_properties(
        "AWS::SecretsManager::Secret", {"ReplicaRegions": Match.absent()}
    )


def test_the_database_refuses_connections_without_tls(templates: Stage) -> None:
    for stack in MEMBERS:
        templates("staging")[stack].has_resource_properties(
            "AWS::RDS::DBClusterParameterGroup", {"Parameters": Match.object_like({"rds.force_ssl": "1"})}
        )


def test_only_the_functions_reach_the_database(templates: Stage) -> None:
    for stack in MEMBERS:
        rules = templates("prod")[stack].find_resources("AWS::EC2::SecurityGroupIngress")
        for rule in rules.values():
            assert "SourceSecurityGroupId" in rule["Properties"]
            assert "CidrIp" not in rule["Properties"]


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_every_instance_has_enhanced_monitoring_by_a_role_of_its_region(templates: Stage, stage: str) -> None:
    for stack in MEMBERS:
        template = templates(stage)[stack]
        template.all_resources_properties(
            INSTANCE, {"MonitoringInterval": 60, "MonitoringRoleArn": {"Fn::GetAtt": Match.any_value()}}
        )


def test_a_ledger_that_pauses_is_not_watched_from_within_because_it_is_there_to_cost_nothing(templates: Stage) -> None:
    templates("dev")["PrimaryRegionStack"].all_resources_properties(
        INSTANCE, {"MonitoringInterval": Match.absent(), "MonitoringRoleArn": Match.absent()}
    )
