from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
    stage: str, synthesized: Callable[[str], Path], snapshot: SnapshotAssertion
) -> None:
    for file in sorted(synthesized(stage).glob("*.template.json")):
        match = snapshot(name=f"{stage}-{file.name.partition('.')[0]}", extension_class=JSONSnapshotExtension)
        assert normalised(json.loads(file.read_text(encoding="utf-8"))) == match
