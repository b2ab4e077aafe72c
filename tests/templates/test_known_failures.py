"""What earlier designs of such a system got wrong, each held by a test of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]

STAGES = ("dev", "staging", "prod")
DUAL = ("staging", "prod")
TABLE = "AWS::DynamoDB::GlobalTable"
INSTANCE = "AWS::RDS::DBInstance"
STATEFUL = {
    TABLE,
    "AWS::KMS::Key",
    "AWS::KMS::ReplicaKey",
    "AWS::RDS::DBCluster",
    INSTANCE,
    "AWS::RDS::GlobalCluster",
    "AWS::S3::Bucket",
    "AWS::Backup::BackupVault",
    "AWS::SecretsManager::Secret",
}
POLICIES = {"PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy", "AccessPolicy"}


def resources(templates: dict[str, Template]) -> Iterator[tuple[str, dict[str, Any]]]:
    for template in templates.values():
        yield from template.to_json()["Resources"].items()


def statements(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The statements of every policy of a resource."""
    properties = resource.get("Properties", {})
    documents = [document for key, document in properties.items() if key in POLICIES]
    documents += [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
    for document in documents:
        yield from document["Statement"]


def grantees(templates: dict[str, Template]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each statement that allows a principal something, and whose it is."""
    for name, resource in resources(templates):
        for statement in statements(resource):
            if statement["Effect"] == "Allow" and "Principal" in statement:
                yield name, statement


@pytest.mark.parametrize("stage", STAGES)
def test_principals_are_services_or_accounts_under_a_condition_and_are_never_made_up(
    templates: Stage, stage: str
) -> None:
    for name, statement in grantees(templates(stage)):
        principal = statement["Principal"]
        if set(principal) == {"Service"}:
            services = [principal["Service"]] if isinstance(principal["Service"], str) else principal["Service"]
            assert all(str(service).endswith(".amazonaws.com") for service in services), name
        else:
            assert set(principal) == {"AWS"}, name
            assert principal["AWS"] != "*" or statement["Condition"], name


@pytest.mark.parametrize("stage", STAGES)
def test_the_account_root_is_granted_the_administration_of_keys_and_the_roles_of_people_only(
    templates: Stage, stage: str
) -> None:
    granted = [
        (name, statement) for name, statement in grantees(templates(stage)) if ":root" in str(statement["Principal"])
    ]
    assert granted
    for name, statement in granted:
        if name.startswith("People"):
            assert statement["Action"] == "sts:AssumeRole", name
            continue
        assert statement.get("Sid") == "Administration", name
        assert not {"kms:*", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"} & set(statement["Action"]), name


@pytest.mark.parametrize("stage", STAGES)
def test_only_the_operational_table_expires_and_the_journal_never_does(templates: Stage, stage: str) -> None:
    expiring = {
        resource["Properties"]["TableName"]: resource["Properties"]["TimeToLiveSpecification"]
        for _, resource in resources(templates(stage))
        if resource["Type"] == TABLE and "TimeToLiveSpecification" in resource["Properties"]
    }
    assert expiring == {f"tandem-operational-{stage}": {"AttributeName": "expires_at", "Enabled": True}}


@pytest.mark.parametrize("stage", STAGES)
def test_every_action_of_every_alarm_is_the_topic_of_its_stack(templates: Stage, stage: str) -> None:
    for name, template in templates(stage).items():
        topics = [{"Ref": topic} for topic in template.find_resources("AWS::SNS::Topic")]
        for alarm, found in template.find_resources("AWS::CloudWatch::Alarm").items():
            properties = found["Properties"]
            if name != "GlobalStack":
                assert properties["AlarmActions"] == properties["OKActions"] == topics, alarm
                assert len(topics) == 1
            else:  # it asks a question, whose answer is a recovery: an event rule takes it up
                rules = template.find_resources("AWS::Events::Rule")
                assert alarm in str([rule["Properties"].get("EventPattern") for rule in rules.values()])


@pytest.mark.parametrize("stage", STAGES)
def test_health_checks_ask_an_api_of_their_own_stack_and_never_a_guessed_host(templates: Stage, stage: str) -> None:
    asked = 0
    for name, template in templates(stage).items():
        region = "us-east-1" if name == "PrimaryRegionStack" else "us-west-2"
        apis = template.find_resources("AWS::ApiGatewayV2::Api")
        hosts = [{"Fn::Join": ["", [{"Ref": api}, f".execute-api.{region}.amazonaws.com"]]} for api in apis]
        for check in template.find_resources("AWS::Route53::HealthCheck").values():
            settings = check["Properties"]["HealthCheckConfig"]
            if settings["Type"] != "CALCULATED":
                assert settings["FullyQualifiedDomainName"] in hosts
                asked += 1
    assert asked == (1 if stage == "dev" else 3)


@pytest.mark.parametrize("stage", STAGES)
def test_urls_that_are_published_are_attributes_of_apis_that_exist(templates: Stage, stage: str) -> None:
    for template in templates(stage).values():
        endpoints = [{"Fn::GetAtt": [api, "ApiEndpoint"]} for api in template.find_resources("AWS::ApiGatewayV2::Api")]
        for parameter in template.find_resources("AWS::SSM::Parameter").values():
            name, value = parameter["Properties"]["Name"], parameter["Properties"]["Value"]
            if name.endswith("/api-url"):
                assert value in endpoints
            if name.endswith("/takeover-url"):
                host, path, *_ = value["Fn::Join"][1]
                assert host in endpoints
                assert path.startswith("/takeover")


@pytest.mark.parametrize("stage", STAGES)
def test_data_is_retained_in_prod_and_destroyed_elsewhere(templates: Stage, stage: str) -> None:
    deleted, replaced = ("RetainExceptOnCreate", "Retain") if stage == "prod" else ("Delete", "Delete")
    for name, resource in resources(templates(stage)):
        if resource["Type"] in STATEFUL:
            assert resource.get("DeletionPolicy") == deleted, name
            assert resource.get("UpdateReplacePolicy") == replaced, name


@pytest.mark.parametrize("stage", DUAL)
def test_the_secondary_cluster_is_real_and_has_an_instance_to_promote(templates: Stage, stage: str) -> None:
    secondary = templates(stage)["SecondaryRegionStack"]
    [(cluster, found)] = secondary.find_resources("AWS::RDS::DBCluster").items()
    assert found["Properties"]["GlobalClusterIdentifier"] == f"tandem-ledger-{stage}"
    instances = secondary.find_resources(INSTANCE).values()
    assert instances
    assert all(instance["Properties"]["DBClusterIdentifier"] == {"Ref": cluster} for instance in instances)


@pytest.mark.parametrize(("stage", "readers"), [("dev", 0), ("staging", 0), ("prod", 1)])
def test_the_primary_cluster_names_its_writer_and_its_readers(templates: Stage, stage: str, readers: int) -> None:
    """CDK's deprecated `instances` would name them Instance1, Instance2."""
    found = list(templates(stage)["PrimaryRegionStack"].find_resources(INSTANCE))
    assert sum("Writer" in name for name in found) == 1
    assert sum("Reader" in name for name in found) == readers
    assert len(found) == 1 + readers


@pytest.mark.parametrize(
    ("stage", "regions"),
    [("dev", ["us-east-1"]), ("staging", ["us-east-1", "us-west-2"]), ("prod", ["us-east-1", "us-west-2"])],
)
def test_tables_have_replicas_only_where_there_are_two_regions(
    templates: Stage, stage: str, regions: list[str]
) -> None:
    for name in ("journal", "operational"):
        [table] = (
            templates(stage)["PrimaryRegionStack"]
            .find_resources(TABLE, {"Properties": {"TableName": f"tandem-{name}-{stage}"}})
            .values()
        )
        assert sorted(replica["Region"] for replica in table["Properties"]["Replicas"]) == regions


@pytest.mark.parametrize("stage", STAGES)
def test_every_replica_of_every_table_can_be_restored_to_a_point_in_time(templates: Stage, stage: str) -> None:
    for name, resource in resources(templates(stage)):
        if resource["Type"] == TABLE:
            for replica in resource["Properties"]["Replicas"]:
                assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}, name


@pytest.mark.parametrize("stage", STAGES)
def test_no_stage_pays_for_nat_or_interface_endpoints(templates: Stage, stage: str) -> None:
    for name, template in templates(stage).items():
        template.resource_count_is("AWS::EC2::NatGateway", 0)
        template.resource_count_is("AWS::EC2::EIP", 0)
        template.resource_count_is("AWS::EC2::InternetGateway", 0)
        endpoints = template.find_resources("AWS::EC2::VPCEndpoint").values()
        assert [endpoint["Properties"]["VpcEndpointType"] for endpoint in endpoints] == (
            [] if name == "GlobalStack" else ["Gateway", "Gateway"]
        )


@pytest.mark.parametrize(("stage", "promised"), [("dev", False), ("staging", False), ("prod", True)])
def test_only_prod_pays_for_replication_time_control(templates: Stage, stage: str, *, promised: bool) -> None:
    found = [resource for _, resource in resources(templates(stage))]
    rules = [
        rule
        for resource in found
        for rule in resource.get("Properties", {}).get("ReplicationConfiguration", {}).get("Rules", [])
    ]
    reverse = [str(resource) for resource in found if "putBucketReplication" in str(resource.get("Properties", ""))]
    assert len(rules) == len(reverse) == (0 if stage == "dev" else 1)
    for rule in [*(str(rule) for rule in rules), *reverse]:
        assert ("ReplicationTime" in rule) is promised
        assert ("Metrics" in rule) is promised


def test_one_region_deploys_by_itself(templates: Stage) -> None:
    stacks = templates("dev")
    assert sorted(stacks) == ["GlobalStack", "PrimaryRegionStack"]
    assert "us-west-2" not in str([template.to_json() for template in stacks.values()])
    for template in stacks.values():
        for kind in (
            "Custom::CrossRegionExportWriter",
            "Custom::CrossRegionExportReader",
            "AWS::RDS::GlobalCluster",
            "AWS::KMS::ReplicaKey",
            "AWS::EC2::VPCPeeringConnection",
            "AWS::ARCRegionSwitch::Plan",
        ):
            template.resource_count_is(kind, 0)


def test_one_region_is_smaller_to_synthesize_than_two_and_looks_nothing_up(
    synthesized: Callable[[str], Path], templates: Stage
) -> None:
    """How much faster, `make bench` measures: a test must not depend on the machine's speed."""
    size = {stage: len(list(resources(templates(stage)))) for stage in ("dev", "prod")}
    assert size["dev"] < size["prod"] / 2
    manifest = synthesized("dev") / "manifest.json"
    assert "missing" not in json.loads(manifest.read_text(encoding="utf-8"))
