"""Every keyword and format of CloudFormation's schemas is evaluated, or listed with the reason why it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.gates import formats
from emulator.gates.keywords import EVALUATED, NOT_EVALUATED, OF_RESOURCES
from emulator.gates.properties import Properties
from emulator.gates.schemas import schema_of, types_of

if TYPE_CHECKING:
    from collections.abc import Iterator

EAST = "us-east-1"
OF_NAMES = ("properties", "patternProperties", "definitions")
OF_ONE = ("items", "additionalProperties", "not", "if", "then", "else")
OF_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")
TYPOS = {r"(^arn:[a-z\d-]+:rekognition:[a-z\d-]+:\d{12}:collection\/([a-zA-Z0-9_.\-]+){1,255})"}
"""A pattern that stands in the place of a format in one of AWS's schemas."""


def schemas_within(schema: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(schema, dict):
        return
    yield schema
    for keyword in OF_NAMES:
        for each in (schema.get(keyword) or {}).values():
            yield from schemas_within(each)
    for keyword in OF_ONE:
        yield from schemas_within(schema.get(keyword))
    for keyword in OF_SEVERAL:
        for each in schema.get(keyword) or ():
            yield from schemas_within(each)


@pytest.fixture(scope="module")
def everything() -> list[dict[str, Any]]:
    """Every schema within the schema of every type of a Region."""
    return [each for name in types_of(EAST) for each in schemas_within(schema_of(EAST, name))]


def test_every_keyword_is_evaluated_or_listed_with_a_reason(everything: list[dict[str, Any]]) -> None:
    used = {keyword for schema in everything for keyword in schema}
    assert used - EVALUATED - OF_RESOURCES - NOT_EVALUATED.keys() == set()
    assert not EVALUATED & NOT_EVALUATED.keys()


def test_every_format_is_known(everything: list[dict[str, Any]]) -> None:
    used = {schema["format"] for schema in everything if isinstance(schema.get("format"), str)}
    assert len(used) > 20
    assert {name for name in used if formats.of(name) is None} - formats.UNCONSTRAINED == TYPOS


def problems(schema: dict[str, Any], value: Any) -> str:
    properties = Properties({"properties": {"P": schema}}, {})
    return "; ".join(map(str, properties.check({"P": value})))


KEY = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("json", '{"a": [1]}', "{a: 1}"),
        ("ipv4-network", "10.0.0.1/16", "10.0.0.0"),
        ("ipv4-network", "10.0.0.0/32", "10.0.0.0/33"),
        ("ipv6-network", "fd00::/8", "10.0.0.0/8"),
        ("date-time", "2026-11-26T10:00:00Z", "yesterday"),
        ("uri", "https://a.test", "a.test"),
        ("int64", 2**63 - 1, 2**63),
        ("AWS::EC2::VPC.Id", "vpc-0123456789abcdef0", "vpc-1"),
        ("AWS::EC2::SecurityGroup.Ids", ["sg-01234567"], ["sg-01234567", "default"]),
        ("AWS::IAM::Role.Arn", "arn:aws:iam::000000000000:role/x", "arn:aws:iam::000000000000:user/x"),
        ("AWS::KMS::Key.Id", f"mrk-{KEY.replace('-', '')}", "a-key"),
        ("AWS::KMS::Key.Id", KEY, "mrk-1"),
        ("AWS::SNS::Topic.Arn", "arn:aws:sns:us-east-1:000000000000:t", "arn:aws:sqs:us-east-1:000000000000:t"),
        ("AWS::S3::Bucket.Name", "orders.eu-1", "orders.-eu"),
        ("AWS::Logs::LogGroup.Name", "/aws/lambda/f", "a group"),
    ],
)
def test_a_format_takes_its_own_and_refuses_another(name: str, right: Any, wrong: Any) -> None:
    assert problems({"format": name}, right) == ""
    assert f"keyword [format]: {name}" in problems({"format": name}, wrong)


@pytest.mark.parametrize(
    ("schema", "right", "wrong", "said"),
    [
        ({"type": "integer", "multipleOf": 10}, "20", "25", "25 is not a multiple of 10"),
        ({"type": "number", "exclusiveMaximum": 1}, 0.5, 1, "1 is not less than 1"),
        ({"type": "number", "exclusiveMinimum": 0}, 0.5, 0, "0 is not greater than 0"),
        ({"maxUniqueItems": 1}, ["a", "a"], ["a", "b"], "expected at most 1 different items"),
        (
            {"dependencies": {"a": {"required": ["b"]}, "c": ["d"]}},
            {"a": 1, "b": 1},
            {"a": 1},
            "required key [b] not found",
        ),
        ({"prefixItems": [{"type": "integer"}], "items": {"type": "boolean"}}, [1, True], ["x"], "/0: expected type"),
    ],
)
def test_a_keyword_that_was_not_evaluated_is(schema: dict[str, Any], right: Any, wrong: Any, said: str) -> None:
    assert problems(schema, right) == ""
    assert said in problems(schema, wrong)
