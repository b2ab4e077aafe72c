"""The resources of a stage, from the cloud assembly that synthesis writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path


class AssemblyError(ValueError):
    """The folder holds no cloud assembly, or one whose stacks have no Region."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of a template, and the Region of its stack."""

    region: str
    id: str
    type: str
    properties: Mapping[str, Any]

    @property
    def service(self) -> str:
        """The middle of `AWS::Service::Type`; `Custom` for a custom resource."""
        parts = self.type.split("::")
        return parts[1] if parts[0] == "AWS" else parts[0]


def resources(region: str, template: Mapping[str, Any]) -> Iterator[Resource]:
    """Return what one template declares."""
    for logical_id, declaration in template["Resources"].items():
        yield Resource(
            region=region, id=logical_id, type=declaration["Type"], properties=declaration.get("Properties", {})
        )


def read_assembly(folder: Path) -> list[Resource]:
    """Return the resources of all stacks of a cloud assembly; raises AssemblyError when `folder` holds none."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
        return list(_all_resources(folder, manifest["artifacts"].values()))
    except (OSError, ValueError, KeyError) as error:
        raise AssemblyError(f"{folder} holds no cloud assembly ({error}): run make synth first") from error


def _all_resources(folder: Path, artifacts: Iterable[Mapping[str, Any]]) -> Iterator[Resource]:
    for artifact in artifacts:
        if artifact["type"] == "aws:cloudformation:stack":
            region = artifact["environment"].rpartition("/")[2]
            yield from resources(region, json.loads((folder / artifact["properties"]["templateFile"]).read_text()))
