"""Templates that CloudFormation refuses before it makes anything, and those of every stage, which it takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.gates.template_format import refused
from tests.aws_says_no.test_resources import SNAPSHOTS

TOPIC: dict[str, Any] = {"Type": "AWS::SNS::Topic"}
BUCKET: dict[str, Any] = {"Type": "AWS::S3::Bucket"}


def named(value: Any) -> dict[str, Any]:
    return {**TOPIC, "Properties": {"DisplayName": value}}


def resources(**members: Any) -> dict[str, Any]:
    return {"Resources": members}


UNRESOLVED = "Template format error: Unresolved resource dependencies [{}] in the {} block of the template"
WRONG: list[tuple[dict[str, Any], str]] = [
    ({**resources(A=TOPIC), "Output": {}}, "Invalid template property or properties [Output]"),
    ({**resources(A=TOPIC), "AWSTemplateFormatVersion": "2011-01-01"}, "2011-01-01 is not a supported value"),
    ({"Outputs": {}}, "Template format error: At least one Resources member must be defined."),
    (resources(A={"Properties": {}}), "[/Resources/A] Every Resources object must contain a Type member."),
    ({"Resources": {"a-b": TOPIC}}, "Resource name a-b is non alphanumeric."),
    (resources(A={**TOPIC, "Dependson": "B"}), "Invalid template resource property 'Dependson'"),
    ({**resources(A=TOPIC), "Outputs": {"O": {}}}, "Every Outputs object must contain a Value member."),
    ({**resources(A=TOPIC), "Parameters": {"P": {}}}, "Every Parameters object must contain a Type member."),
    (resources(A={**TOPIC, "DeletionPolicy": "Keep"}), "Unrecognized DeletionPolicy Keep for resource A"),
    (resources(A={**TOPIC, "DeletionPolicy": "Snapshot"}), "AWS::SNS::Topic does not support DeletionPolicy Snapshot"),
    (resources(A=named(None)), "[/Resources/A/Properties/DisplayName] 'null' values are not allowed in templates"),
    (resources(A=named({"Fn::Upper": "x"})), "Encountered unsupported function: Fn::Upper"),
    (resources(A=named({"Ref": "B"})), UNRESOLVED.format("B", "Resources")),
    (resources(A=named({"Fn::GetAtt": ["B", "Arn"]})), UNRESOLVED.format("B", "Resources")),
    (resources(A=named({"Fn::GetAtt": "B.Arn"})), UNRESOLVED.format("B", "Resources")),
    (resources(A=named({"Fn::Sub": "x-${B}-${C.Arn}-${!D}"})), UNRESOLVED.format("B, C", "Resources")),
    (resources(A={**TOPIC, "DependsOn": ["B"]}), UNRESOLVED.format("B", "Resources")),
    ({**resources(A=TOPIC), "Outputs": {"O": {"Value": {"Ref": "B"}}}}, UNRESOLVED.format("B", "Outputs")),
    (
        resources(A=named({"Fn::GetAtt": ["B", "Arns"]}), B=BUCKET),
        "Template error: resource B does not support attribute type Arns in Fn::GetAtt",
    ),
    (
        resources(A=named({"Ref": "B"}), B=named({"Fn::Sub": "${C}"}), C={**TOPIC, "DependsOn": "A"}, D=TOPIC),
        "Circular dependency between resources: [A, B, C]",
    ),
    (resources(A=named({"Ref": "A"})), "Circular dependency between resources: [A]"),
    (resources(A={**TOPIC, "Condition": "X"}), "Unresolved condition dependency X in the Resources block"),
    (resources(A=named({"Fn::If": ["X", 1, 2]})), "Unresolved condition dependency X in the Resources block"),
    (
        {**resources(A=TOPIC), "Conditions": {"Y": {"Fn::Not": [{"Condition": "X"}]}}},
        "Unresolved condition dependency X in the Conditions block",
    ),
    (
        {
            **resources(A=TOPIC),
            "Outputs": {name: {"Value": "x", "Export": {"Name": "same"}} for name in ("O", "P")},
        },
        "two outputs are exported as same",
    ),
]


@pytest.mark.parametrize(("template", "said"), WRONG)
def test_what_cloudformation_refuses_of_a_template_is_refused(template: dict[str, Any], said: str) -> None:
    assert said in refused(template)


RIGHT: list[dict[str, Any]] = [
    resources(A=named({"Ref": "AWS::StackName"})),
    resources(A=named({"Fn::Sub": ["${x}-${B.Arn}-${AWS::Region}", {"x": {"Ref": "B"}}]}), B=BUCKET),
    resources(A=named({"Fn::GetAtt": ["B", "Anything"]}), B={"Type": "Custom::Thing"}),
    resources(A=named({"Fn::GetAtt": ["B", "Outputs.Any"]}), B={"Type": "AWS::CloudFormation::Stack"}),
    resources(A={**TOPIC, "DependsOn": "B"}, B={"Type": "AWS::RDS::DBInstance", "DeletionPolicy": "Snapshot"}),
    {
        **resources(A={**named({"Fn::If": ["X", {"Ref": "P"}, {"Ref": "AWS::NoValue"}]}), "Condition": "X"}),
        "Parameters": {"P": {"Type": "String"}},
        "Conditions": {"X": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
    },
    resources(A={"Type": "AWS::IAM::Role", "Properties": {"Policy": {"Statement": [{"Condition": "not ours"}]}}}),
]


@pytest.mark.parametrize("template", RIGHT)
def test_what_cloudformation_takes_of_a_template_is_taken(template: dict[str, Any]) -> None:
    assert refused(template) == ""


def test_the_templates_of_every_stage_are_taken() -> None:
    complaints = {
        str(file): refused(json.loads(file.read_text(encoding="utf-8"))) for file in SNAPSHOTS.glob("*/*.json")
    }
    assert len(complaints) > 5
    assert {file: message for file, message in complaints.items() if message} == {}
