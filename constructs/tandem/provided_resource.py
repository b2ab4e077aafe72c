"""A custom resource that one of our functions serves, behind CDK's provider framework."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import CustomResource
from aws_cdk import aws_logs as logs
from aws_cdk import custom_resources as cr

from tandem.retention import removal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_lambda as lambda_
    from constructs import Construct

    from tandem.retention import Keeping


def provided_resource(
    scope: Construct,
    construct_id: str,
    *,
    function: lambda_.IFunction,
    keeping: Keeping,
    resource_type: str,
    properties: Mapping[str, Any],
) -> CustomResource:
    """Return a resource of `resource_type` that `function` serves; its provider is encrypted too."""
    provider = cr.Provider(
        scope,
        "Provider",
        on_event_handler=function,
        provider_function_env_encryption=keeping.key,
        log_group=logs.LogGroup(
            scope,
            "ProviderLogs",
            encryption_key=keeping.key,
            retention=keeping.log_retention,
            removal_policy=removal(retain=keeping.retain),
        ),
    )
    return CustomResource(
        scope,
        construct_id,
        resource_type=resource_type,
        service_token=provider.service_token,
        properties=dict(properties),
    )
