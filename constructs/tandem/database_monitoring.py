"""Enhanced monitoring of the ledger's instances: what the operating system sees, once a minute."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from contract.names import arn

__all__ = ["MONITORING_SECONDS", "DatabaseMonitoring"]

MONITORING_SECONDS = 60
"""Seconds between two looks. RDS takes 1, 5, 10, 15, 30 and 60 (RDS API Reference, CreateDBInstance)."""

_GROUPS = "log-group:RDS*"
_STREAMS = f"{_GROUPS}:log-stream:*"


class DatabaseMonitoring(Construct):
    """The role by which RDS writes its instances' metrics to CloudWatch Logs, into a group that the account shares.

    What it allows is what the Aurora User Guide asks for (Setting up Enhanced Monitoring), written out instead of AWS's
    managed policy, and limited to this Region and account.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "monitoring.rds.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
            ),
            description="RDS: enhanced monitoring of the Tandem ledger",
        )
        for actions, resource in (
            (["logs:CreateLogGroup", "logs:PutRetentionPolicy"], _GROUPS),
            (
                ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", "logs:GetLogEvents"],
                _STREAMS,
            ),
        ):
            self.role.add_to_policy(
                iam.PolicyStatement(
                    actions=actions, resources=[arn("logs", resource, region=stack.region, account=stack.account)]
                )
            )
