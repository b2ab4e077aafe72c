"""Document buckets, and the replication from one to the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import custom_resources as cr
from constructs import Construct

from contract.documents import rule_from
from contract.names import arn
from tandem.retention import removal

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

__all__ = ["DocumentBucket", "ReplicationTarget", "ReverseReplication"]


@dataclass(frozen=True, kw_only=True)
class ReplicationTarget:
    """Where documents are copied to; `time_control` promises 15 minutes, S3's only value, and emits metrics."""

    bucket_arn: str
    key_arn: str
    region: str
    time_control: bool


class DocumentBucket(Construct):
    """Private, versioned, TLS only, with its own access log bucket."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket_name: str,
        key: kms.IKey,
        retain: bool,
        target: ReplicationTarget | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        when_removed = removal(retain=retain)
        self.access_logs = s3.Bucket(
            self,
            "AccessLogs",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            versioned=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[
                s3.LifecycleRule(expiration=Duration.days(90), noncurrent_version_expiration=Duration.days(7))
            ],
            removal_policy=when_removed,
            auto_delete_objects=not retain,
        )
        role = _replication_role(self, bucket_name=bucket_name, key=key, target=target) if target else None
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=bucket_name,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            enforce_ssl=True,
            versioned=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            server_access_logs_bucket=self.access_logs,
            lifecycle_rules=[
                s3.LifecycleRule(
                    transitions=[
                        s3.Transition(
                            storage_class=s3.StorageClass.INTELLIGENT_TIERING, transition_after=Duration.days(0)
                        )
                    ],
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                )
            ],
            replication_role=role,
            replication_rules=[_rule(self, target)] if target else None,
            removal_policy=when_removed,
            auto_delete_objects=not retain,
        )


def _rule(scope: Construct, target: ReplicationTarget) -> s3.ReplicationRule:
    from aws_cdk import aws_kms as kms_module  # noqa: PLC0415 - only where documents are replicated

    limit = s3.ReplicationTimeValue.FIFTEEN_MINUTES if target.time_control else None
    return s3.ReplicationRule(
        id=rule_from(primary=True),
        destination=s3.Bucket.from_bucket_arn(scope, "Target", target.bucket_arn),
        kms_key=kms_module.Key.from_key_arn(scope, "TargetKey", target.key_arn),
        replication_time_control=limit,
        metrics=limit,
        sse_kms_encrypted_objects=True,
        delete_marker_replication=True,
        priority=1,
    )


def _replication_role(scope: Construct, *, bucket_name: str, key: kms.IKey, target: ReplicationTarget) -> iam.Role:
    """S3's own role: CDK's would be granted the destination key on every resource."""
    role = iam.Role(scope, "Replication", assumed_by=iam.ServicePrincipal("s3.amazonaws.com"))
    source, region = arn("s3", bucket_name), Stack.of(scope).region
    read = [
        "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionTagging",
    ]
    write = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
    statements = [
        (["s3:GetReplicationConfiguration", "s3:ListBucket"], source, None),
        (read, f"{source}/*", None),
        (write, f"{target.bucket_arn}/*", None),
        (["kms:Decrypt"], key.key_arn, region),
        (["kms:Encrypt", "kms:GenerateDataKey"], target.key_arn, target.region),
    ]
    for actions, resource, via in statements:
        conditions = {"StringEquals": {"kms:ViaService": f"s3.{via}.amazonaws.com"}} if via else None
        role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[resource], conditions=conditions))
    return role


class ReverseReplication(Construct):
    """Replication out of another stack's bucket, put there when this Region joins and taken away when it leaves."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket_name: str,
        key: kms.IKey,
        target: ReplicationTarget,
    ) -> None:
        super().__init__(scope, construct_id)
        role = _replication_role(self, bucket_name=bucket_name, key=key, target=target)
        destination: dict[str, object] = {
            "Bucket": target.bucket_arn,
            "EncryptionConfiguration": {"ReplicaKmsKeyID": target.key_arn},
        }
        if target.time_control:
            destination["ReplicationTime"] = {"Status": "Enabled", "Time": {"Minutes": 15}}
            destination["Metrics"] = {"Status": "Enabled", "EventThreshold": {"Minutes": 15}}
        rule = {
            "ID": rule_from(primary=False),
            "Priority": 1,
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Enabled"},
            "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
            "Destination": destination,
        }
        put = cr.AwsSdkCall(
            service="S3",
            action="putBucketReplication",
            parameters={
                "Bucket": bucket_name,
                "ReplicationConfiguration": {"Role": role.role_arn, "Rules": [rule]},
            },
            physical_resource_id=cr.PhysicalResourceId.of("reverse-replication"),
        )
        resource = cr.AwsCustomResource(
            self,
            "Rule",
            install_latest_aws_sdk=False,
            on_create=put,
            on_update=put,
            on_delete=cr.AwsSdkCall(service="S3", action="deleteBucketReplication", parameters={"Bucket": bucket_name}),
            policy=cr.AwsCustomResourcePolicy.from_statements(
                [
                    iam.PolicyStatement(actions=["s3:PutReplicationConfiguration"], resources=[arn("s3", bucket_name)]),
                    iam.PolicyStatement(actions=["iam:PassRole"], resources=[role.role_arn]),
                ]
            ),
        )
        resource.node.add_dependency(role)
