"""The stream of a table's replica, enabled where it is not."""

from __future__ import annotations

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_logs as logs
from aws_cdk import custom_resources as cr
from constructs import Construct

from tandem.functions import FunctionDefaults, RuntimeFunction
from tandem.retention import removal


class ReplicaStream(Construct):
    """Answers with the ARN of the stream of the table's replica in this Region.

    The stack that made the global table cannot tell it: the ARN ends in a time that only the replica's Region knows,
    and a strong table's replica has no stream before it is enabled there. Deleting it leaves the stream alone.
    """

    def __init__(self, scope: Construct, construct_id: str, *, defaults: FunctionDefaults, table_name: str) -> None:
        super().__init__(scope, construct_id)
        self.runtime = RuntimeFunction(
            self,
            "Enable",
            name="stream",
            defaults=defaults,
            description="Finds the stream of a table's replica, and enables it where there is none",
            timeout=Duration.minutes(10),
            memory_megabytes=256,
        )
        table_arn = defaults.names.table_arn(table_name, defaults.region)
        self.runtime.allow("dynamodb:DescribeTable", "dynamodb:UpdateTable", on=[table_arn])
        self.runtime.allow_key(defaults.key)
        self.resource = self._add_resource(defaults, table_name)
        self.arn = self.resource.get_att_string("StreamArn")

    def _add_resource(self, defaults: FunctionDefaults, table_name: str) -> CustomResource:
        provider = cr.Provider(
            self,
            "Provider",
            on_event_handler=self.runtime.function,
            provider_function_env_encryption=defaults.key,
            log_group=logs.LogGroup(
                self,
                "ProviderLogs",
                encryption_key=defaults.key,
                retention=defaults.log_retention,
                removal_policy=removal(retain=defaults.retain),
            ),
        )
        return CustomResource(
            self,
            "Stream",
            resource_type="Custom::TandemReplicaStream",
            service_token=provider.service_token,
            properties={"Table": table_name},
        )
