"""Resources that AWS's schemas refuse, one of each type at least, and changes that CloudFormation refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.gates.exports import refused_exports
from emulator.gates.gate import Exemption, Gate
from emulator.gates.schemas import any_schema_of, is_custom, listed
from emulator.gates.templates import RefusedResourceError, Templates
from emulator.gates.updates import CONDITIONAL, NAMED_ELSEWHERE, recreation, refused_change, replacing
from tests.aws_says_no.stock import REFUSED, TAKEN

EAST = "us-east-1"
SNAPSHOTS = Path(__file__).parents[1] / "snapshot" / "__snapshots__"


def refusal(resource_type: str, properties: dict[str, Any], *, region: str = EAST) -> str:
    """What CloudFormation says of a resource, empty where it makes it."""
    try:
        Templates(Gate("refuse", ())).created(region, resource_type, "Any", properties)
    except RefusedResourceError as error:
        return str(error)
    return ""


def change(resource_type: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    """What CloudFormation says of a change, empty where it makes it."""
    try:
        Templates(Gate("refuse", ())).updated(EAST, resource_type, "Any", before, after)
    except RefusedResourceError as error:
        return str(error)
    return ""


ROLE = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}
KEY = {"AttributeName": "id", "KeyType": "HASH"}
TABLE = {
    "TableName": "orders",
    "KeySchema": [KEY],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
    "Replicas": [{"Region": EAST}],
}
CLUSTER = {"Engine": "aurora-postgresql", "DBClusterIdentifier": "qa", "MasterUsername": "tandem"}
FUNCTION = {"Code": {"ZipFile": "x"}, "Role": "arn:aws:iam::000000000000:role/x"}
MAPPING = {"FunctionName": "f", "EventSourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/x"}
ALARM = {"ComparisonOperator": "LessThanThreshold", "EvaluationPeriods": 1}
INSTANCE = {"DBInstanceClass": "db.serverless", "Engine": "aurora-postgresql"}
CHECK = {"HealthCheckConfig": {"Type": "HTTP", "FullyQualifiedDomainName": "a.test"}}
LONG_NAME = "a" * 60 + ".test"
CERTIFICATE = {"DomainName": "a.test", "ValidationMethod": "DNS"}
RULE = {"EventPattern": {"source": ["x"]}}
RECORD = {"Name": "pay.test.", "Type": "A", "HostedZoneId": "Z1", "TTL": "60", "ResourceRecords": ["1.2.3.4"]}

RIGHT: list[tuple[str, dict[str, Any]]] = [
    ("AWS::IAM::Role", ROLE),
    ("AWS::DynamoDB::GlobalTable", TABLE),
    ("AWS::RDS::DBCluster", CLUSTER),
    ("AWS::Lambda::Function", {**FUNCTION, "MemorySize": "512", "Timeout": 30}),
    ("AWS::Lambda::EventSourceMapping", {**MAPPING, "Enabled": "true", "BatchSize": "100"}),
    ("AWS::CloudWatch::Alarm", {**ALARM, "MetricName": "x", "Threshold": "1", "EvaluationPeriods": "3"}),
    ("AWS::Events::Rule", RULE),
    ("AWS::Route53::RecordSet", RECORD),
    ("AWS::S3::Bucket", {"BucketName": "orders", "Tags": [{"Key": "aws:cloudformation:stack-name", "Value": "x"}]}),
    ("AWS::RDS::GlobalCluster", {"GlobalClusterIdentifier": "qa", "Engine": "aurora-postgresql"}),
    ("Custom::Anything", {"ServiceToken": "x", "whatever": 1}),
]


@pytest.mark.parametrize(("resource_type", "properties"), RIGHT)
def test_what_a_schema_allows_is_made(resource_type: str, properties: dict[str, Any]) -> None:
    assert refusal(resource_type, properties) == ""


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("AWS::IAM::Role", {}, "#: required key [AssumeRolePolicyDocument] not found", TAKEN),
    ("AWS::IAM::Role", {**ROLE, "RoleNam": "x"}, "#: extraneous key [RoleNam] is not permitted", TAKEN),
    (
        "AWS::IAM::Role",
        {**ROLE, "Arn": "x"},
        "Encountered readonly properties in create request: [/properties/Arn]",
        TAKEN,
    ),
    ("AWS::IAM::ManagedPolicy", {}, "required key [PolicyDocument] not found", TAKEN),
    (
        "AWS::DynamoDB::GlobalTable",
        {**TABLE, "Replicas": []},
        "#/Replicas: expected minimum item count: 1, found: 0",
        TAKEN,
    ),
    ("AWS::RDS::DBCluster", {**CLUSTER, "DBClusterIdentifier": "qa--1"}, "for keyword [pattern]", TAKEN),
    ("AWS::RDS::DBCluster", {**CLUSTER, "BackupRetentionPeriod": "36"}, "36 is not less or equal to 35", TAKEN),
    ("AWS::RDS::DBInstance", {"Port": 5432, "Size": 1}, "extraneous key [Size]", REFUSED),
    ("AWS::RDS::GlobalCluster", {"GlobalClusterIdentifier": "-qa", "Engine": "aurora-postgresql"}, "[pattern]", TAKEN),
    ("AWS::Lambda::Function", {**FUNCTION, "MemorySize": "half"}, "expected type: Integer, found: String", REFUSED),
    ("AWS::Lambda::Function", {**FUNCTION, "Runtime": ["python"]}, "expected type: String, found: JSONArray", REFUSED),
    ("AWS::Lambda::EventSourceMapping", {**MAPPING, "BatchSize": 10_001}, "not less or equal to 10000", TAKEN),
    ("AWS::CloudWatch::Alarm", {**ALARM, "ComparisonOperator": "="}, "= is not a valid enum value", REFUSED),
    ("AWS::Events::Rule", {**RULE, "State": "ON"}, "ON is not a valid enum value", TAKEN),
    ("AWS::Route53::RecordSet", {**RECORD, "Ttl": "60"}, "extraneous key [Ttl]", REFUSED),
    (
        "AWS::Route53::HealthCheck",
        {"HealthCheckConfig": {}},
        "#/HealthCheckConfig: required key [Type] not found",
        REFUSED,
    ),
    ("AWS::Route53::HostedZone", {"Zone": "x"}, "extraneous key [Zone]", TAKEN),
    ("AWS::S3::Bucket", {"BucketName": "Orders"}, "#/BucketName", TAKEN),
    ("AWS::S3::BucketPolicy", {"Bucket": "orders"}, "required key [PolicyDocument]", TAKEN),
    ("AWS::KMS::Key", {"KeySpec": "NONE"}, "NONE is not a valid enum value", REFUSED),
    ("AWS::KMS::ReplicaKey", {"KeyPolicy": {}}, "required key [PrimaryKeyArn]", REFUSED),
    ("AWS::KMS::Alias", {"AliasName": "orders", "TargetKeyId": "x"}, "#/AliasName", REFUSED),
    ("AWS::SNS::Topic", {"TopicNam": "x"}, "extraneous key [TopicNam]", TAKEN),
    ("AWS::SQS::Queue", {"DelaySeconds": "long"}, "expected type: Integer", REFUSED),
    ("AWS::SQS::QueuePolicy", {"PolicyDocument": {"Statement": []}}, "required key [Queues]", TAKEN),
    ("AWS::Lambda::EventInvokeConfig", {"FunctionName": "x"}, "required key [Qualifier]", REFUSED),
    ("AWS::ApiGatewayV2::Api", {"Name": "x", "Protocol": "HTTP"}, "extraneous key [Protocol]", TAKEN),
    ("AWS::ApiGatewayV2::Stage", {"ApiId": "x"}, "required key [StageName]", TAKEN),
    ("AWS::ApiGatewayV2::Route", {"ApiId": "x"}, "required key [RouteKey]", TAKEN),
    ("AWS::ApiGatewayV2::Integration", {"ApiId": "x"}, "required key [IntegrationType]", TAKEN),
    ("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16", "Name": "x"}, "extraneous key [Name]", TAKEN),
    ("AWS::EC2::Subnet", {}, "required key [VpcId]", TAKEN),
    ("AWS::EC2::SecurityGroup", {}, "required key [GroupDescription]", TAKEN),
    ("AWS::EC2::VPCPeeringConnection", {"VpcId": "vpc-1"}, "required key [PeerVpcId]", REFUSED),
    ("AWS::EC2::FlowLog", {"ResourceId": "vpc-1", "ResourceType": "Net"}, "Net is not a valid enum value", TAKEN),
    ("AWS::Logs::LogGroup", {"LogGroupName": "a group"}, "#/LogGroupName", TAKEN),
    ("AWS::Logs::LogGroup", {"RetentionInDays": 2}, "2 is not a valid enum value", TAKEN),
    ("AWS::SecretsManager::Secret", {"Nam": "x"}, "extraneous key [Nam]", TAKEN),
    ("AWS::SSM::Parameter", {"Type": "Text", "Value": "x"}, "Text is not a valid enum value", REFUSED),
    ("AWS::Backup::BackupVault", {"BackupVaultName": "a vault"}, "#/BackupVaultName", TAKEN),
    ("AWS::Backup::BackupPlan", {}, "required key [BackupPlan]", REFUSED),
    ("AWS::ARCRegionSwitch::Plan", {"Name": "x" * 33}, "#/Name", REFUSED),
    ("AWS::FIS::ExperimentTemplate", {"Description": "x"}, "required key [RoleArn]", REFUSED),
    ("AWS::CloudWatch::Dashboard", {}, "required key [DashboardBody]", REFUSED),
    ("AWS::CloudWatch::CompositeAlarm", {}, "required key [AlarmRule]", REFUSED),
    ("AWS::Scheduler::Schedule", {"Name": "a schedule"}, "#/Name", TAKEN),
    ("AWS::Synthetics::Canary", {"Name": "A Canary"}, "#/Name", REFUSED),
    ("AWS::CertificateManager::Certificate", {}, "required key [DomainName]", REFUSED),
    ("AWS::Backup::BackupSelection", {}, "required key [BackupPlanId]", REFUSED),
    ("AWS::Backup::RestoreTestingPlan", {}, "required key [RecoveryPointSelection]", REFUSED),
    ("AWS::Backup::RestoreTestingSelection", {}, "required key [IamRoleArn]", REFUSED),
    ("AWS::EC2::Route", {}, "required key [RouteTableId]", TAKEN),
    ("AWS::EC2::RouteTable", {}, "required key [VpcId]", TAKEN),
    ("AWS::EC2::SecurityGroupIngress", {}, "required key [IpProtocol]", REFUSED),
    ("AWS::EC2::SecurityGroupEgress", {}, "required key [IpProtocol]", REFUSED),
    ("AWS::EC2::SubnetRouteTableAssociation", {}, "required key [SubnetId]", TAKEN),
    ("AWS::EC2::VPCEndpoint", {}, "required key [VpcId]", TAKEN),
    ("AWS::IAM::Policy", {"PolicyDocument": {}}, "required key [PolicyName]", REFUSED),
    ("AWS::Lambda::Permission", {"FunctionName": "f", "Principal": "x"}, "required key [Action]", TAKEN),
    ("AWS::RDS::DBClusterParameterGroup", {}, "required key [Family]", TAKEN),
    ("AWS::RDS::DBSubnetGroup", {}, "required key [SubnetIds]", REFUSED),
    ("AWS::SNS::TopicPolicy", {}, "required key [Topics]", TAKEN),
    (
        "AWS::SecretsManager::SecretTargetAttachment",
        {"SecretId": "x", "TargetType": "x"},
        "required key [TargetId]",
        REFUSED,
    ),
    (
        "AWS::CloudWatch::Alarm",
        {**ALARM, "MetricName": "x", "Namespace": "x", "Threshold": 1, "Nam": "x"},
        "key [Nam]",
        TAKEN,
    ),
    ("AWS::RDS::DBInstance", {**INSTANCE, "Nam": "x"}, "extraneous key [Nam]", TAKEN),
    ("AWS::Lambda::Function", {**FUNCTION, "Nam": "x"}, "extraneous key [Nam]", TAKEN),
    ("AWS::Route53::HealthCheck", {**CHECK, "Nam": "x"}, "extraneous key [Nam]", TAKEN),
    ("AWS::KMS::Key", {"Nam": "x"}, "extraneous key [Nam]", TAKEN),
    ("AWS::SQS::Queue", {"QueueNam": "x"}, "extraneous key [QueueNam]", TAKEN),
    ("AWS::SSM::Parameter", {"Type": "String", "Value": "x", "Nam": "x"}, "extraneous key [Nam]", TAKEN),
    ("AWS::CloudWatch::Dashboard", {"DashboardBody": "{}", "Nam": "x"}, "extraneous key [Nam]", TAKEN),
    ("AWS::CertificateManager::Certificate", {**CERTIFICATE, "Nam": "x"}, "extraneous key [Nam]", TAKEN),
]


@pytest.mark.parametrize(("resource_type", "properties", "said", "before"), WRONG)
def test_what_a_schema_refuses_is_refused_in_cloudformations_words(
    resource_type: str, properties: dict[str, Any], said: str, before: str
) -> None:
    del before
    message = refusal(resource_type, properties)
    assert message.startswith("Properties validation failed for resource Any with message:\n[#")
    assert said in message


def test_every_type_of_the_templates_has_a_wrong_property_here() -> None:
    templates = [json.loads(file.read_text(encoding="utf-8")) for file in SNAPSHOTS.glob("*/*.json")]
    used = {resource["Type"] for template in templates for resource in template.get("Resources", {}).values()}
    assert {each for each in used if not is_custom(each)} - {resource_type for resource_type, *_ in WRONG} == set()
    assert len(used) > 40


BY_HAND: list[tuple[str, dict[str, Any], str, str]] = [
    ("AWS::S3::Bucket", {"BucketName": "amzn-s3-demo-bucket"}, "The specified bucket is not valid", TAKEN),
    ("AWS::SNS::Topic", {"TopicName": "a topic"}, "Topic Name", TAKEN),
    ("AWS::Events::Rule", {**RULE, "Name": "a rule"}, "#/Name", TAKEN),
    ("AWS::ApiGatewayV2::Stage", {"ApiId": "x", "StageName": "a stage"}, "Stage name", TAKEN),
    ("AWS::ApiGatewayV2::Api", {"Name": "x" * 129, "ProtocolType": "HTTP"}, "128 characters or less", TAKEN),
    ("AWS::RDS::DBInstance", {"DBInstanceIdentifier": "qa-"}, "#/DBInstanceIdentifier", REFUSED),
    (
        "AWS::RDS::DBCluster",
        {**CLUSTER, "DBClusterIdentifier": "reserved", "DatabaseName": "rdsadmin"},
        "reserved word",
        TAKEN,
    ),
    ("AWS::Route53::HostedZone", {"Name": "pay.example.com"}, "pay.example.com is reserved by AWS!", TAKEN),
    ("AWS::CertificateManager::Certificate", {**CERTIFICATE, "DomainName": LONG_NAME}, "64 octets", TAKEN),
    ("AWS::SSM::Parameter", {"Type": "String", "Value": "x" * 4097}, "4096 characters", TAKEN),
    (
        "AWS::RDS::DBCluster",
        {"Engine": "aurora-postgresql", "GlobalClusterIdentifier": "qa", "StorageEncrypted": True},
        "#/SourceRegion",
        REFUSED,
    ),
]


@pytest.mark.parametrize(("resource_type", "properties", "said", "before"), BY_HAND)
def test_what_only_a_document_of_aws_refuses_is_refused_of_a_template_too(
    resource_type: str, properties: dict[str, Any], said: str, before: str
) -> None:
    del before
    assert said in refusal(resource_type, properties)


def test_a_type_that_a_region_does_not_have_is_refused() -> None:
    assert refusal("AWS::Nowhere::Thing", {}) == (
        "Template format error: Unrecognized resource types: [AWS::Nowhere::Thing]"
    )
    assert "Unrecognized resource types" in refusal("AWS::AppFabric::AppAuthorization", {}, region="us-west-2")
    assert "Unrecognized resource types" not in refusal("AWS::AppFabric::AppAuthorization", {})
    assert refusal("AWS::S3::Bucket", {}, region="mars-north-1") == ""


def test_a_name_that_is_kept_refuses_a_replacement_and_a_generated_one_does_not() -> None:
    named = {**ROLE, "RoleName": "orders", "Path": "/a/"}
    assert change("AWS::IAM::Role", named, {**named, "Path": "/b/"}) == (
        "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
        "Rename orders and update the stack again."
    )
    assert change("AWS::IAM::Role", named, {**named, "Path": "/b/", "RoleName": "other"}) == ""
    assert change("AWS::IAM::Role", {**ROLE, "Path": "/a/"}, {**ROLE, "Path": "/b/"}) == ""
    assert change("AWS::IAM::Role", named, {**named, "Description": "x"}) == ""


def test_a_topic_whose_name_is_within_its_arn_is_named_too() -> None:
    topic = {"TopicName": "orders", "FifoTopic": False}
    assert "Rename orders" in refused_change("AWS::SNS::Topic", topic, {**topic, "FifoTopic": True})


def test_a_create_only_property_replaces_and_another_does_not() -> None:
    assert replacing("AWS::RDS::DBCluster", CLUSTER, {**CLUSTER, "StorageEncrypted": True}) == ["StorageEncrypted"]
    assert replacing("AWS::RDS::DBCluster", CLUSTER, {**CLUSTER, "Port": 5433}) == []
    assert replacing("AWS::RDS::DBCluster", CLUSTER, {**CLUSTER, "MasterUsername": "other"}) == ["MasterUsername"]
    assert replacing("AWS::Nowhere::Thing", {}, {"A": 1}) is None


def test_a_change_set_tells_what_a_change_does() -> None:
    assert recreation("AWS::RDS::DBCluster", "DBSubnetGroupName") == "Always"
    assert recreation("AWS::RDS::DBCluster", "GlobalClusterIdentifier") == "Conditionally"
    assert recreation("AWS::RDS::DBCluster", "Port") == "Never"
    assert recreation("AWS::Nowhere::Thing", "A") is None


def test_a_table_never_changes_its_consistency_and_gains_one_replica_in_an_update() -> None:
    more = [{"Region": each} for each in (EAST, "us-east-2", "us-west-2")]
    strong = {**TABLE, "MultiRegionConsistency": "STRONG", "Replicas": more}
    assert "consistency mode" in change("AWS::DynamoDB::GlobalTable", TABLE, strong)
    assert "only one replica" in change("AWS::DynamoDB::GlobalTable", TABLE, {**TABLE, "Replicas": more})
    assert change("AWS::DynamoDB::GlobalTable", TABLE, {**TABLE, "Replicas": more[:2]}) == ""


def test_an_export_in_use_neither_changes_nor_goes() -> None:
    imports = {"api": {"table"}, "other": {"key"}}
    assert refused_exports({"table": "a"}, {"table": "b"}, imports) == (
        "Export table cannot be updated as it is in use by api"
    )
    assert refused_exports({"table": "a"}, {}, imports) == "Export table cannot be deleted as it is in use by api"
    assert refused_exports({"table": "a", "free": "x"}, {"table": "a"}, imports) == ""


def test_an_exempt_property_is_let_through() -> None:
    exempt = Exemption(subject="AWS::IAM::Role", path="#", reason="a test's")
    gate = Gate("refuse", [exempt])
    Templates(gate).created(EAST, "AWS::IAM::Role", "Any", {})
    assert gate.report()["exempted"] == [["AWS::IAM::Role", "#"]]


def test_in_mode_log_nothing_is_refused_and_all_is_told() -> None:
    gate = Gate("log", ())
    Templates(gate).created(EAST, "AWS::IAM::Role", "Any", {})
    assert [each["subject"] for each in gate.report()["refused"]] == ["AWS::IAM::Role"]


def test_every_type_that_is_replaced_under_conditions_by_our_table_has_that_property_in_its_schema() -> None:
    for resource_type, names in CONDITIONAL.items():
        schema = any_schema_of(resource_type)
        assert schema is not None
        assert {(name,) for name in names} <= set(listed(schema, "conditionalCreateOnlyProperties"))
    for resource_type, names in NAMED_ELSEWHERE.items():
        schema = any_schema_of(resource_type)
        assert schema is not None
        assert {(name,) for name in names} <= set(listed(schema, "createOnlyProperties"))
