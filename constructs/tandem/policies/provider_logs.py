"""The log groups of CDK's own custom resource providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsii
from aws_cdk import CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import IValidation

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["own_provider_logs"]

_FUNCTIONS = {
    "Custom::VpcRestrictDefaultSGCustomResourceProvider": "Handler",
    "Custom::S3AutoDeleteObjectsCustomResourceProvider": "Handler",
    "Custom::CrossRegionExportWriterCustomResourceProvider": "Handler",
    "Custom::CrossRegionExportReaderCustomResourceProvider": "Handler",
    "AWS679f53fac002430cb0da5b7982bd2287": "Resource",  # AwsCustomResource's
}
"""The providers that a stack may hold, right below it, and what each calls its function."""

_READER = "Custom::CrossRegionExportReaderCustomResourceProvider"


def own_provider_logs(stack: Stack, *, key: kms.IKey, reader_key: kms.IKey | None) -> None:
    """Give the functions of CDK's providers a log group of the stack's, which is deleted with it.

    Lambda makes one for a function that names none, keeps it for ever, and no stack deletes it. The providers of
    cross-Region references are added only when CDK has resolved references, which is later than any aspect runs. A
    validation runs last before the templates are written, so it does the work. (`CustomResourceConfig` uses aspects and
    fails on AwsCustomResource where aspects are visited twice.) The providers are asked for by name, not searched for:
    a walk over every construct of an app, each a call to CDK's process, takes a tenth of its synthesis.

    `reader_key` encrypts the logs of the provider that reads other Regions' exports. It is None where the stack's own
    key depends on what that provider reads, because its log group could then not depend on the key; CloudWatch encrypts
    that group by a key of its own.
    """
    default = _group(stack, "ProviderLogs", key)
    groups = dict.fromkeys(_FUNCTIONS, default)
    if reader_key is None:
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
    """Log groups by the provider that writes to them."""

    def __init__(self, stack: Stack, groups: Mapping[str, logs.LogGroup]) -> None:
        self._stack, self._groups = stack, groups

    def validate(self) -> list[str]:
        """Point each provider's function at its log group; a validation returns errors, and there are none."""
        for provider, group in self._groups.items():
            construct = self._stack.node.try_find_child(provider)
            function = construct.node.try_find_child(_FUNCTIONS[provider]) if construct else None
            if isinstance(function, CfnResource):
                function.add_property_override("LoggingConfig.LogGroup", group.log_group_name)
        return []
