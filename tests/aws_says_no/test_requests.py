"""Requests that AWS's models refuse, one of each service at least, written by boto3 and read by the gate."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.gates.by_hand import VERSION_2
from emulator.gates.door import Door
from emulator.gates.gate import Exemption, Gate, exemptions
from emulator.gates.models import SERVICES, model
from emulator.gates.requests import HttpRequest, parse
from emulator.gates.shapes import Checker, described


def refusing() -> tuple[Gate, Door]:
    """A gate that refuses and exempts nothing."""
    gate = Gate("refuse", ())
    return gate, Door(gate, lambda _: None)


def written(service: str, operation: str, parameters: dict[str, Any]) -> HttpRequest:
    """The request that boto3 sends, without what its client checks."""
    request: HttpRequest = _sent(service, operation, parameters, None)[0]
    return request


def answered(service: str, operation: str, parameters: dict[str, Any], door: Door) -> Exception | None:
    """What boto3 makes of the gate's answer, None where the request passes."""
    error: Exception | None = _sent(service, operation, parameters, door)[1]
    return error


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: object) -> Any:
        yield self._body

    def read(self, *_: object) -> bytes:
        return self._body


def _sent(service: str, operation: str, parameters: dict[str, Any], door: Door | None) -> Any:
    client = boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url="http://127.0.0.1:9",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - nothing is sent
        config=Config(parameter_validation=False, retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
    )
    taken: list[HttpRequest] = []

    def send(request: Any, **_: Any) -> AWSResponse:
        url = urlsplit(request.url)
        body = request.body or b""
        if hasattr(body, "read"):
            body = body.read()
        headers = {
            name.lower(): value.decode() if isinstance(value, bytes) else str(value)
            for name, value in request.headers.items()
        }
        http = HttpRequest(
            method=request.method,
            path=url.path or "/",
            query=url.query,
            headers=headers,
            body=body.encode() if isinstance(body, str) else bytes(body),
            service=SERVICES[service],
        )
        taken.append(http)
        answer = door.answer(http) if door else None
        if answer is None:
            return AWSResponse(request.url, 599, HTTPHeaders(), _Raw(b""))
        return AWSResponse(request.url, answer.status, HTTPHeaders.from_pairs(answer.headers), _Raw(answer.body))

    client.meta.events.register("before-send", send)
    try:
        client._make_api_call(operation, parameters)  # noqa: SLF001 - any operation, by its own name
    except ClientError as error:
        passed = error.response["ResponseMetadata"]["HTTPStatusCode"] == 599
        return taken[0], None if passed else error
    return taken[0], None


def exemption(subject: str, path: str) -> Exemption:
    return Exemption(subject=subject, path=path, reason="a test's")


ROLE = {"RoleName": "function", "AssumeRolePolicyDocument": "{}"}
WRONG: list[tuple[str, str, dict[str, Any], str]] = [
    ("iam", "CreateRole", {**ROLE, "RoleName": "a" * 65}, "'roleName' failed to satisfy constraint: Member must have "),
    ("iam", "CreateRole", {**ROLE, "RoleName": "a b"}, "Member must satisfy regular expression pattern: [\\w+=,.@-]+"),
    ("iam", "CreateRole", {"RoleName": "a"}, "Value null at 'assumeRolePolicyDocument'"),
    ("sts", "AssumeRole", {"RoleArn": "arn:aws:iam::000000000000:role/x", "RoleSessionName": "é" * 2}, "regular expr"),
    ("ssm", "PutParameter", {"Name": "", "Value": "x"}, "'name' failed to satisfy constraint: Member must have length"),
    ("ssm", "PutParameter", {"Name": "x", "Value": "x", "Type": "Text"}, "enum value set: [String, StringList, Sec"),
    ("lambda", "GetFunction", {"FunctionName": "no such name!"}, "Member must satisfy regular expression pattern"),
    ("dynamodb", "DescribeTable", {"TableName": ""}, "'tableName' failed to satisfy constraint"),
    ("dynamodb", "PutItem", {"TableName": "orders"}, "Value null at 'item' failed to satisfy constraint: "),
    ("dynamodbstreams", "DescribeStream", {"StreamArn": "x"}, "length greater than or equal to 37"),
    ("kms", "DescribeKey", {"KeyId": ""}, "'keyId'"),
    ("events", "PutRule", {"Name": "a rule"}, "Member must satisfy regular expression pattern"),
    ("logs", "CreateLogGroup", {"logGroupName": "a group"}, "'logGroupName'"),
    ("secretsmanager", "DescribeSecret", {"SecretId": ""}, "'secretId'"),
    ("sqs", "CreateQueue", {}, "Value null at 'queueName'"),
    ("sns", "CreateTopic", {}, "Value null at 'name'"),
    ("rds", "CreateDBCluster", {"Engine": "aurora-postgresql"}, "Value null at 'dBClusterIdentifier'"),
    ("ec2", "DeleteVpc", {}, "Value null at 'vpcId'"),
    ("cloudformation", "DeleteStack", {}, "Value null at 'stackName'"),
    ("cloudwatch", "DeleteAlarms", {}, "Value null at 'alarmNames'"),
    ("cloudwatch", "PutMetricAlarm", {"AlarmName": "x", "ComparisonOperator": "=", "EvaluationPeriods": 1}, "enum"),
    ("arc-region-switch", "GetPlan", {"arn": "plan"}, "'arn' failed to satisfy constraint"),
    ("route53", "GetHostedZone", {"Id": "Z" * 33}, "Member must have length less than or equal to 32"),
    ("apigatewayv2", "CreateApi", {"Name": "x"}, "Value null at 'protocolType'"),
    ("apigatewayv2", "CreateApi", {"Name": "x" * 129, "ProtocolType": "HTTP"}, "less than or equal to 128"),
    ("backup", "CreateBackupVault", {"BackupVaultName": "a vault"}, "'backupVaultName'"),
    ("scheduler", "GetSchedule", {"Name": "a schedule"}, "'name' failed"),
    ("acm", "DescribeCertificate", {"CertificateArn": "x"}, "'certificateArn'"),
    ("ecr", "CreateRepository", {"repositoryName": "Upper"}, "'repositoryName'"),
    ("application-autoscaling", "DescribeScalingPolicies", {"ServiceNamespace": "x"}, "enum"),
    ("synthetics", "GetCanary", {"Name": "A Canary"}, "'name'"),
    ("s3", "PutBucketAcl", {"Bucket": "b", "ACL": "everyone"}, "enum value set"),
]


@pytest.mark.parametrize(("service", "operation", "parameters", "said"), WRONG)
def test_what_the_model_refuses_is_refused_in_the_protocol_of_the_service(
    service: str, operation: str, parameters: dict[str, Any], said: str
) -> None:
    error = answered(service, operation, parameters, refusing()[1])
    assert isinstance(error, ClientError), error
    assert "validation error" in str(error)
    assert said in str(error)
    assert error.response["Error"]["Code"] in (
        {"ValidationError", "ValidationException", "InvalidInput", "InvalidArgument", "InvalidParameterException"}
        | {"InvalidParameterValue", "InvalidParameter", "BadRequestException"}
    )


def test_every_service_that_is_checked_has_a_wrong_request_here() -> None:
    assert {service for service, _, _, _ in WRONG} == SERVICES.keys()


RIGHT: list[tuple[str, str, dict[str, Any]]] = [
    ("iam", "CreateRole", ROLE),
    ("sts", "GetCallerIdentity", {}),
    ("s3", "PutObject", {"Bucket": "bucket", "Key": "a/b", "Body": b"x"}),
    ("s3", "ListObjectsV2", {"Bucket": "bucket"}),
    ("s3", "PutBucketVersioning", {"Bucket": "bucket", "VersioningConfiguration": {"Status": "Enabled"}}),
    ("dynamodb", "PutItem", {"TableName": "orders", "Item": {"id": {"S": ""}, "data": {"B": b"x"}}}),
    ("lambda", "Invoke", {"FunctionName": "f", "Payload": b"{}"}),
    ("lambda", "CreateFunction", {"FunctionName": "f", "Role": "arn:aws:iam::000000000000:role/f", "Code": {}}),
    ("ec2", "DescribeVpcs", {"Filters": [{"Name": "x", "Values": ["y"]}]}),
    ("cloudwatch", "PutMetricData", {"Namespace": "x", "MetricData": [{"MetricName": "m", "Value": 1.0}]}),
    ("route53", "GetHostedZone", {"Id": "Z123"}),
    ("apigatewayv2", "GetApis", {}),
]


@pytest.mark.parametrize(("service", "operation", "parameters"), RIGHT)
def test_what_the_model_allows_passes_and_is_known_by_its_name(
    service: str, operation: str, parameters: dict[str, Any]
) -> None:
    gate, door = refusing()
    assert answered(service, operation, parameters, door) is None
    assert gate.report()["refused"] == []
    assert gate.report()["checked"] == {"requests": 1, "resources": 0}
    request = parse(written(service, operation, parameters))
    assert request is not None
    assert (request.service, request.operation.name) == (service, operation)


def test_several_violations_are_told_in_one_message_as_aws_tells_them() -> None:
    operation = model("iam").operation_model("CreateRole")
    message = described(Checker({}).check(operation, {"RoleName": "a b", "Tags": [{"Key": ""}]}))
    assert message.startswith("5 validation errors detected: Value 'a b' at 'roleName' failed to satisfy constraint: ")
    assert "; Value null at 'assumeRolePolicyDocument' failed to satisfy constraint: Member must not be null" in message
    assert "Value '' at 'tags.1.member.key' failed" in message
    assert "Value null at 'tags.1.member.value' failed" in message


BY_HAND: list[tuple[str, str, dict[str, Any], str]] = [
    ("s3", "CreateBucket", {"Bucket": "amzn-s3-demo-orders"}, "InvalidBucketName"),
    ("s3", "CreateBucket", {"Bucket": "xn--orders"}, "InvalidBucketName"),
    ("sns", "CreateTopic", {"Name": "a topic"}, "InvalidParameter"),
    ("sns", "Publish", {"TopicArn": "arn:aws:sns:us-east-1:0:t", "Message": "é" * 131_073}, "InvalidParameter"),
    ("ssm", "PutParameter", {"Name": "x", "Value": "x" * 4097, "Type": "String"}, "ValidationException"),
    ("acm", "RequestCertificate", {"DomainName": "a" * 60 + ".test"}, "InvalidParameterException"),
    ("route53", "CreateHostedZone", {"Name": "pay.example.com.", "CallerReference": "x"}, "InvalidDomainName"),
    (
        "rds",
        "CreateDBCluster",
        {"DBClusterIdentifier": "qa--1-", "Engine": "aurora-postgresql"},
        "InvalidParameterValue",
    ),
    (
        "rds",
        "CreateDBCluster",
        {"DBClusterIdentifier": "qa", "Engine": "aurora-postgresql", "DatabaseName": "a-b"},
        "InvalidParameterValue",
    ),
    (
        "rds",
        "CreateDBInstance",
        {"DBInstanceIdentifier": "qa-", "DBInstanceClass": "db.serverless", "Engine": "aurora-postgresql"},
        "InvalidParameterValue",
    ),
    ("rds", "CreateGlobalCluster", {"GlobalClusterIdentifier": "qa--1"}, "InvalidParameterValue"),
    ("apigatewayv2", "CreateStage", {"ApiId": "x", "StageName": "a stage"}, "BadRequestException"),
]


@pytest.mark.parametrize(("service", "operation", "parameters", "code"), BY_HAND)
def test_what_only_a_document_of_aws_refuses_is_refused(
    service: str, operation: str, parameters: dict[str, Any], code: str
) -> None:
    error = answered(service, operation, parameters, refusing()[1])
    assert isinstance(error, ClientError), error
    assert error.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("s3", "CreateBucket", {"Bucket": "orders.eu-1"}),
        ("sns", "CreateTopic", {"Name": "orders.fifo"}),
        ("ssm", "PutParameter", {"Name": "x", "Value": "x" * 4097, "Type": "String", "Tier": "Advanced"}),
        ("acm", "RequestCertificate", {"DomainName": "a" * 59 + ".test"}),
        ("route53", "CreateHostedZone", {"Name": "tandem.test", "CallerReference": "x"}),
        ("rds", "CreateDBCluster", {"DBClusterIdentifier": "qa-1", "Engine": "aurora-postgresql"}),
        ("apigatewayv2", "CreateStage", {"ApiId": "x", "StageName": "$default"}),
    ],
)
def test_what_a_document_of_aws_allows_passes(service: str, operation: str, parameters: dict[str, Any]) -> None:
    assert answered(service, operation, parameters, refusing()[1]) is None


def test_a_link_signed_with_version_2_is_refused() -> None:
    gate, door = refusing()
    link = HttpRequest(
        method="GET",
        path="/orders/key",
        query="AWSAccessKeyId=test&Signature=x&Expires=1",
        headers={},
        body=b"",
        service="s3",
    )
    answer = door.answer(link)
    assert answer is not None
    assert b"<Code>InvalidRequest</Code>" in answer.body
    assert gate.report()["refused"] == [{"subject": "s3", "message": VERSION_2}]


def test_a_pattern_that_nothing_reads_is_listed_and_not_checked() -> None:
    unread: dict[str, str] = {}
    shape = botocore.model.StructureShape(
        "In",
        {"type": "structure", "members": {"Name": {"shape": "Name"}}},
        botocore.model.ShapeResolver({"Name": {"type": "string", "pattern": "[a"}}),  # type: ignore[dict-item]
    )
    operation = type("Operation", (), {"name": "Any", "input_shape": shape})
    assert Checker(unread).check(operation, {"Name": "x"}) == []
    assert list(unread) == ["[a"]


def test_every_operation_of_every_service_is_compiled_and_all_patterns_are_read_but_those_listed() -> None:
    unread: dict[str, str] = {}
    for service in SERVICES:
        checker = Checker(unread)
        for name in model(service).operation_names:
            checker.check(model(service).operation_model(name), {})
    assert len(unread) <= 1, unread


def test_each_service_is_signed_for_the_name_that_its_model_gives() -> None:
    assert {service: model(service).signing_name for service in SERVICES} == SERVICES


def test_a_body_that_no_parser_reads_is_told_and_passes() -> None:
    gate, door = refusing()
    broken = written("ssm", "GetParameter", {"Name": "x"})
    assert door.answer(HttpRequest(**{**vars(broken), "body": b"{"})) is None
    assert "JSONDecodeError" in gate.report()["refused"][0]["message"]


def test_items_of_tables_and_bodies_of_objects_are_not_looked_at() -> None:
    door = refusing()[1]
    item = {"id": {"S": "x"}, "empty": {"SS": []}, "unknown": {"Z": "x"}}
    request = written("dynamodb", "PutItem", {"TableName": "orders", "Item": {"id": {"S": "x"}}})
    body = request.body.replace(b'{"id": {"S": "x"}}', str(item).replace("'", '"').encode())
    assert body != request.body
    assert door.answer(HttpRequest(**{**vars(request), "body": body})) is None


def test_an_exempt_member_passes_and_its_exemption_is_told_as_needed() -> None:
    gate = Gate("refuse", [exemption("iam CreateRole", "roleName")])
    door = Door(gate, lambda _: None)
    assert answered("iam", "CreateRole", {**ROLE, "RoleName": "a b"}, door) is None
    assert gate.report()["exempted"] == [["iam CreateRole", "roleName"]]


def test_each_exemption_has_a_subject_and_a_reason_and_there_are_twenty_at_most() -> None:
    assert len(exemptions()) <= 20
    for each in exemptions():
        assert len(each.reason) > 20
        service, _, operation = each.subject.partition(" ")
        assert service.startswith("AWS::") or operation in model(service).operation_names
