"""Provide both Regions of an embedded AWS, and the two tables of one run in each of them."""

from __future__ import annotations

import itertools
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from contract.waiting import wait_until
from drills.embedded.control import Control

if TYPE_CHECKING:
    from collections.abc import Iterator

REGIONS = ("us-east-1", "us-west-2")
SHARDS = 4
"""How many shards a stream has where a run does not ask for one: each is delivered by itself."""
_ARRIVES_SECONDS = 30
_CONFIG = Config(retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=5, read_timeout=30)


class Aws:
    """Clients of a running embedded AWS, made once."""

    def __init__(self, url: str) -> None:
        self.control = Control(url)
        self.dynamodb = [self._client("dynamodb", url, region) for region in REGIONS]
        self.streams = [self._client("dynamodbstreams", url, region) for region in REGIONS]
        self.names = (f"run-{number}" for number in itertools.count())

    def _client(self, service: Any, url: str, region: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=url,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the embedded AWS checks none
            config=_CONFIG,
        )

    def everything_arrived(self) -> None:
        """Wait until nothing is on its way between the Regions, nor within one from a table to late reads of it."""
        self._none_pending("pending_replication")
        self.reads_caught_up()

    def reads_caught_up(self) -> None:
        """Wait until late reads, and those of an index, see all that was written."""
        self._none_pending("pending_reads")

    def _none_pending(self, name: str) -> None:
        drained = wait_until(lambda: not self.control.state()[name], seconds=_ARRIVES_SECONDS, pause=0.002)
        assert drained, f"{name} does not go down to 0"


@dataclass
class Shard:
    """The records of a stream whose items share a partition; they are kept, because they may be delivered again."""

    records: list[dict[str, Any]] = field(default_factory=list)
    checkpoint: int = 0


@dataclass
class Stream:
    """A Region's stream, read through the Streams API, which tells one shard: its records are divided here."""

    client: Any
    iterator: str
    shards: list[Shard]

    def read(self) -> None:
        """Fetch what is new."""
        answer = self.client.get_records(ShardIterator=self.iterator, Limit=1000)
        for record in answer["Records"]:
            key = record["dynamodb"]["Keys"]["pk"]["S"]
            self.shards[zlib.crc32(key.encode()) % len(self.shards)].records.append(record)
        self.iterator = answer["NextShardIterator"]

    @property
    def unread(self) -> int:
        return sum(len(shard.records) - shard.checkpoint for shard in self.shards)


class Tables:
    """The journal and the operational table, global, each with a replica in both Regions."""

    def __init__(self, aws: Aws, shards: int = 1) -> None:
        self.aws = aws
        name = next(aws.names)
        self.journal, self.operational = f"{name}-journal", f"{name}-operational"
        home = aws.dynamodb[0]
        home.create_table(
            TableName=self.journal,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[_text("pk"), _text("bucket"), _text("recorded_at")],
            KeySchema=[_key("pk", "HASH")],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-origin-minute",
                    "KeySchema": [_key("bucket", "HASH"), _key("recorded_at", "RANGE")],
                    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["payload_hash"]},
                }
            ],
        )
        home.create_table(
            TableName=self.operational,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[_text("pk"), _text("sk")],
            KeySchema=[_key("pk", "HASH"), _key("sk", "RANGE")],
        )
        for table in (self.journal, self.operational):
            home.update_table(TableName=table, ReplicaUpdates=[{"Create": {"RegionName": REGIONS[1]}}])
        self.streams = [self._stream(region, shards) for region in (0, 1)]

    def _stream(self, region: int, shards: int) -> Stream:
        table = self.aws.dynamodb[region].describe_table(TableName=self.journal)["Table"]
        client = self.aws.streams[region]
        shard = client.describe_stream(StreamArn=table["LatestStreamArn"])["StreamDescription"]["Shards"][0]
        iterator = client.get_shard_iterator(
            StreamArn=table["LatestStreamArn"], ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        return Stream(client, iterator["ShardIterator"], [Shard() for _ in range(shards)])

    def items(self, region: int) -> dict[str, dict[str, Any]]:
        """What a Region's replica of the journal holds, by transaction id."""
        scan = self.aws.dynamodb[region].get_paginator("scan")
        pages = scan.paginate(TableName=self.journal, ConsistentRead=True)
        found = (item for page in pages for item in page["Items"])
        return {item["pk"]["S"].removeprefix("transaction#"): item for item in found}

    def quarantined(self, region: int) -> Iterator[dict[str, Any]]:
        """What a Region's operational table holds in quarantine."""
        pages = (
            self.aws.dynamodb[region]
            .get_paginator("query")
            .paginate(
                TableName=self.operational,
                ConsistentRead=True,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": "quarantine"}},
            )
        )
        for page in pages:
            yield from page["Items"]

    def drop(self) -> None:
        """Forget the tables, in both Regions."""
        home = self.aws.dynamodb[0]
        for table in (self.journal, self.operational):
            # the replica first: a table that was its source within a day is not deleted before it
            home.update_table(TableName=table, ReplicaUpdates=[{"Delete": {"RegionName": REGIONS[1]}}])
            home.delete_table(TableName=table)


def _text(name: str) -> dict[str, str]:
    return {"AttributeName": name, "AttributeType": "S"}


def _key(name: str, kind: str) -> dict[str, str]:
    return {"AttributeName": name, "KeyType": kind}
