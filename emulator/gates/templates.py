"""The gate in CloudFormation: resources whose properties AWS's schemas refuse, and updates that CloudFormation refuses.

Custom resources are not looked at: what they take is their function's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.gates import resources_by_hand
from emulator.gates.properties import Properties
from emulator.gates.schemas import is_custom, knows_region, schema_of
from emulator.gates.updates import refused_change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.gates.gate import Gate
    from emulator.gates.problems import Problem

_SYSTEM_TAGS = "aws:cloudformation:"


class RefusedResourceError(ValueError):
    """CloudFormation would refuse the resource; the message is what it would say."""


class Templates:
    """Checks resources as they are created and updated, after their references are resolved."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._compiled: dict[int, Properties] = {}

    def created(self, region: str, resource_type: str, logical_id: str, properties: Mapping[str, Any]) -> None:
        """Check a resource that is about to be made; raises `RefusedResourceError`."""
        if is_custom(resource_type) or self._gate.mode == "off":
            return
        with self._gate.counting("resources"):
            self._created(region, resource_type, logical_id, properties)

    def _created(self, region: str, resource_type: str, logical_id: str, properties: Mapping[str, Any]) -> None:
        schema = schema_of(region, resource_type)
        if schema is None:
            if knows_region(region):
                self._refuse(resource_type, f"Template format error: Unrecognized resource types: [{resource_type}]")
            return
        if id(schema) not in self._compiled:
            self._compiled[id(schema)] = Properties(schema, self._gate.unread_patterns)
        given = _without_system_tags(schema, properties)
        problems = self._compiled[id(schema)].check(given) or resources_by_hand.problems(resource_type, given)
        self._judge(resource_type, logical_id, problems)

    def updated(
        self,
        region: str,
        resource_type: str,
        logical_id: str,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
    ) -> None:
        """Check a resource that is about to be changed; raises `RefusedResourceError`."""
        if is_custom(resource_type) or self._gate.mode == "off" or before == after:
            return
        self.created(region, resource_type, logical_id, after)
        if message := refused_change(resource_type, before, after):
            self._refuse(resource_type, message)
        self._judge(resource_type, logical_id, resources_by_hand.changes(resource_type, before, after))

    def _judge(self, resource_type: str, logical_id: str, problems: list[Problem]) -> None:
        counted = [each for each in problems if not self._gate.is_exempt(resource_type, each.path, each.message)]
        if counted:
            told = "\n".join(map(str, counted))
            self._refuse(
                resource_type, f"Properties validation failed for resource {logical_id} with message:\n[{told}]"
            )

    def _refuse(self, resource_type: str, message: str) -> None:
        self._gate.note(resource_type, message)
        if self._gate.refuses:
            raise RefusedResourceError(message)


def _without_system_tags(schema: Mapping[str, Any], properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties as the template has them: CloudFormation adds tags afterwards, under a prefix of its own."""
    name = str((schema.get("tagging") or {}).get("tagProperty", "/properties/Tags")).rpartition("/")[2]
    tags = properties.get(name)
    if isinstance(tags, dict):
        kept: Any = {key: value for key, value in tags.items() if not str(key).startswith(_SYSTEM_TAGS)}
    elif isinstance(tags, list):
        kept = [each for each in tags if not (isinstance(each, dict) and _is_system_tag(each))]
    else:
        return properties
    return {key: value for key, value in {**properties, name: kept}.items() if key != name or kept}


def _is_system_tag(tag: Mapping[str, Any]) -> bool:
    return str(tag.get("Key", "")).startswith(_SYSTEM_TAGS)
