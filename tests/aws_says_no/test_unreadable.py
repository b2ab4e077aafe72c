"""Requests that name no operation, or whose body cannot be read, in every protocol; and the codes of each service."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from emulator.gates.models import SERVICES
from emulator.gates.requests import HttpRequest, parse
from tests.aws_says_no.test_requests import ARN, answered, refusing, written

PUT_METRIC: dict[str, Any] = {"Namespace": "x", "MetricData": [{"MetricName": "m", "Value": 1.0}]}
PUT_VERSIONING = {"Bucket": "orders", "VersioningConfiguration": {"Status": "Enabled"}}
ZONE = {"Name": "a.test", "CallerReference": "x"}
BACKUP_PLAN = {"BackupPlan": {"BackupPlanName": "p", "Rules": [{"RuleName": "r", "TargetBackupVaultName": "vault"}]}}


def changed(request: HttpRequest, **changes: Any) -> HttpRequest:
    return HttpRequest(**{**vars(request), **changes})


def refused(request: HttpRequest) -> tuple[int, bytes]:
    """The status and the body, with the error's code, that a request is refused with."""
    answer = refusing()[1].answer(request)
    assert answer is not None
    return answer.status, answer.body + b" ".join(value.encode() for _, value in answer.headers)


UNREADABLE = [
    ("ssm", "GetParameter", {"Name": "x"}, b"{", b"SerializationException"),
    ("ssm", "GetParameter", {"Name": "x"}, b"[]", b"SerializationException"),
    ("ssm", "GetParameter", {"Name": "x"}, b"\xff", b"SerializationException"),
    ("dynamodb", "GetItem", {"TableName": "x", "Key": {}}, b"null", b"SerializationException"),
    ("cloudwatch", "PutMetricData", PUT_METRIC, b"\xff\xff", b"SerializationException"),
    ("lambda", "PutFunctionConcurrency", {"FunctionName": "f", "ReservedConcurrentExecutions": 1}, b"{", b"InvalidRe"),
    ("apigatewayv2", "CreateApi", {"Name": "x", "ProtocolType": "HTTP"}, b"<", b"BadRequestException"),
    ("scheduler", "CreateScheduleGroup", {"Name": "x"}, b"{", b"SerializationException"),
    ("backup", "CreateBackupPlan", BACKUP_PLAN, b"{", b"SerializationException"),
    ("s3", "PutBucketVersioning", PUT_VERSIONING, b"<a", b"<Code>MalformedXML</Code>"),
    ("route53", "CreateHostedZone", ZONE, b"{}", b"<Code>InvalidInput</Code>"),
    ("iam", "ListRoles", {}, b"\xff", b"<Code>MalformedQueryString</Code>"),
]


@pytest.mark.parametrize(("service", "operation", "parameters", "body", "code"), UNREADABLE)
def test_a_body_that_cannot_be_read_is_refused_in_the_words_of_its_protocol(
    service: str, operation: str, parameters: dict[str, Any], body: bytes, code: bytes
) -> None:
    request = written(service, operation, parameters)
    assert refusing()[1].answer(request) is None
    assert code in refused(changed(request, body=body))[1]


@pytest.mark.parametrize(("service", "operation", "parameters"), [case[:3] for case in UNREADABLE])
def test_a_body_that_says_gzip_and_is_none_is_refused(service: str, operation: str, parameters: dict[str, Any]) -> None:
    request = written(service, operation, parameters)
    headers = {**request.headers, "content-encoding": "gzip"}
    assert refused(changed(request, headers=headers, body=b"no gzip"))[0] in (400, 404)


@pytest.mark.parametrize("body", [b"{}", b"\xff", b"\xa0\xa0", b"\x80"])
def test_a_body_that_is_not_one_map_of_cbor_is_refused(body: bytes) -> None:
    path = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
    request = HttpRequest(method="POST", path=path, query="", headers={}, body=b"\xa0", service="monitoring")
    assert refusing()[1].answer(request) is None
    assert b"SerializationException" in refused(changed(request, body=body))[1]


def test_a_compressed_body_is_read_as_what_it_was() -> None:
    plain = written("cloudwatch", "PutMetricData", PUT_METRIC)
    headers = {**plain.headers, "content-encoding": "gzip"}
    compressed = changed(plain, headers=headers, body=gzip.compress(plain.body))
    first, second = parse(plain), parse(compressed)
    assert first is not None
    assert second is not None
    assert first.parameters == second.parameters != {}


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "changes", "code"),
    [
        ("ssm", "GetParameter", {"Name": "x"}, {"x-amz-target": "AmazonSSM.Get"}, b"UnknownOperationException"),
        ("ssm", "GetParameter", {"Name": "x"}, {"x-amz-target": "AmazonS.GetParameter"}, b"UnknownOperationException"),
        ("ssm", "GetParameter", {"Name": "x"}, {"x-amz-target": "GetParameter"}, b"UnknownOperationException"),
        ("ssm", "GetParameter", {"Name": "x"}, {"content-type": "text/plain"}, b"UnknownOperationException"),
        ("ssm", "GetParameter", {"Name": "x"}, {"content-type": "application/json"}, b"UnknownOperationException"),
        ("dynamodb", "ListTables", {}, {"x-amz-target": "DynamoDB_2011.ListTables"}, b"UnknownOperationException"),
    ],
)
def test_a_wrong_target_or_type_names_no_operation(
    service: str, operation: str, parameters: dict[str, Any], changes: dict[str, str], code: bytes
) -> None:
    request = written(service, operation, parameters)
    assert code in refused(changed(request, headers={**request.headers, **changes}))[1]


@pytest.mark.parametrize(
    ("service", "operation", "changes", "status", "code"),
    [
        ("iam", "ListRoles", {"body": b"Action=ListRole&Version=2010-05-08"}, 400, b"<Code>InvalidAction</Code>"),
        ("iam", "ListRoles", {"body": b""}, 400, b"<Code>MissingAction</Code>"),
        ("ec2", "DescribeVpcs", {"body": b"Action=Describe"}, 400, b"<Errors><Error><Code>InvalidAction</Code>"),
        ("scheduler", "ListSchedules", {"path": "/schedule"}, 404, b"UnknownOperationException"),
        ("lambda", "ListFunctions", {"path": "/functions"}, 404, b"UnknownOperationException"),
        ("cloudwatch", "ListMetrics", {"path": "/service/Granite/operation/ListMetrics"}, 404, b"UnknownOperation"),
        ("s3", "ListBuckets", {"method": "DELETE"}, 405, b"<Code>MethodNotAllowed</Code>"),
    ],
)
def test_an_operation_that_a_service_does_not_have_is_refused(
    service: str, operation: str, changes: dict[str, Any], status: int, code: bytes
) -> None:
    answer = refused(changed(written(service, operation, {}), **changes))
    assert answer[0] == status
    assert code in answer[1]


def test_what_is_sent_to_the_url_of_a_function_is_the_functions_business() -> None:
    request = written("lambda", "ListFunctions", {})
    host = {**request.headers, "host": "abc.lambda-url.us-east-1.on.aws"}
    assert refusing()[1].answer(changed(request, path="/orders", headers=host)) is None


def test_an_upload_whose_type_is_a_forms_is_an_upload() -> None:
    request = written("s3", "PutObject", {"Bucket": "orders", "Key": "a", "Body": b"x"})
    headers = {**request.headers, "content-type": "application/x-www-form-urlencoded"}
    assert refusing()[1].answer(changed(request, headers=headers)) is None


CODES: dict[str, tuple[str, dict[str, Any], str]] = {
    "acm": ("DescribeCertificate", {"CertificateArn": "x"}, "ValidationException"),
    "apigatewayv2": ("CreateApi", {"Name": "x"}, "BadRequestException"),
    "application-autoscaling": ("DescribeScalingPolicies", {"ServiceNamespace": "x"}, "ValidationException"),
    "arc-region-switch": ("GetPlan", {"arn": "plan"}, "ValidationException"),
    "backup": ("CreateBackupVault", {"BackupVaultName": "a vault"}, "InvalidParameterValueException"),
    "cloudformation": ("DeleteStack", {}, "ValidationError"),
    "cloudwatch": ("DeleteAlarms", {"AlarmNames": ["x" * 256]}, "ValidationException"),
    "dynamodb": ("DescribeTable", {"TableName": "x" * 1025}, "ValidationException"),
    "dynamodbstreams": ("ListStreams", {"Limit": 0}, "ValidationException"),
    "ec2": ("DescribeVpcs", {"MaxResults": 1}, "InvalidParameterValue"),
    "ecr": ("CreateRepository", {"repositoryName": "Upper"}, "InvalidParameterException"),
    "events": ("PutRule", {"Name": "a rule"}, "ValidationException"),
    "iam": ("CreateRole", {"RoleName": "a b", "AssumeRolePolicyDocument": "{}"}, "ValidationError"),
    "kms": ("ListKeys", {"Limit": 1001}, "ValidationException"),
    "lambda": ("GetFunction", {"FunctionName": "no such name!"}, "ValidationException"),
    "logs": ("CreateLogGroup", {"logGroupName": "a group"}, "InvalidParameterException"),
    "rds": ("CreateDBCluster", {"DBClusterIdentifier": "qa--1-", "Engine": "x"}, "InvalidParameterValue"),
    "route53": ("GetHostedZone", {"Id": "Z" * 33}, "InvalidInput"),
    "s3": ("PutBucketAcl", {"Bucket": "b", "ACL": "everyone"}, "InvalidArgument"),
    "scheduler": ("ListSchedules", {"MaxResults": 101}, "ValidationException"),
    "secretsmanager": ("ListSecrets", {"MaxResults": 101}, "ValidationException"),
    "sns": ("SetTopicAttributes", {"TopicArn": f"{ARN}orders"}, "InvalidParameter"),
    "sqs": ("TagQueue", {"QueueUrl": "x"}, "MissingParameter"),
    "ssm": ("PutParameter", {"Name": "x", "Value": "x", "Type": "Text"}, "ValidationException"),
    "sts": ("GetSessionToken", {"DurationSeconds": 1}, "ValidationError"),
    "synthetics": ("GetCanary", {"Name": "A Canary"}, "ValidationException"),
    "fis": ("GetExperiment", {"id": "x" * 65}, "ValidationException"),
}


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_each_service_refuses_in_the_code_of_its_own(service: str) -> None:
    operation, parameters, code = CODES[service]
    error: Any = answered(service, operation, parameters, refusing()[1])
    assert error.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("service", "operation", "said"),
    [("ec2", "DeleteVpc", "VpcId"), ("rds", "CreateDBCluster", "DBClusterIdentifier"), ("sqs", "CreateQueue", "Queue")],
)
def test_services_that_tell_a_missing_parameter_from_a_wrong_one_name_it(
    service: str, operation: str, said: str
) -> None:
    error: Any = answered(service, operation, {}, refusing()[1])
    assert error.response["Error"]["Code"] == "MissingParameter"
    assert f"The request must contain the parameter {said}" in error.response["Error"]["Message"]
