"""Compare what the embedded AWS ignored of a deployed stage with the list that explains it."""

from __future__ import annotations

import json
import tomllib
import urllib.request
from pathlib import Path
from typing import Any

__all__ = ["explained", "ignored", "not_delivered"]

LIST = Path(__file__).resolve().parents[1] / "emulator" / "ignored_properties.toml"


def _report(url: str, assembly: Path) -> dict[str, dict[str, dict[str, list[str]]]]:
    """Return what the handlers were given and read, of the stacks in `assembly` alone."""
    with urllib.request.urlopen(f"{url}/_emulator/coverage", timeout=10) as answer:  # noqa: S310 - loopback
        report = json.load(answer)
    return {stack: report[stack] for stack in _templates(assembly)}


def _templates(assembly: Path) -> dict[str, dict[str, Any]]:
    """Return the templates of a cloud assembly, by stack name."""
    manifest = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))
    return {
        artifact["properties"].get("stackName", name): json.loads(
            (assembly / artifact["properties"]["templateFile"]).read_text(encoding="utf-8")
        )
        for name, artifact in manifest["artifacts"].items()
        if artifact["type"] == "aws:cloudformation:stack"
    }


def explained() -> set[str]:
    """Return what may be ignored, as `type property`."""
    entries: dict[str, dict[str, str]] = tomllib.loads(LIST.read_text(encoding="utf-8"))
    assert all(reason for properties in entries.values() for reason in properties.values())
    return {f"{name} {path}" for name, properties in entries.items() for path in properties}


def ignored(url: str, assembly: Path) -> set[str]:
    """Return what a handler was given and did not read, as `type property`; `type .` copies what it is given."""
    return {
        f"{resource_type} {path}"
        for types in _report(url, assembly).values()
        for resource_type, seen in types.items()
        for path in (*seen["ignored"], *seen["copied"])
    }


def not_delivered(url: str, assembly: Path) -> set[str]:
    """Return what a template holds and no handler was given, as `stack type property`: nothing can be told of it.

    A custom resource hands all of its properties to its function.
    """
    report = _report(url, assembly)
    missing = set()
    for stack, template in _templates(assembly).items():
        for resource in template["Resources"].values():
            resource_type = resource["Type"]
            if resource_type.startswith("Custom::") or resource_type == "AWS::CloudFormation::CustomResource":
                continue
            given = report[stack].get(resource_type, {}).get("given", [])
            missing |= {f"{stack} {resource_type} {key}" for key in resource.get("Properties", {}) if key not in given}
            if resource_type not in report[stack]:
                missing.add(f"{stack} {resource_type}")
    return missing
