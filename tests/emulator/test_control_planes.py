"""What fails in every Region while us-east-1 is lost, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.faults.control_planes import is_global, is_global_type


@pytest.mark.parametrize(
    "request_",
    [
        {"service": "iam", "method": "POST"},
        {"service": "route53", "method": "POST"},
        {"service": "apigateway", "method": "POST"},
        {"service": "apigateway", "method": "PATCH"},
        {"service": "s3", "method": "PUT", "bucket_only": True},
        {"service": "s3", "method": "DELETE", "bucket_only": True},
        {"service": "s3", "method": "PUT", "bucket_only": True, "query": frozenset({"versioning"})},
        {"service": "acm", "method": "POST", "operation": "RequestCertificate"},
        {"service": "arc-region-switch", "method": "POST", "operation": "UpdatePlan"},
        {"service": "arc-region-switch", "method": "POST", "operation": "ListPlans"},
    ],
)
def test_a_global_control_plane_is_us_east_1s(request_: dict[str, Any]) -> None:
    assert is_global(request_.pop("service"), **request_)


@pytest.mark.parametrize(
    "request_",
    [
        {"service": "route53", "method": "GET"},
        {"service": "apigateway", "method": "GET"},
        {"service": "execute-api", "method": "POST"},
        {"service": "s3", "method": "PUT"},
        {"service": "s3", "method": "PUT", "query": frozenset({"tagging"})},
        {"service": "s3", "method": "GET", "bucket_only": True, "query": frozenset({"versioning"})},
        {"service": "s3", "method": "POST", "bucket_only": True, "query": frozenset({"delete"})},
        {"service": "acm", "method": "POST", "operation": "DescribeCertificate"},
        {"service": "arc-region-switch", "method": "POST", "operation": "StartPlanExecution"},
        {"service": "arc-region-switch", "method": "POST", "operation": "GetPlanInRegion"},
        {"service": "lambda", "method": "PUT"},
        {"service": "dynamodb", "method": "POST", "operation": "UpdateTable"},
    ],
)
def test_a_data_plane_and_a_regional_control_plane_are_not(request_: dict[str, Any]) -> None:
    assert not is_global(request_.pop("service"), **request_)


@pytest.mark.parametrize(
    "resource_type",
    [
        "AWS::IAM::Role",
        "AWS::Route53::RecordSet",
        "AWS::ApiGatewayV2::Route",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::CertificateManager::Certificate",
        "AWS::ARCRegionSwitch::Plan",
    ],
)
def test_cloudformation_cannot_change_in_any_region_what_us_east_1_controls(resource_type: str) -> None:
    assert is_global_type(resource_type)


@pytest.mark.parametrize(
    "resource_type",
    ["AWS::Lambda::Function", "AWS::Lambda::Permission", "AWS::CloudWatch::Alarm", "AWS::SSM::Parameter"],
)
def test_cloudformation_can_change_what_a_region_controls(resource_type: str) -> None:
    assert not is_global_type(resource_type)
