"""A strongly consistent table under a partition and a loss: who answers, who refuses, and what arrives afterwards."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from botocore.exceptions import ClientError

from emulator.dynamodb.conflicts import written
from emulator.dynamodb.strong_tables import has_majority, needs_majority
from tests.emulator.running import embedded_aws, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.emulator.running import Running

ROOT = Path(__file__).resolve().parents[2]
PRIMARY, SECONDARY, WITNESS = "us-east-1", "us-west-2", "us-east-2"
TABLE = "journal"
TEMPLATE = {
    "Resources": {
        "Table": {
            "Type": "AWS::DynamoDB::GlobalTable",
            "Properties": {
                "TableName": TABLE,
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
                "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
                "MultiRegionConsistency": "STRONG",
                "Replicas": [{"Region": PRIMARY}, {"Region": SECONDARY}],
                "GlobalTableWitnesses": [{"Region": WITNESS}],
            },
        }
    }
}


class Aws:
    """A running embedded AWS with one strongly consistent table."""

    def __init__(self, running: Running) -> None:
        self.url, self.client, self.control, self.state = running.url, running.client, running.control, running.state
        self.tables = {region: running.client("dynamodb", region) for region in (PRIMARY, SECONDARY)}

    def put(self, region: str, key: str, value: str = "1") -> None:
        self.tables[region].put_item(TableName=TABLE, Item={"pk": {"S": key}, "value": {"S": value}})

    def get(self, region: str, key: str, *, strongly: bool) -> str | None:
        found = self.tables[region].get_item(TableName=TABLE, Key={"pk": {"S": key}}, ConsistentRead=strongly)
        return str(found["Item"]["value"]["S"]) if "Item" in found else None


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with embedded_aws("strong-tables", "--lag-milliseconds", "400") as running:
        stacks = running.client("cloudformation", PRIMARY)
        stacks.create_stack(StackName="strong", TemplateBody=json.dumps(TEMPLATE))
        until(lambda: stacks.describe_stacks(StackName="strong")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE")
        yield Aws(running)


@pytest.fixture(autouse=True)
def whole_again(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "aws" in request.fixturenames:
        running: Aws = request.getfixturevalue("aws")
        running.control("partition/off")
        for region in (PRIMARY, SECONDARY):
            running.control(f"regions/{region}/restore")


def refused(call: Callable[[], object]) -> None:
    with pytest.raises(ClientError) as caught:
        call()
    assert caught.value.response["Error"]["Code"] == "InternalServerError"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_a_write_is_in_both_regions_when_it_is_acknowledged_whatever_the_lag(aws: Aws) -> None:
    aws.put(PRIMARY, "at-once")
    assert aws.get(SECONDARY, "at-once", strongly=True) == "1"


@pytest.mark.parametrize(
    ("control", "isolated"), [("", SECONDARY), (f"/{PRIMARY}", PRIMARY), (f"/{SECONDARY}", SECONDARY)]
)
def test_the_isolated_replica_refuses_and_the_side_with_the_witness_goes_on(
    aws: Aws, control: str, isolated: str
) -> None:
    other = SECONDARY if isolated == PRIMARY else PRIMARY
    aws.put(PRIMARY, "before", "old")
    aws.control(f"partition/on{control}")
    assert aws.state()["isolated"] == isolated
    aws.put(other, "before", "new")
    assert aws.get(other, "before", strongly=True) == "new"
    table = aws.tables[isolated]
    refused(lambda: aws.put(isolated, "refused"))
    refused(lambda: aws.get(isolated, "before", strongly=True))
    refused(lambda: table.delete_item(TableName=TABLE, Key={"pk": {"S": "before"}}))
    refused(lambda: table.scan(TableName=TABLE, ConsistentRead=True))
    refused(lambda: table.batch_get_item(RequestItems={TABLE: {"Keys": [{"pk": {"S": "x"}}], "ConsistentRead": True}}))
    refused(lambda: table.batch_write_item(RequestItems={TABLE: [{"DeleteRequest": {"Key": {"pk": {"S": "before"}}}}]}))
    refused(
        lambda: table.update_item(
            TableName=TABLE,
            Key={"pk": {"S": "before"}},
            UpdateExpression="SET #v = :v",
            ExpressionAttributeNames={"#v": "value"},
            ExpressionAttributeValues={":v": {"S": "3"}},
        )
    )
    assert aws.get(isolated, "before", strongly=False) == "old"
    aws.control("partition/off")
    # the first strongly consistent read finds what was written meanwhile, and nothing of what was refused
    assert aws.get(isolated, "before", strongly=True) == "new"
    assert aws.get(other, "refused", strongly=True) is None
    assert aws.state()["pending_replication"] == 0


@pytest.mark.parametrize(("lost", "survivor"), [(PRIMARY, SECONDARY), (SECONDARY, PRIMARY)])
def test_a_lost_region_leaves_the_survivor_with_the_witness(aws: Aws, lost: str, survivor: str) -> None:
    aws.control(f"regions/{lost}/lose")
    for number in range(3):
        aws.put(survivor, "counted", str(number))
    assert aws.get(survivor, "counted", strongly=True) == "2"
    aws.control(f"regions/{lost}/restore")
    aws.put(survivor, "counted", "3")
    assert aws.get(lost, "counted", strongly=True) == "3"


def test_an_isolated_replica_whose_only_peer_is_lost_still_refuses(aws: Aws) -> None:
    aws.control("partition/on")
    aws.control(f"regions/{PRIMARY}/lose")
    refused(lambda: aws.put(SECONDARY, "alone"))


def test_what_was_written_in_a_partition_reaches_the_other_replica_though_its_writer_is_lost(aws: Aws) -> None:
    aws.control("partition/on")
    aws.put(PRIMARY, "with-the-witness")
    aws.control(f"regions/{PRIMARY}/lose")
    assert aws.get(SECONDARY, "with-the-witness", strongly=False) is None
    aws.control("partition/off")
    assert aws.get(SECONDARY, "with-the-witness", strongly=True) == "1"
    assert aws.state()["pending_replication"] == 0


@pytest.mark.parametrize("path", ["partition/on/eu-west-1", "partition/on/us-east-1/x", "partition", "partition/maybe"])
def test_a_partition_that_means_nothing_changes_nothing(aws: Aws, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        aws.control(path)
    assert aws.state()["isolated"] is None


def test_more_than_half_of_the_members_is_a_majority() -> None:
    members = (PRIMARY, SECONDARY, WITNESS)
    assert has_majority(PRIMARY, members, lambda one, other: {one, other} != {PRIMARY, SECONDARY})
    assert not has_majority(PRIMARY, members, lambda one, other: one == other)
    assert not has_majority(PRIMARY, (PRIMARY, SECONDARY), lambda one, other: one == other)


def test_a_replica_has_no_stream_before_it_is_enabled_there(aws: Aws) -> None:
    def stream(region: str) -> str | None:
        arn: str | None = aws.tables[region].describe_table(TableName=TABLE)["Table"].get("LatestStreamArn")
        return arn

    assert str(stream(PRIMARY)).startswith(f"arn:aws:dynamodb:{PRIMARY}:")
    assert stream(SECONDARY) is None
    specification = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    aws.tables[SECONDARY].update_table(TableName=TABLE, StreamSpecification=specification)
    assert str(stream(SECONDARY)).startswith(f"arn:aws:dynamodb:{SECONDARY}:")


def test_only_writes_and_strongly_consistent_reads_need_a_majority() -> None:
    assert list(needs_majority("PutItem", {"TableName": "t"})) == ["t"]
    assert list(needs_majority("GetItem", {"TableName": "t", "ConsistentRead": True})) == ["t"]
    assert list(needs_majority("GetItem", {"TableName": "t"})) == []
    assert list(needs_majority("BatchGetItem", {"RequestItems": {"t": {"ConsistentRead": True}, "u": {}}})) == ["t"]
    assert list(needs_majority("DescribeTable", {"TableName": "t"})) == []


def test_two_regions_that_write_one_item_at_once_conflict_and_the_second_may_try_again(aws: Aws) -> None:
    answers: list[Any] = []

    def write(region: str) -> None:
        for number in range(20):
            try:
                aws.put(region, "contested", f"{region} {number}")
            except ClientError as error:
                answers.append(error.response)

    threads = [threading.Thread(target=write, args=(region,)) for region in (PRIMARY, SECONDARY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {each["Error"]["Code"] for each in answers} == {"ReplicatedWriteConflictException"}
    assert {each["ResponseMetadata"]["HTTPStatusCode"] for each in answers} == {400}
    aws.put(SECONDARY, "contested", "at last")
    assert aws.get(PRIMARY, "contested", strongly=True) == "at last"


def test_writes_of_different_items_and_of_one_region_do_not_conflict(aws: Aws) -> None:
    with ThreadPoolExecutor(8) as pool:
        for region in (PRIMARY, SECONDARY):
            list(pool.map(lambda number, where=region: aws.put(where, "own", str(number)), range(8)))
        pairs = [(region, region) for region in (PRIMARY, SECONDARY)] * 4
        list(pool.map(lambda pair: aws.put(*pair), pairs))


def test_a_strong_table_has_neither_transactions_nor_expiry_and_keeps_its_mode(aws: Aws) -> None:
    table = aws.tables[PRIMARY]
    put = {"Put": {"TableName": TABLE, "Item": {"pk": {"S": "x"}}}}
    get = {"Get": {"TableName": TABLE, "Key": {"pk": {"S": "x"}}}}
    expiry = {"Enabled": True, "AttributeName": "expires"}
    requests: list[tuple[str, dict[str, Any]]] = [
        ("transact_write_items", {"TransactItems": [put]}),
        ("transact_get_items", {"TransactItems": [get]}),
        ("update_time_to_live", {"TableName": TABLE, "TimeToLiveSpecification": expiry}),
        ("update_table", {"TableName": TABLE, "MultiRegionConsistency": "EVENTUAL"}),
    ]
    for operation, parameters in requests:
        with pytest.raises(ClientError) as caught:
            getattr(table, operation)(**parameters)
        assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_the_items_of_a_write_are_told_by_operation() -> None:
    key = {"pk": {"S": "x"}}
    assert list(written("PutItem", {"TableName": "t", "Item": key})) == [("t", key)]
    assert list(written("DeleteItem", {"TableName": "t", "Key": key})) == [("t", key)]
    batch = {"t": [{"PutRequest": {"Item": key}}, {"DeleteRequest": {"Key": key}}]}
    assert list(written("BatchWriteItem", {"RequestItems": batch})) == [("t", key), ("t", key)]
    assert list(written("GetItem", {"TableName": "t", "Key": key})) == []
