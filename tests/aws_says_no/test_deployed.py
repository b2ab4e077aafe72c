"""Both gates on a running embedded AWS: what clients and stacks are told, and that in mode log nothing is refused."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from emulator.aurora.member_versions import refusal
from tests.emulator.running import Running, embedded_aws, until

if TYPE_CHECKING:
    from collections.abc import Iterator

TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "orders"}}
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"Tags": [{"Key": "topic", "Value": {"Fn::ImportValue": "topic"}}]}}


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    with embedded_aws("gates") as running:
        yield running


def page(aws: Running) -> Any:
    with urllib.request.urlopen(f"{aws.url}/_emulator/gate", timeout=10) as answer:  # noqa: S310 - loopback
        return json.load(answer)


def settled(aws: Running, stack: str) -> dict[str, Any]:
    stacks = aws.client("cloudformation")

    def look() -> dict[str, Any] | None:
        described: dict[str, Any] = stacks.describe_stacks(StackName=stack)["Stacks"][0]
        return None if described["StackStatus"].endswith("_IN_PROGRESS") else described

    description: dict[str, Any] = until(look)
    return description


def deploy(aws: Running, stack: str, template: dict[str, Any], **more: Any) -> tuple[str, str]:
    """The status that a stack ends in, and the reasons that its events give for what failed."""
    client = aws.client("cloudformation")
    known = [each["StackName"] for each in client.describe_stacks()["Stacks"]]
    change = client.update_stack if stack in known else client.create_stack
    change(StackName=stack, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"], **more)
    status = settled(aws, stack)["StackStatus"]
    events = client.describe_stack_events(StackName=stack)["StackEvents"]
    return status, "\n".join(each.get("ResourceStatusReason", "") for each in events)


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code"),
    [
        ("iam", "create_role", {"RoleName": "a b", "AssumeRolePolicyDocument": "{}"}, "ValidationError"),
        ("dynamodb", "describe_table", {"TableName": "x" * 1025}, "ValidationException"),
        ("cloudwatch", "delete_alarms", {"AlarmNames": ["x" * 256]}, "ValidationException"),
        ("lambda", "get_function", {"FunctionName": "no such name!"}, "ValidationException"),
        ("route53", "create_hosted_zone", {"Name": "pay.example.com", "CallerReference": "x"}, "InvalidDomainName"),
    ],
)
def test_a_client_is_told_in_its_own_protocol(
    aws: Running, service: str, operation: str, parameters: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(aws.client(service), operation)(**parameters)
    assert refused.value.response["Error"]["Code"] == code
    assert len(refused.value.response["ResponseMetadata"]["RequestId"]) == 36


def test_a_stack_with_a_wrong_property_rolls_back_and_says_why(aws: Running) -> None:
    topic = {**TOPIC, "Properties": {"TopicNam": "orders"}}
    status, reasons = deploy(aws, "wrong", {"Resources": {"Topic": topic}})
    assert status == "ROLLBACK_COMPLETE"
    assert "Properties validation failed for resource Topic with message:" in reasons
    assert "extraneous key [TopicNam] is not permitted" in reasons
    assert any(each["subject"] == "AWS::SNS::Topic" for each in page(aws)["refused"])


def test_a_create_only_property_replaces_its_resource_and_a_kept_name_refuses_that(aws: Running) -> None:
    def role(path: str, **more: str) -> dict[str, Any]:
        policy = {"Version": "2012-10-17", "Statement": []}
        properties = {"AssumeRolePolicyDocument": policy, "Path": path, **more}
        outputs = {"Name": {"Value": {"Ref": "Role"}}}
        return {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}, "Outputs": outputs}

    def name(stack: str) -> str:
        return str(settled(aws, stack)["Outputs"][0]["OutputValue"])

    assert deploy(aws, "generated", role("/a/"))[0] == "CREATE_COMPLETE"
    before = name("generated")
    assert deploy(aws, "generated", role("/b/"))[0] == "UPDATE_COMPLETE"
    assert name("generated") != before
    assert deploy(aws, "named", role("/a/", RoleName="orders"))[0] == "CREATE_COMPLETE"
    status, reasons = deploy(aws, "named", role("/b/", RoleName="orders"))
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename" in reasons


def test_an_export_in_use_neither_changes_nor_goes_and_a_free_one_does(aws: Running) -> None:
    def exporting(*topics: str) -> dict[str, Any]:
        outputs = {"Name": {"Value": {"Fn::GetAtt": [topics[0], "TopicName"]}, "Export": {"Name": "topic"}}}
        return {"Resources": dict.fromkeys(topics, TOPIC), "Outputs": outputs}

    def exports() -> list[str]:
        return [each["Name"] for each in aws.client("cloudformation").list_exports()["Exports"]]

    without = {"Resources": {"First": TOPIC}}
    assert deploy(aws, "exporting", exporting("First"))[0] == "CREATE_COMPLETE"
    assert deploy(aws, "importing", {"Resources": {"Queue": QUEUE}})[0] == "CREATE_COMPLETE"
    status, reasons = deploy(aws, "exporting", exporting("Second", "First"))
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert "Export topic cannot be updated as it is in use by importing" in reasons
    status, reasons = deploy(aws, "exporting", without)
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert "Export topic cannot be deleted as it is in use by importing" in reasons
    assert exports() == ["topic"]
    aws.client("cloudformation").delete_stack(StackName="importing")
    assert deploy(aws, "exporting", without)[0] == "UPDATE_COMPLETE"
    assert exports() == []


def test_a_stack_with_termination_protection_is_not_deleted(aws: Running) -> None:
    stacks = aws.client("cloudformation")
    deploy(aws, "protected", {"Resources": {"Topic": TOPIC}}, EnableTerminationProtection=True)
    with pytest.raises(ClientError, match="cannot be deleted while TerminationProtection is enabled"):
        stacks.delete_stack(StackName="protected")
    stacks.update_termination_protection(StackName="protected", EnableTerminationProtection=False)
    stacks.delete_stack(StackName="protected")


def test_a_zone_that_still_holds_records_is_not_deleted(aws: Running) -> None:
    route53 = aws.client("route53")
    zone = route53.create_hosted_zone(Name="pay.test", CallerReference="x")["HostedZone"]["Id"]
    record = {"Name": "a.pay.test", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"x"'}]}

    def change(action: str) -> None:
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)

    change("CREATE")
    with pytest.raises(ClientError, match="HostedZoneNotEmpty"):
        route53.delete_hosted_zone(Id=zone)
    change("DELETE")
    route53.delete_hosted_zone(Id=zone)


def test_a_condition_that_joins_an_empty_list_is_false(aws: Running) -> None:
    joined = {"Fn::Join": ["", {"Ref": "Policies"}]}
    template = {
        "Parameters": {"Policies": {"Type": "CommaDelimitedList", "Default": ""}},
        "Conditions": {"Given": {"Fn::Not": [{"Fn::Equals": ["", joined]}]}},
        "Resources": {"Topic": TOPIC},
        "Outputs": {"Given": {"Value": {"Fn::If": ["Given", "yes", "no"]}}},
    }
    deploy(aws, "joining", template)
    assert settled(aws, "joining")["Outputs"][0]["OutputValue"] == "no"
    deploy(aws, "joining", template, Parameters=[{"ParameterKey": "Policies", "ParameterValue": "a,b"}])
    assert settled(aws, "joining")["Outputs"][0]["OutputValue"] == "yes"


def test_in_mode_log_what_aws_refuses_is_made_and_told() -> None:
    with embedded_aws("gates-logging", "--gate", "log") as aws:
        topic = {**TOPIC, "Properties": {"TopicNam": "orders"}}
        assert deploy(aws, "wrong", {"Resources": {"Topic": topic}})[0] == "CREATE_COMPLETE"
        aws.client("iam").list_roles(PathPrefix="no path")
        subjects = [each["subject"] for each in page(aws)["refused"]]
        assert subjects == ["AWS::SNS::Topic", "iam ListRoles"]


TABLE = {
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
}


def test_a_table_that_was_the_source_of_a_replica_is_deleted_once_the_replica_is_gone(aws: Running) -> None:
    tables = aws.client("dynamodb")
    tables.create_table(TableName="sourced", **TABLE)
    tables.update_table(TableName="sourced", ReplicaUpdates=[{"Create": {"RegionName": "us-west-2"}}])
    with pytest.raises(ClientError, match="has acted as a source region for new replica") as refused:
        tables.delete_table(TableName="sourced")
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    tables.update_table(TableName="sourced", ReplicaUpdates=[{"Delete": {"RegionName": "us-west-2"}}])
    tables.delete_table(TableName="sourced")


def test_a_cluster_of_an_older_version_does_not_join_a_global_database(aws: Running) -> None:
    first, second = aws.client("rds"), aws.client("rds", "us-west-2")
    common = {"Engine": "aurora-postgresql", "GlobalClusterIdentifier": "versions"}
    first.create_global_cluster(**common, EngineVersion="16.8")
    first.create_db_cluster(
        **common,
        DBClusterIdentifier="versions-one",
        EngineVersion="16.8",
        MasterUsername="somebody",
        MasterUserPassword="not a secret",
    )
    with pytest.raises(ClientError, match=r"version 16\.6 of the cluster does not match .* 16\.8") as refused:
        second.create_db_cluster(**common, DBClusterIdentifier="versions-two", EngineVersion="16.6")
    assert refused.value.response["Error"]["Code"] == "InvalidParameterCombination"
    assert second.describe_db_clusters()["DBClusters"] == []


@pytest.mark.parametrize(
    ("version", "joins"), [("16.8", True), ("16.9", True), ("16.6", False), ("15.12", False), ("17.4", False)]
)
def test_members_of_a_global_database_have_one_version_and_secondaries_are_upgraded_first(
    version: str, *, joins: bool
) -> None:
    assert (refusal(version, "16.8") is None) is joins
