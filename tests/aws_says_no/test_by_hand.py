"""The rules that only AWS's documents hold, each with what it takes and what it refuses at its edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.gates import capacity, names
from tests.aws_says_no.test_requests import ARN, answered, refusing
from tests.aws_says_no.test_resources import CLUSTER, TABLE, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

EDGES: list[tuple[Callable[[str], str | None], list[str], list[str]]] = [
    (
        names.bucket,
        ["abc", "a" * 63, "a.b-c.d", "1.2.3", "0bucket"],
        ["ab", "a" * 64, "", "Abc", "a_b", "-ab", "ab-", ".ab", "a..b", "10.0.0.1", "xn--a", "sthree-a", "abc\n"],
    ),
    (names.bucket, ["a-alias"], ["a-s3alias", "a--ol-s3", "a.mrap", "a--x-s3", "a--table-s3", "äbc"]),
    (
        names.topic,
        ["a", "A_b-1", "a" * 256, "a" * 251 + ".fifo", "a.fifo"],
        ["", "a b", "a.b", ".fifo", "a" * 257, "a" * 252 + ".fifo", "a\n", "a/b"],
    ),
    (names.rule, ["a", "a.b-c_D", "a" * 64], ["", "a b", "a" * 65, "a/b", "a\n", "é"]),
    (names.api_stage, ["$default", "a", "a-b_C", "a" * 128], ["", "$other", "a b", "a" * 129, "a.b", "a\n"]),
    (names.api, ["a", "a b!", "a" * 128], ["a" * 129]),
    (
        lambda name: names.rds_identifier("DBClusterIdentifier", name),
        ["a", "A1-b2", "a" * 63],
        ["", "1a", "-a", "a-", "a--b", "a_b", "a" * 64, "qa--1-", "a\n", "ä"],
    ),
    (
        names.database,
        ["a", "_a", "A1_b", "a" * 63],
        ["", "1a", "a-b", "a" * 64, "postgres", "RDSADMIN", "template0", "a\n"],
    ),
    (names.master_user, ["tandem", "Tandem_1", "a" * 63], ["", "admin", "ADMIN", "rdsadmin", "1a", "a-b", "a" * 64]),
    (
        names.zone,
        ["tandem.test", "example.com.test", "myexample.com", "example.co"],
        ["example.com", "EXAMPLE.com.", "a.b.example.org", "example.net", "x.example.com."],
    ),
    (names.certificate, ["a" * 64, "*.tandem.test"], ["a" * 65, "é" * 33]),
]
CASES = [
    (rule, name, right)
    for rule, rights, wrongs in EDGES
    for right in (True, False)
    for name in (rights if right else wrongs)
]


@pytest.mark.parametrize(("rule", "name", "right"), CASES)
def test_a_name_at_the_edge_of_its_rule(rule: Callable[[str], str | None], name: str, *, right: bool) -> None:
    assert (rule(name) is None) is right


def scaled(least: Any, most: Any, version: str = "16.8") -> dict[str, Any]:
    return {"EngineVersion": version, capacity.MEMBER: {"MinCapacity": least, "MaxCapacity": most}}


@pytest.mark.parametrize(
    ("least", "most", "version", "right"),
    [
        (0, 1, "16.8", True),
        (0, 1, "16.3", True),
        (0, 1, "17.4", True),
        (0, 1, "16.2", False),
        (0, 1, "15.6", False),
        (0, 1, "12.22", False),
        ("0.5", "1", "16.2", True),
        (0.5, 0.5, "16.8", False),
        (0.3, 1, "16.8", False),
        (2, 1, "16.8", False),
        (-1, 1, "16.8", False),
        (1, 256, "16.8", True),
        (1, 256.5, "16.8", False),
    ],
)
def test_the_capacity_of_a_cluster_is_held_to_its_bounds(least: Any, most: Any, version: str, *, right: bool) -> None:
    given = scaled(least, most, version)
    assert (capacity.refused(given) is None) is right
    assert (capacity.MEMBER in refusal("AWS::RDS::DBCluster", {**CLUSTER, **given})) is not right


@pytest.mark.parametrize("operation", ["CreateDBCluster", "ModifyDBCluster"])
def test_the_capacity_of_a_request_is_held_to_them_too(operation: str) -> None:
    engine = {"Engine": "aurora-postgresql"} if operation == "CreateDBCluster" else {}
    request = {"DBClusterIdentifier": "qa", **engine, **scaled(2.0, 1.0)}
    error: Any = answered("rds", operation, request, refusing()[1])
    assert error.response["Error"]["Code"] == "InvalidParameterValue"
    assert "MaxCapacity" in error.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([{"Id": "a", "Message": "x" * 131_072}, {"Id": "b", "Message": "x" * 131_073}], "BatchRequestTooLong"),
        ([{"Id": "a", "Message": "x"}, {"Id": "a", "Message": "y"}], "BatchEntryIdsNotDistinct"),
    ],
)
def test_a_batch_of_messages_is_held_to_the_size_of_one(entries: list[dict[str, str]], code: str) -> None:
    request = {"TopicArn": f"{ARN}orders", "PublishBatchRequestEntries": entries}
    error: Any = answered("sns", "PublishBatch", request, refusing()[1])
    assert error.response["Error"]["Code"] == code


@pytest.mark.parametrize(("size", "right"), [(4096, True), (4097, False)])
def test_a_parameter_holds_four_kilobytes_of_bytes_not_of_characters(size: int, *, right: bool) -> None:
    for value in ("x" * size, "é" * (size // 2) + "x" * (size % 2)):
        request = {"Name": "x", "Type": "String", "Value": value}
        assert (answered("ssm", "PutParameter", request, refusing()[1]) is None) is right


REPLICAS = [{"Region": region} for region in ("us-east-1", "us-east-2", "us-west-2")]
STRONG = {**TABLE, "MultiRegionConsistency": "STRONG", "Replicas": REPLICAS}
WITNESS = {"GlobalTableWitnesses": [{"Region": "us-east-2"}]}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"TimeToLiveSpecification": {"Enabled": True, "AttributeName": "a"}}, "#/TimeToLiveSpecification"),
        (
            {"LocalSecondaryIndexes": [{"IndexName": "byName", "KeySchema": TABLE["KeySchema"]}]},
            "#/LocalSecondaryIndexes",
        ),
        ({"Replicas": REPLICAS[:2]}, "#/Replicas"),
        (WITNESS, "#/Replicas"),
    ],
)
def test_what_a_strong_table_does_not_support_is_refused(changes: dict[str, Any], path: str) -> None:
    assert path in refusal("AWS::DynamoDB::GlobalTable", {**STRONG, **changes})


def test_a_strong_table_of_three_replicas_or_of_two_and_a_witness_is_made() -> None:
    assert refusal("AWS::DynamoDB::GlobalTable", STRONG) == ""
    two = {"Replicas": [REPLICAS[0], REPLICAS[2]], **WITNESS}
    assert refusal("AWS::DynamoDB::GlobalTable", {**STRONG, **two}) == ""
