"""What makes the projector and the sweeper run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from contract.journal import TRANSACTION_PREFIX
from contract.limits import SWEEP_INTERVAL_SECONDS
from contract.tables import PARTITION_KEY
from tandem.failures import FailedInvocations

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

    from tandem.functions import RuntimeFunction

__all__ = ["BATCH_SIZE", "LANES", "Projection", "SweepSchedule"]

BATCH_SIZE = 1_000
LANES = 2
"""How many batches of one shard are projected at once."""


class Projection(Construct):
    """The one consumer of the Region's journal stream.

    It retries for ever: only the database being away, or a replica being behind, ever fails a batch. What can never be
    projected is quarantined by the function. The journal's stream wants no second consumer (Lambda Developer Guide,
    DynamoDB global tables).
    """

    def __init__(self, scope: Construct, construct_id: str, *, projector: RuntimeFunction, stream_arn: str) -> None:
        super().__init__(scope, construct_id)
        projector.function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
                resources=[stream_arn],
            )
        )
        # the one action of the four that knows no resource
        projector.function.add_to_role_policy(iam.PolicyStatement(actions=["dynamodb:ListStreams"], resources=["*"]))
        transactions = lambda_.FilterCriteria.filter(
            {
                "eventName": lambda_.FilterRule.or_("INSERT", "MODIFY"),
                "dynamodb": {"Keys": {PARTITION_KEY: {"S": lambda_.FilterRule.begins_with(TRANSACTION_PREFIX)}}},
            }
        )
        self.mapping = lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=projector.function,
            event_source_arn=stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=BATCH_SIZE,
            max_batching_window=Duration.seconds(0),
            parallelization_factor=LANES,
            bisect_batch_on_error=True,
            report_batch_item_failures=True,
            filters=[transactions],
        )


class SweepSchedule(Construct):
    """A sweep every interval, and one as soon as Aurora says that it failed over; one that fails is kept in a queue."""

    def __init__(self, scope: Construct, construct_id: str, *, sweeper: RuntimeFunction, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.failures = FailedInvocations(self, "Failures", runtime=sweeper, key=key)
        target = targets.LambdaFunction(sweeper.function)
        regularly = events.Schedule.rate(Duration.seconds(SWEEP_INTERVAL_SECONDS))
        events.Rule(self, "Regularly", schedule=regularly, targets=[target])
        events.Rule(
            self,
            "AfterFailover",
            event_pattern=events.EventPattern(
                source=["aws.rds"],
                detail_type=["RDS DB Cluster Event"],
                detail={"EventCategories": ["global-failover"]},
            ),
            targets=[target],
        )
