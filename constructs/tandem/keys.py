"""The customer-managed key: one multi-Region key, its primary in GlobalStack, a replica where it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from contract.names import arn
from tandem.retention import removal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MultiRegionKey", "ReplicaKey"]

_ADMINISTRATION = (
    "kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:Update*", "kms:Revoke*",
    "kms:Disable*", "kms:Get*", "kms:Delete*", "kms:TagResource", "kms:UntagResource", "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion", "kms:ReplicateKey", "kms:SynchronizeMultiRegionKey",
)  # fmt: skip
_USE = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")
_PUBLISH = ("kms:Decrypt", "kms:GenerateDataKey*")
"""What a service needs of the key to publish to an encrypted topic."""
_STORES = ("rds", "dynamodb", "s3", "secretsmanager", "backup", "sns", "sqs", "lambda")
_DELETION = Duration.days(7)
_KEPT = 24
"""Characters of a stack's name that a role's name surely begins with: a role's name has 64 characters at most, and
CloudFormation cuts both the stack's name and the logical id to leave room for what makes it unique."""


def _statements(scope: Construct, *, account: str, role_prefixes: Sequence[str]) -> list[iam.PolicyStatement]:
    """The key's policy. The key precedes every role, and a policy that names a role that does not exist is refused.

    So it delegates to this account's IAM under conditions: Tandem's own roles, or a store on behalf of a caller of this
    account (KMS Developer Guide, kms:ViaService and kms:CallerAccount).
    """
    region = Stack.of(scope).region
    roles = [arn("iam", f"role/{f'{prefix}-'[:_KEPT]}*", account=account) for prefix in role_prefixes]
    roles.append(arn("iam", f"role/cdk-*-cfn-exec-role-{account}-*", account=account))
    return [
        iam.PolicyStatement(
            sid="Administration",
            principals=[iam.AccountRootPrincipal()],
            actions=list(_ADMINISTRATION),
            resources=["*"],
        ),
        iam.PolicyStatement(
            sid="OwnRoles",
            principals=[iam.AnyPrincipal()],
            actions=list(_USE),
            resources=["*"],
            conditions={"StringEquals": {"kms:CallerAccount": account}, "ArnLike": {"aws:PrincipalArn": roles}},
        ),
        iam.PolicyStatement(
            sid="StoresOnBehalfOfThisAccount",
            principals=[iam.AnyPrincipal()],
            actions=[*_USE, "kms:CreateGrant"],
            resources=["*"],
            conditions={
                "StringEquals": {
                    "kms:CallerAccount": account,
                    "kms:ViaService": [f"{store}.{region}.amazonaws.com" for store in _STORES],
                }
            },
        ),
        iam.PolicyStatement(
            sid="Logs",
            principals=[iam.ServicePrincipal(f"logs.{region}.amazonaws.com")],
            actions=list(_USE),
            resources=["*"],
            conditions={
                "ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn("logs", "*", region=region, account=account)}
            },
        ),
        # CloudWatch sends the account of the alarm that it publishes for (SNS Developer Guide, key management)
        iam.PolicyStatement(
            sid="Alarms",
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            actions=list(_PUBLISH),
            resources=["*"],
            conditions={"StringEquals": {"aws:SourceAccount": account}},
        ),
        # EventBridge sends no aws:SourceAccount or aws:SourceArn to a topic's key: a condition on one loses every
        # message and says nothing (there too). The encryption context is what KMS itself knows of the topic.
        iam.PolicyStatement(
            sid="Events",
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            actions=list(_PUBLISH),
            resources=["*"],
            conditions={
                "ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": arn("sns", "*", region=region, account=account)}
            },
        ),
    ]


class MultiRegionKey(Construct):
    """The primary key of the multi-Region pair, rotated every year."""

    def __init__(
        self, scope: Construct, construct_id: str, *, account: str, role_prefixes: Sequence[str], retain: bool
    ) -> None:
        super().__init__(scope, construct_id)
        key = kms.Key(
            self,
            "Key",
            description="Tandem: everything at rest",
            multi_region=True,
            enable_key_rotation=True,
            pending_window=_DELETION,
            removal_policy=removal(retain=retain),
            policy=iam.PolicyDocument(statements=_statements(self, account=account, role_prefixes=role_prefixes)),
        )
        # a reference: a grant on the key itself would write the grantee into its policy, and tie it to later stacks
        self.key: kms.IKey = kms.Key.from_key_arn(self, "Reference", key.key_arn)


class ReplicaKey(Construct):
    """A Region's replica of the key. Replicas do not inherit the policy. L1: CDK has no L2 for it (aws-cdk #15257)."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        primary_key_arn: str,
        account: str,
        role_prefixes: Sequence[str],
        retain: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        policy = iam.PolicyDocument(statements=_statements(self, account=account, role_prefixes=role_prefixes))
        replica = kms.CfnReplicaKey(
            self,
            "Key",
            primary_key_arn=primary_key_arn,
            description="Tandem: everything at rest",
            pending_window_in_days=int(_DELETION.to_days()),
            key_policy=policy.to_json(),
        )
        replica.apply_removal_policy(removal(retain=retain))
        self.key: kms.IKey = kms.Key.from_key_arn(self, "Reference", replica.attr_arn)
