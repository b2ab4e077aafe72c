"""The log groups of CDK's own custom resource providers."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

import jsii
from aws_cdk import CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import IValidation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import IConstruct

__all__ = ["own_provider_logs"]

_READER = "Custom::CrossRegionExportReaderCustomResourceProvider"


def own_provider_logs(stack: Stack, key: kms.IKey) -> None:
    """Give the functions of CDK's providers a log group of the stack's, which is deleted with it.

    Lambda makes one for a function that names none, keeps it for ever, and no stack deletes it. The providers of
    cross-Region references are added only when CDK has resolved references, later than any aspect: the last look that
    an app can take before its templates are written is a validation. (`CustomResourceConfig` uses aspects and fails on
    AwsCustomResource where aspects are visited twice.)

    The provider that reads the ARN of a replica key's primary from the other Region has a group of its own. The key
    waits for it, so its log group cannot wait for the key: CloudWatch encrypts that one by a key of its own.
    """
    groups = {"": _group(stack, "ProviderLogs", key)}
    if any(isinstance(each, kms.CfnReplicaKey) for each in stack.node.find_all()):
        groups[_READER] = _group(stack, "ReaderLogs", None)
    stack.node.add_validation(_ProviderLogs(stack, groups))


def _group(stack: Stack, construct_id: str, key: kms.IKey | None) -> logs.LogGroup:
    return logs.LogGroup(
        stack,
        construct_id,
        encryption_key=key,
        retention=logs.RetentionDays.ONE_MONTH,
        removal_policy=RemovalPolicy.DESTROY,
    )


@jsii.implements(IValidation)
class _ProviderLogs:
    """Log groups by a part of the path of the functions that write to them; the longest part that fits counts."""

    def __init__(self, stack: Stack, groups: Mapping[str, logs.LogGroup]) -> None:
        self._stack, self._groups = stack, groups

    def validate(self) -> list[str]:
        """Find nothing wrong, and put right what is not."""
        for each in self._stack.node.find_all():
            if _names_no_log_group(each):
                part = max((part for part in self._groups if part in each.node.path), key=len)
                each.add_property_override("LoggingConfig.LogGroup", self._groups[part].log_group_name)
        return []


def _names_no_log_group(construct: IConstruct) -> TypeGuard[CfnResource]:
    if isinstance(construct, lambda_.CfnFunction):
        return construct.logging_config is None
    # CustomResourceProvider makes its function without the type, and without a log group
    return isinstance(construct, CfnResource) and construct.cfn_resource_type == "AWS::Lambda::Function"
