"""Somebody else's service on Tandem's constructs: it is short, and its templates say what it should be."""

from __future__ import annotations

from pathlib import Path

import pytest
from aws_cdk import App
from aws_cdk.assertions import Match, Template

from examples.notes.app import AWAY, HOME, STACKS, TABLE, build

APP = Path(__file__).parents[2] / "examples" / "notes" / "app.py"


@pytest.fixture(scope="module")
def templates() -> dict[str, Template]:
    app = App()
    build(app, "000000000000")
    assembly = app.synth()
    return {name: Template.from_json(assembly.get_stack_by_name(name).template) for name in STACKS}


def test_a_two_region_service_takes_less_than_sixty_lines_of_code() -> None:
    lines = [line for line in APP.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) < 60


def test_the_notes_are_in_both_regions_under_a_key_of_both(templates: dict[str, Template]) -> None:
    templates["NotesHome"].has_resource_properties(
        "AWS::DynamoDB::GlobalTable",
        {
            "TableName": TABLE,
            "Replicas": [
                Match.object_like({"Region": region, "SSESpecification": Match.any_value()}) for region in (AWAY, HOME)
            ],
        },
    )
    templates["NotesShared"].has_resource_properties("AWS::KMS::Key", {"MultiRegion": True})
    templates["NotesHome"].resource_count_is("AWS::KMS::ReplicaKey", 1)


def test_each_region_has_a_writer_that_needs_nothing_of_the_other_one(templates: dict[str, Template]) -> None:
    for name in ("NotesHome", "NotesAway"):
        templates[name].has_resource_properties("AWS::Lambda::Function", {"FunctionName": "notes"})
        policies = templates[name].find_resources("AWS::IAM::Policy")
        written = str([policy for key, policy in policies.items() if "Write" in key])
        assert "dynamodb:PutItem" in written
        other = AWAY if name == "NotesHome" else HOME
        assert other not in written
