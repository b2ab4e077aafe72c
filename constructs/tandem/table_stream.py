"""The stream of a table's replica, enabled where it is not."""

from __future__ import annotations

from aws_cdk import Duration
from constructs import Construct

from tandem.functions import FunctionDefaults, RuntimeFunction
from tandem.provided_resource import provided_resource


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
        self.resource = provided_resource(
            self,
            "Stream",
            function=self.runtime.function,
            keeping=defaults,
            resource_type="Custom::TandemReplicaStream",
            properties={"Table": table_name},
        )
        self.arn = self.resource.get_att_string("StreamArn")
