"""The journal, which is the truth, and the operational table, whose items expire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from contract.journal import BUCKET, PAYLOAD_HASH, RECORDED_AT, TIME_INDEX
from contract.tables import EXPIRES_AT, PARTITION_KEY, SORT_KEY
from tandem.retention import removal

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

__all__ = ["Journal", "OperationalTable"]


def _encryption(key: kms.IKey, replica: str | None, replica_key: kms.IKey | None) -> dynamodb.TableEncryptionV2:
    if replica is None or replica_key is None:
        return dynamodb.TableEncryptionV2.customer_managed_key(key)
    return dynamodb.TableEncryptionV2.customer_managed_key(key, {replica: replica_key.key_arn})


def _recovery() -> dynamodb.PointInTimeRecoverySpecification:
    return dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True)


class Journal(Construct):
    """One item per transaction, for ever: no TTL, and point-in-time recovery in every Region.

    Consistency never changes after creation. `witness` makes the table strongly consistent: two replicas and a witness
    (DynamoDB Developer Guide, global tables consistency modes).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        table_name: str,
        key: kms.IKey,
        retain: bool,
        replica: str | None = None,
        replica_key: kms.IKey | None = None,
        witness: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        table = self.table = dynamodb.TableV2(
            self,
            "Table",
            table_name=table_name,
            partition_key=dynamodb.Attribute(name=PARTITION_KEY, type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            dynamo_stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            encryption=_encryption(key, replica, replica_key),
            point_in_time_recovery_specification=_recovery(),
            deletion_protection=retain,
            removal_policy=removal(retain=retain),
            replicas=[dynamodb.ReplicaTableProps(region=replica, deletion_protection=retain)] if replica else None,
            multi_region_consistency=dynamodb.MultiRegionConsistency.STRONG if witness else None,
            witness_region=witness,
            global_secondary_indexes=[
                dynamodb.GlobalSecondaryIndexPropsV2(
                    index_name=TIME_INDEX,
                    partition_key=dynamodb.Attribute(name=BUCKET, type=dynamodb.AttributeType.STRING),
                    sort_key=dynamodb.Attribute(name=RECORDED_AT, type=dynamodb.AttributeType.STRING),
                    projection_type=dynamodb.ProjectionType.INCLUDE,
                    non_key_attributes=[PAYLOAD_HASH],
                )
            ],
        )
        assert table.table_stream_arn  # noqa: S101 - narrows a type: the table has a stream
        self.stream_arn: str = table.table_stream_arn


class OperationalTable(Construct):
    """Heartbeats, quarantine and drill records: eventually consistent in every stage, with TTL."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        table_name: str,
        key: kms.IKey,
        retain: bool,
        replica: str | None = None,
        replica_key: kms.IKey | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.table = dynamodb.TableV2(
            self,
            "Table",
            table_name=table_name,
            partition_key=dynamodb.Attribute(name=PARTITION_KEY, type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name=SORT_KEY, type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            time_to_live_attribute=EXPIRES_AT,
            encryption=_encryption(key, replica, replica_key),
            point_in_time_recovery_specification=_recovery(),
            deletion_protection=retain,
            removal_policy=removal(retain=retain),
            replicas=[dynamodb.ReplicaTableProps(region=replica, deletion_protection=retain)] if replica else None,
        )
