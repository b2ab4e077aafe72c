from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import App
    from syrupy.assertion import SnapshotAssertion

HASH = re.compile(r"\b[0-9a-f]{64}\b")


def normalised(template: dict[str, Any]) -> Any:
    """A template without what changes with the content of an asset."""
    text = HASH.sub("<asset>", json.dumps(template))
    found = json.loads(text)
    for resource in found["Resources"].values():
        if resource["Type"] == "Custom::TandemLedgerSchema":
            resource["Properties"]["Version"] = "<version>"
    found["Resources"].pop("CDKMetadata", None)
    return found


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_templates_change_only_on_purpose(
    stage: str, compose: Callable[[str], App], snapshot: SnapshotAssertion
) -> None:
    for stack in compose(stage).synth().stacks:
        match = snapshot(name=f"{stage}-{stack.id}", extension_class=JSONSnapshotExtension)
        assert normalised(stack.template) == match
