"""Templates on a running embedded AWS: what is refused before there is a stack, and what is judged in nested ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.aws_says_no.test_deployed import TOPIC, deploy, page
from tests.aws_says_no.test_templates import WRONG
from tests.emulator.running import Running, embedded_aws, until

if TYPE_CHECKING:
    from collections.abc import Iterator

MANY = {"Resources": {"A": TOPIC}}


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    with embedded_aws("templates") as running:
        running.client("s3").create_bucket(Bucket="templates")
        yield running


def uploaded(aws: Running, name: str, template: dict[str, Any]) -> str:
    aws.client("s3").put_object(Bucket="templates", Key=name, Body=json.dumps(template).encode())
    return f"{aws.url}/templates/{name}"


def padded(size: int) -> dict[str, Any]:
    """A template whose text is longer than `size` bytes, by its metadata."""
    return {**MANY, "Metadata": {"Padding": "x" * size}}


@pytest.mark.parametrize(("template", "said"), WRONG[::4])
def test_a_template_that_is_refused_leaves_neither_stack_nor_change_set(
    aws: Running, template: dict[str, Any], said: str
) -> None:
    stacks, text = aws.client("cloudformation"), json.dumps(template)
    with pytest.raises(ClientError) as refused:
        stacks.create_stack(StackName="refused", TemplateBody=text)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert said in str(refused.value)
    with pytest.raises(ClientError) as refused:
        stacks.create_change_set(StackName="refused", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=text)
    assert said in str(refused.value)
    assert [each["StackName"] for each in stacks.describe_stacks()["Stacks"]].count("refused") == 0


def section(name: str, count: int, member: dict[str, Any]) -> dict[str, Any]:
    return {**MANY, name: {f"M{number}": member for number in range(count)}}


@pytest.mark.parametrize(
    ("template", "parameters", "said"),
    [
        (section("Resources", 501, TOPIC), [], "Number of resources, 501, is greater than maximum allowed, 500"),
        (section("Outputs", 201, {"Value": "x"}), [], "Number of outputs, 201"),
        (section("Parameters", 201, {"Type": "String", "Default": "x"}), [], "Number of parameters, 201"),
        (section("Mappings", 201, {"a": {"b": "c"}}), [], "Number of mappings, 201"),
        ({"Resources": {"A": {"Type": "AWS::Nowhere::Thing"}}}, [], "Unrecognized resource types"),
        (padded(51_200), [], "51200"),
        (section("Parameters", 1, {"Type": "String"}), [], "M0"),
        (
            section("Parameters", 1, {"Type": "String", "AllowedValues": ["a"]}),
            [{"ParameterKey": "M0", "ParameterValue": "b"}],
            "is not in AllowedValues",
        ),
        (MANY, [{"ParameterKey": "None", "ParameterValue": "b"}], "Parameters: [None] do not exist in the template"),
        (
            section("Parameters", 1, {"Type": "Number"}),
            [{"ParameterKey": "M0", "ParameterValue": "b"}],
            "M0",
        ),
    ],
)
def test_sizes_parameters_and_types_are_refused_in_a_change_set(
    aws: Running, template: dict[str, Any], parameters: list[dict[str, str]], said: str
) -> None:
    request = {"StackName": "refused", "TemplateBody": json.dumps(template), "Parameters": parameters}
    with pytest.raises(ClientError) as refused:
        aws.client("cloudformation").create_change_set(ChangeSetName="c", ChangeSetType="CREATE", **request)
    assert said in str(refused.value)


def test_a_template_of_a_bucket_may_be_larger_but_not_a_megabyte(aws: Running) -> None:
    stacks = aws.client("cloudformation")
    with pytest.raises(ClientError, match="may not exceed 1000000 bytes"):
        stacks.create_stack(StackName="large", TemplateURL=uploaded(aws, "large", padded(1_000_000)))
    stacks.create_stack(StackName="large", TemplateURL=uploaded(aws, "smaller", padded(60_000)))


def nested(url: str) -> dict[str, Any]:
    return {"Resources": {"Child": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}}}


@pytest.mark.parametrize(
    ("child", "said"),
    [
        ({"Resources": {"A": {**TOPIC, "Properties": {"TopicNam": "x"}}}}, "extraneous key [TopicNam]"),
        ({"Resources": {"A": {**TOPIC, "DependsOn": "B"}}}, "Unresolved resource dependencies [B]"),
    ],
)
def test_a_nested_stack_is_held_to_the_same(aws: Running, child: dict[str, Any], said: str) -> None:
    name = f"parent-{said.split(maxsplit=1)[0].lower()}"
    status, reasons = deploy(aws, name, nested(uploaded(aws, name, child)))
    assert status == "ROLLBACK_COMPLETE"
    assert said in reasons


def test_a_nested_stack_that_is_right_is_made_and_its_resources_are_counted(aws: Running) -> None:
    before = page(aws)["checked"]["resources"]
    assert deploy(aws, "parent", nested(uploaded(aws, "right", MANY)))[0] == "CREATE_COMPLETE"
    until(lambda: page(aws)["checked"]["resources"] == before + 2)
