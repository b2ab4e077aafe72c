"""What is left of an asynchronous invocation that has failed for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

    from tandem.functions import RuntimeFunction

KEPT = Duration.days(14)
"""The longest that SQS keeps a message (SQS API Reference, SetQueueAttributes)."""


class FailedInvocations(Construct):
    """A queue that receives each event that the function has failed on three times, with what it answered.

    EventBridge invokes a function asynchronously and is told of no failure; Lambda tries again twice and then drops the
    event, unless it is given a destination (Lambda Developer Guide, asynchronous invocation). Nothing reads the queue:
    whoever looks into the failure purges it, which turns its alarm green. L1, because the L2 grants actions with
    wildcards on the key, which the function may use already.
    """

    def __init__(self, scope: Construct, construct_id: str, *, runtime: RuntimeFunction, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            enforce_ssl=True,
            retention_period=KEPT,
        )
        runtime.allow("sqs:SendMessage", on=[self.queue.queue_arn])
        destination = lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=self.queue.queue_arn)
        configuration = lambda_.CfnEventInvokeConfig(
            self,
            "OnFailure",
            function_name=runtime.function.function_name,
            qualifier="$LATEST",
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(on_failure=destination),
        )
        # Lambda refuses a destination that the function's role may not send to
        configuration.node.add_dependency(runtime.role)

    def waiting(self) -> cloudwatch.Metric:
        """How many failed invocations nobody has looked into."""
        return self.queue.metric_approximate_number_of_messages_visible(period=Duration.minutes(1), statistic="Maximum")
