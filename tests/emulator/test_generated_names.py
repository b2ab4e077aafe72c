"""Names that a template leaves out keep the beginning of their stack's name and of their logical id."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from emulator.cloudformation.generated_names import cut
from tests.emulator.running import embedded_aws, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.emulator.running import Running

STACK, LOGICAL_ID = "a-stack-whose-name-is-longer-than-most", "ARoleWhoseLogicalIdIsLongerThanMost1A2B3C4D"


@pytest.mark.parametrize(
    ("stack", "logical_id", "room", "expected"),
    [
        ("stack", "Logical", 50, ("stack", "Logical")),
        ("s" * 40, "L" * 40, 50, ("s" * 24, "L" * 26)),
        ("s" * 40, "L" * 20, 50, ("s" * 30, "L" * 20)),
        ("s" * 10, "L" * 60, 50, ("s" * 10, "L" * 40)),
        ("s" * 40, "L" * 40, 18, ("s" * 9, "L" * 9)),
    ],
)
def test_each_part_is_cut_at_its_own_end(stack: str, logical_id: str, room: int, expected: tuple[str, str]) -> None:
    assert cut(stack, logical_id, room) == expected


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    with embedded_aws("generated-names") as running:
        yield running


def test_a_role_of_a_long_stack_has_64_characters_and_keeps_both_beginnings_through_an_update(aws: Running) -> None:
    stacks = aws.client("cloudformation")
    names: list[str] = []
    for description in ("first", "second"):
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        policy = {"Version": "2012-10-17", "Statement": [trust]}
        properties = {"AssumeRolePolicyDocument": policy, "Description": description}
        body = json.dumps({"Resources": {LOGICAL_ID: {"Type": "AWS::IAM::Role", "Properties": properties}}})
        change = stacks.update_stack if names else stacks.create_stack
        change(StackName=STACK, TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
        until(lambda: stacks.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"].endswith("E_COMPLETE"))
        [resource] = stacks.describe_stack_resources(StackName=STACK)["StackResources"]
        names.append(resource["PhysicalResourceId"])
    assert names[0] == names[1]
    assert len(names[0]) == 64
    assert names[0].startswith(f"{STACK[:24]}-{LOGICAL_ID[:20]}")
