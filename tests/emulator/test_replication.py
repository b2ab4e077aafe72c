"""What travels between Regions: late, in order of writing, and not at all while a Region is lost."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from tests.emulator.running import EAST, WEST, Running, embedded_aws, until

if TYPE_CHECKING:
    from collections.abc import Iterator

LAG_SECONDS = 0.3
NEVER = 600_000
HELD_SECONDS = 0.4


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with embedded_aws("replication") as aws:
        aws.table("journal", EAST, WEST)
        yield aws


@pytest.fixture
def aws(running: Running) -> Running:
    until(lambda: running.state()["pending_replication"] == 0)
    running.control(f"lag/{round(LAG_SECONDS * 1000)}")
    return running


def stays_out(aws: Running, region: str, key: str) -> None:
    """Look for a while: an item that is held is not there."""
    end = time.monotonic() + HELD_SECONDS
    while time.monotonic() < end:
        assert aws.get(region, "journal", key) is None


@pytest.mark.parametrize(("source", "target"), [(EAST, WEST), (WEST, EAST)])
def test_an_item_arrives_in_the_other_region_no_sooner_than_the_lag(aws: Running, source: str, target: str) -> None:
    began = time.monotonic()
    aws.put(source, "journal", f"late-{source}", "v")
    assert aws.get(source, "journal", f"late-{source}") == "v"
    until(lambda: aws.get(target, "journal", f"late-{source}") == "v")
    assert time.monotonic() - began >= LAG_SECONDS


def test_the_last_writer_wins_in_both_regions(aws: Running) -> None:
    for number, (first, second) in enumerate(((EAST, WEST), (WEST, EAST))):
        aws.put(first, "journal", f"contended-{number}", "first")
        aws.put(second, "journal", f"contended-{number}", "second")
    until(lambda: aws.state()["pending_replication"] == 0)
    for number in range(2):
        until(lambda key=f"contended-{number}": aws.get(EAST, "journal", key) == "second")  # type: ignore[misc] # bound
        assert aws.get(WEST, "journal", f"contended-{number}") == "second"


def test_nothing_leaves_or_enters_a_lost_region_and_all_of_it_arrives_afterwards(aws: Running) -> None:
    aws.control(f"lag/{NEVER}")
    # what is on its way keeps the delay it began with, so these travel after the loss
    aws.control("lag/100")
    aws.put(EAST, "journal", "out", "v")
    aws.control(f"regions/{EAST}/lose")
    aws.put(WEST, "journal", "in", "v")
    try:
        if aws.get(WEST, "journal", "out") is None:  # else it arrived before the Region was lost, which is as good
            stays_out(aws, WEST, "out")
        assert aws.state()["pending_replication"] >= 1
    finally:
        aws.control(f"regions/{EAST}/restore")
    until(lambda: aws.get(WEST, "journal", "out") == "v")
    until(lambda: aws.get(EAST, "journal", "in") == "v")


def test_a_partition_holds_what_travels_both_ways(aws: Running) -> None:
    aws.control("partition/on")
    try:
        aws.put(EAST, "journal", "eastern", "v")
        aws.put(WEST, "journal", "western", "v")
        stays_out(aws, WEST, "eastern")
        assert aws.get(EAST, "journal", "western") is None
        assert aws.state()["pending_replication"] == 2
    finally:
        aws.control("partition/off")
    until(lambda: aws.get(WEST, "journal", "eastern") == "v")
    until(lambda: aws.get(EAST, "journal", "western") == "v")


def test_a_strongly_consistent_table_replicates_before_it_answers(aws: Running) -> None:
    table: dict[str, Any] = {
        "Type": "AWS::DynamoDB::GlobalTable",
        "Properties": {
            "TableName": "strong",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
            "MultiRegionConsistency": "STRONG",
            "GlobalTableWitnesses": [{"Region": "us-east-2"}],
            "Replicas": [
                {"Region": region, "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
                for region in (EAST, WEST)
            ],
        },
    }
    stacks = aws.client("cloudformation")
    stacks.create_stack(StackName="strong", TemplateBody=json.dumps({"Resources": {"Table": table}}))
    until(lambda: stacks.describe_stacks(StackName="strong")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE")
    for number in range(5):
        source, target = ((EAST, WEST), (WEST, EAST))[number % 2]
        aws.put(source, "strong", f"item-{number}", "v")
        assert aws.get(target, "strong", f"item-{number}") == "v"
    for region in (EAST, WEST):  # and each replica has the settings that the template gives it
        client = aws.client("dynamodb", region)
        recovery = client.describe_continuous_backups(TableName="strong")["ContinuousBackupsDescription"]
        assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    del table["Properties"]["MultiRegionConsistency"], table["Properties"]["GlobalTableWitnesses"]
    expiring = {"TableName": "expiring", "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True}}
    table["Properties"].update(expiring)
    stacks.create_stack(StackName="expiring", TemplateBody=json.dumps({"Resources": {"Table": table}}))
    until(lambda: stacks.describe_stacks(StackName="expiring")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE")
    for region in (EAST, WEST):
        client = aws.client("dynamodb", region)
        expiry = client.describe_time_to_live(TableName="expiring")["TimeToLiveDescription"]
        assert (expiry["TimeToLiveStatus"], expiry["AttributeName"]) == ("ENABLED", "expires")


def test_an_object_arrives_late_and_not_while_a_region_is_lost(aws: Running) -> None:
    buckets = {EAST: "documents-east", WEST: "documents-west"}
    for region, bucket in buckets.items():
        client = aws.client("s3", region)
        where = {} if region == EAST else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        client.create_bucket(Bucket=bucket, **where)
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    rule = {
        "ID": "all",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{buckets[WEST]}"},
    }
    source, target = aws.client("s3", EAST), aws.client("s3", WEST)
    source.put_bucket_replication(
        Bucket=buckets[EAST],
        ReplicationConfiguration={"Role": "arn:aws:iam::000000000000:role/replication", "Rules": [rule]},
    )

    def arrived(key: str) -> bool:
        try:
            target.head_object(Bucket=buckets[WEST], Key=key)
        except target.exceptions.ClientError:
            return False
        return True

    began = time.monotonic()
    source.put_object(Bucket=buckets[EAST], Key="late", Body=b"x")
    until(lambda: arrived("late"))
    assert time.monotonic() - began >= LAG_SECONDS
    aws.control("partition/on")
    try:
        source.put_object(Bucket=buckets[EAST], Key="held", Body=b"x")
        assert source.head_object(Bucket=buckets[EAST], Key="held")["ReplicationStatus"] == "PENDING"
        end = time.monotonic() + HELD_SECONDS + LAG_SECONDS
        while time.monotonic() < end:
            assert not arrived("held")
    finally:
        aws.control("partition/off")
    until(lambda: arrived("held"))
