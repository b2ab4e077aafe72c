"""Which operations have their control plane in us-east-1 whatever the Region, and so fail while it is lost.

AWS Fault Isolation Boundaries, "Global services" and appendices: IAM, Organizations, Account Management, Route 53 and
CloudFront; creating and configuring buckets; creating API Gateway endpoints. ACM: as for certificates of global names.
ARC Region switch: its Developer Guide, data and control planes. Data planes, and reads of REST services, go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

GLOBAL_REGION = "us-east-1"

EVERY_WRITE = ("iam", "route53", "cloudfront", "organizations", "account")
"""Signing names of services whose every request but HTTP GET goes to one global control plane."""

OPERATIONS: Mapping[str, frozenset[str]] = {
    "acm": frozenset(
        {
            "RequestCertificate",
            "ImportCertificate",
            "DeleteCertificate",
            "RenewCertificate",
            "UpdateCertificateOptions",
            "ResendValidationEmail",
            "AddTagsToCertificate",
            "RemoveTagsFromCertificate",
        }
    ),
    "arc-region-switch": frozenset(
        {
            "CreatePlan",
            "UpdatePlan",
            "DeletePlan",
            "GetPlan",
            "ListPlans",
            "ListRoute53HealthChecks",
            "ListTagsForResource",
            "TagResource",
            "UntagResource",
        }
    ),
}
"""Operations by signing name, as the request names them: `X-Amz-Target`, or the path's end in Smithy RPC v2."""

METHODS: Mapping[str, frozenset[str]] = {"apigateway": frozenset({"POST", "PUT", "PATCH"})}
"""HTTP methods of REST services whose writes alone are global; deleting an endpoint needs no new name in DNS."""

BUCKET_SUBRESOURCES = frozenset(
    {
        "accelerate",
        "acl",
        "analytics",
        "cors",
        "encryption",
        "intelligent-tiering",
        "inventory",
        "lifecycle",
        "logging",
        "metrics",
        "notification",
        "object-lock",
        "ownershipControls",
        "policy",
        "publicAccessBlock",
        "replication",
        "requestPayment",
        "tagging",
        "versioning",
        "website",
    }
)
"""Parts of a bucket's configuration, as the query string names them."""

_WRITES = ("PUT", "DELETE")

RESOURCE_TYPES = ("AWS::IAM::", "AWS::Route53::", "AWS::ApiGateway", "AWS::CloudFront::", "AWS::ARCRegionSwitch::")
"""How the names of CloudFormation's types begin whose providers call one of these control planes."""

SINGLE_RESOURCE_TYPES = frozenset({"AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::CertificateManager::Certificate"})
"""More such types, named whole because other types of their services have no control plane there."""


def is_global(
    service: str, *, method: str, operation: str = "", bucket_only: bool = False, query: frozenset[str] = frozenset()
) -> bool:
    """Whether a request belongs to a control plane of us-east-1.

    `service` is the name that the request is signed for, `operation` the one it names, if it does; `bucket_only` says
    that an S3 request names a bucket and no key, `query` holds its parameters' names.
    """
    if service in EVERY_WRITE:
        return method != "GET"
    if service in METHODS:
        return method in METHODS[service]
    if service == "s3":
        return bucket_only and method in _WRITES and (not query or bool(query & BUCKET_SUBRESOURCES))
    return operation in OPERATIONS.get(service, frozenset())


def is_global_type(resource_type: str) -> bool:
    """Whether CloudFormation needs a control plane of us-east-1 to create or change a resource of this type."""
    return resource_type.startswith(RESOURCE_TYPES) or resource_type in SINGLE_RESOURCE_TYPES
