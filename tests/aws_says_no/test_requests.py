"""Requests that AWS's models refuse, one of each service at least, written by boto3 and read by the gate."""

from __future__ import annotations

from functools import cache
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
from tests.aws_says_no.stock import OVERLOOKED, REFUSED, TAKEN


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


@cache
def _client(service: str) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url="http://127.0.0.1:9",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - nothing is sent
        config=Config(parameter_validation=False, retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
    )


def _sent(service: str, operation: str, parameters: dict[str, Any], door: Door | None) -> Any:
    client = _client(service)
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
    finally:
        client.meta.events.unregister("before-send", send)
    return taken[0], None


def exemption(subject: str, path: str) -> Exemption:
    return Exemption(subject=subject, path=path, reason="a test's")


ARN = "arn:aws:sns:us-east-1:000000000000:"
ROLE = {"RoleName": "function", "AssumeRolePolicyDocument": "{}"}
WRONG: list[tuple[str, str, dict[str, Any], str, str]] = [
    (
        "iam",
        "CreateRole",
        {**ROLE, "RoleName": "a" * 65},
        "'roleName' failed to satisfy constraint: Member must have ",
        TAKEN,
    ),
    (
        "iam",
        "CreateRole",
        {**ROLE, "RoleName": "a b"},
        "Member must satisfy regular expression pattern: [\\w+=,.@-]+",
        TAKEN,
    ),
    ("iam", "CreateRole", {"RoleName": "a"}, "Value null at 'assumeRolePolicyDocument'", TAKEN),
    (
        "sts",
        "AssumeRole",
        {"RoleArn": "arn:aws:iam::000000000000:role/x", "RoleSessionName": "é" * 2},
        "regular expr",
        OVERLOOKED,
    ),
    (
        "ssm",
        "PutParameter",
        {"Name": "", "Value": "x"},
        "'name' failed to satisfy constraint: Member must have length",
        REFUSED,
    ),
    (
        "ssm",
        "PutParameter",
        {"Name": "x", "Value": "x", "Type": "Text"},
        "enum value set: [String, StringList, Sec",
        TAKEN,
    ),
    (
        "lambda",
        "GetFunction",
        {"FunctionName": "no such name!"},
        "Member must satisfy regular expression pattern",
        OVERLOOKED,
    ),
    ("dynamodb", "DescribeTable", {"TableName": ""}, "'tableName' failed to satisfy constraint", OVERLOOKED),
    ("dynamodb", "PutItem", {"TableName": "orders"}, "Value null at 'item' failed to satisfy constraint: ", REFUSED),
    ("dynamodbstreams", "DescribeStream", {"StreamArn": "x"}, "length greater than or equal to 37", OVERLOOKED),
    ("kms", "DescribeKey", {"KeyId": ""}, "'keyId'", OVERLOOKED),
    ("events", "PutRule", {"Name": "a rule"}, "Member must satisfy regular expression pattern", TAKEN),
    ("logs", "CreateLogGroup", {"logGroupName": "a group"}, "'logGroupName'", TAKEN),
    ("secretsmanager", "DescribeSecret", {"SecretId": ""}, "'secretId'", OVERLOOKED),
    ("sqs", "CreateQueue", {}, "must contain the parameter QueueName", REFUSED),
    ("sns", "CreateTopic", {}, "Value null at 'name'", OVERLOOKED),
    ("rds", "CreateDBCluster", {"Engine": "aurora-postgresql"}, "contain the parameter DBClusterIdentifier", REFUSED),
    ("ec2", "DeleteVpc", {}, "must contain the parameter VpcId", OVERLOOKED),
    ("cloudformation", "DeleteStack", {}, "Value null at 'stackName'", REFUSED),
    ("cloudwatch", "DeleteAlarms", {}, "Value null at 'alarmNames'", TAKEN),
    (
        "cloudwatch",
        "PutMetricAlarm",
        {"AlarmName": "x", "ComparisonOperator": "=", "EvaluationPeriods": 1},
        "enum",
        TAKEN,
    ),
    ("arc-region-switch", "GetPlan", {"arn": "plan"}, "'arn' failed to satisfy constraint", OVERLOOKED),
    ("route53", "GetHostedZone", {"Id": "Z" * 33}, "Member must have length less than or equal to 32", OVERLOOKED),
    ("apigatewayv2", "CreateApi", {"Name": "x"}, "Value null at 'protocolType'", TAKEN),
    ("apigatewayv2", "CreateApi", {"Name": "x" * 129, "ProtocolType": "HTTP"}, "less than or equal to 128", TAKEN),
    ("backup", "CreateBackupVault", {"BackupVaultName": "a vault"}, "'backupVaultName'", TAKEN),
    ("scheduler", "GetSchedule", {"Name": "x" * 65}, "'name' failed", OVERLOOKED),
    ("acm", "DescribeCertificate", {"CertificateArn": "x"}, "'certificateArn'", OVERLOOKED),
    ("ecr", "CreateRepository", {"repositoryName": "Upper"}, "'repositoryName'", TAKEN),
    ("application-autoscaling", "DescribeScalingPolicies", {"ServiceNamespace": "x"}, "enum", OVERLOOKED),
    ("synthetics", "GetCanary", {"Name": "A Canary"}, "'name'", OVERLOOKED),
    ("fis", "GetExperiment", {"id": "x" * 65}, "'id' failed to satisfy constraint", OVERLOOKED),
    ("fis", "ListExperimentTemplates", {"maxResults": 101}, "less than or equal to 100", TAKEN),
    ("s3", "PutBucketAcl", {"Bucket": "b", "ACL": "everyone"}, "enum value set", OVERLOOKED),
    ("sts", "GetSessionToken", {"DurationSeconds": 1}, "greater than or equal to 900", TAKEN),
    ("lambda", "ListFunctions", {"MaxItems": 10_001}, "less than or equal to 10000", TAKEN),
    ("dynamodb", "ListTables", {"Limit": 101}, "less than or equal to 100", TAKEN),
    ("dynamodbstreams", "ListStreams", {"Limit": 0}, "greater than or equal to 1", TAKEN),
    ("kms", "CreateKey", {"Description": "x" * 8193}, "less than or equal to 8192", TAKEN),
    ("secretsmanager", "CreateSecret", {"Name": "x", "Description": "x" * 2049}, "equal to 2048", TAKEN),
    ("sqs", "TagQueue", {"QueueUrl": "http://127.0.0.1:9/000000000000/orders"}, "contain the parameter Tags", TAKEN),
    ("sns", "SetTopicAttributes", {"TopicArn": f"{ARN}orders"}, "Value null at 'attributeName'", TAKEN),
    ("rds", "CreateDBCluster", {"DBClusterIdentifier": "no-engine"}, "contain the parameter Engine", TAKEN),
    ("ec2", "DescribeVpcs", {"MaxResults": 1}, "greater than or equal to 5", TAKEN),
    ("cloudformation", "ListStacks", {"StackStatusFilter": ["X"]}, "enum value set", TAKEN),
    ("arc-region-switch", "ListPlans", {"maxResults": 1001}, "less than or equal to 100", TAKEN),
    ("route53", "CreateHostedZone", {"Name": "a.test", "CallerReference": "x" * 129}, "equal to 128", TAKEN),
    ("scheduler", "ListSchedules", {"MaxResults": 101}, "less than or equal to 100", TAKEN),
    ("acm", "RequestCertificate", {"DomainName": "a.test", "IdempotencyToken": "a b"}, "'idempotencyToken'", TAKEN),
    ("s3", "ListMultipartUploads", {"Bucket": "orders", "EncodingType": "x"}, "enum value set", TAKEN),
]


@pytest.mark.parametrize(("service", "operation", "parameters", "said", "before"), WRONG)
def test_what_the_model_refuses_is_refused_in_the_protocol_of_the_service(
    service: str, operation: str, parameters: dict[str, Any], said: str, before: str
) -> None:
    del before
    error = answered(service, operation, parameters, refusing()[1])
    assert isinstance(error, ClientError), error
    assert said in str(error)
    if error.response["Error"]["Code"] == "MissingParameter":
        assert service in {"ec2", "rds", "sqs"}
        return
    assert "validation error" in str(error)
    assert error.response["Error"]["Code"] in (
        {"ValidationError", "ValidationException", "InvalidInput", "InvalidArgument", "InvalidParameterException"}
        | {"InvalidParameterValue", "InvalidParameter", "BadRequestException", "InvalidParameterValueException"}
    )


def test_every_service_that_is_checked_has_a_wrong_request_here() -> None:
    assert {service for service, *_ in WRONG} == SERVICES.keys()


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


BY_HAND: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("s3", "CreateBucket", {"Bucket": "amzn-s3-demo-orders"}, "InvalidBucketName", TAKEN),
    ("s3", "CreateBucket", {"Bucket": "xn--orders"}, "InvalidBucketName", TAKEN),
    ("sns", "CreateTopic", {"Name": "a topic"}, "InvalidParameter", TAKEN),
    (
        "sns",
        "Publish",
        {"TopicArn": "arn:aws:sns:us-east-1:0:t", "Message": "é" * 131_073},
        "InvalidParameter",
        OVERLOOKED,
    ),
    ("ssm", "PutParameter", {"Name": "long", "Value": "x" * 4097, "Type": "String"}, "ValidationException", TAKEN),
    ("acm", "RequestCertificate", {"DomainName": "a" * 60 + ".test"}, "InvalidParameterException", TAKEN),
    ("route53", "CreateHostedZone", {"Name": "pay.example.com.", "CallerReference": "x"}, "InvalidDomainName", TAKEN),
    (
        "rds",
        "CreateDBCluster",
        {"DBClusterIdentifier": "qa--1-", "Engine": "aurora-postgresql"},
        "InvalidParameterValue",
        TAKEN,
    ),
    (
        "rds",
        "CreateDBCluster",
        {"DBClusterIdentifier": "orders", "Engine": "aurora-postgresql", "DatabaseName": "a-b"},
        "InvalidParameterValue",
        TAKEN,
    ),
    (
        "rds",
        "CreateDBInstance",
        {"DBInstanceIdentifier": "qa-", "DBInstanceClass": "db.serverless", "Engine": "aurora-postgresql"},
        "InvalidParameterValue",
        TAKEN,
    ),
    ("rds", "CreateGlobalCluster", {"GlobalClusterIdentifier": "qa--1"}, "InvalidParameterValue", TAKEN),
    ("apigatewayv2", "CreateStage", {"ApiId": "x", "StageName": "a stage"}, "BadRequestException", OVERLOOKED),
]


@pytest.mark.parametrize(("service", "operation", "parameters", "code", "before"), BY_HAND)
def test_what_only_a_document_of_aws_refuses_is_refused(
    service: str, operation: str, parameters: dict[str, Any], code: str, before: str
) -> None:
    del before
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
