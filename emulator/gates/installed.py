"""Both gates in the embedded AWS: the one module of this package that knows MiniStack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack import app as ministack
from ministack.core.responses import get_region
from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, provisioners, stacks

from emulator.gates.door import Door
from emulator.gates.exports import refused_exports
from emulator.gates.gate import Gate
from emulator.gates.templates import Templates
from emulator.gates.updates import recreation, replacing

if TYPE_CHECKING:
    from collections.abc import Callable


class Gates:
    """The gates of one embedded AWS, in one mode; what they met is a page of `pages`."""

    def __init__(self, mode: str, pages: dict[str, Callable[[], Any]]) -> None:
        self._gate = Gate(mode)
        pages["gate"] = self._gate.report
        if mode != "off":
            self._check_resources()
            self._check_exports()
            _tell_replacements()

    def in_front_of(self, inner: Any) -> Any:
        """Stand in front of an ASGI app: the gate at the door."""
        return Door(self._gate, ministack._extract_s3_vhost_bucket).in_front_of(inner)

    def _check_resources(self) -> None:
        """Stand in front of CloudFormation's resource providers."""
        templates, create, update = Templates(self._gate), stacks._provision_resource, stacks._update_resource

        def created(resource_type: str, logical_id: str, properties: Any, stack: str) -> Any:
            templates.created(get_region(), resource_type, logical_id, properties)
            return create(resource_type, logical_id, properties, stack)

        def updated(*arguments: Any) -> Any:
            resource_type, _, before, after, _, logical_id, *_ = arguments
            templates.updated(get_region(), resource_type, logical_id, before, after)
            return update(*arguments)

        stacks._provision_resource, stacks._update_resource = created, updated

    def _check_exports(self) -> None:
        """Stand in front of what a stack exports, which is settled last."""
        resolve = stacks._resolve_stack_outputs

        def resolved(*arguments: Any) -> Any:
            outputs, exports = resolve(*arguments)
            stack_id, held = arguments[-1], dict(cloudformation._exports.items())
            importing = {
                name: handlers._imported_export_names(stack, name)
                for name, stack in cloudformation._stacks.items()
                if stack.get("StackId") != stack_id and "DELETE_COMPLETE" not in stack.get("StackStatus", "")
            }
            own = {name: each["Value"] for name, each in held.items() if each["StackId"] == stack_id}
            message = refused_exports(own, {name: each["Value"] for name, each in exports.items()}, importing)
            if message:
                self._gate.note("AWS::CloudFormation::Stack", message)
                if self._gate.refuses:
                    raise ValueError(message)
            for name in own.keys() - exports.keys():
                cloudformation._exports.pop(name, None)
            return outputs, exports

        stacks._resolve_stack_outputs = resolved


def _tell_replacements() -> None:
    """Have the schemas say which changes replace a resource, where MiniStack says it of some types only."""
    stock_recreation, stock_change = provisioners._property_recreation, provisioners._replacing_change

    def of_property(resource_type: str, name: str) -> str:
        return recreation(resource_type, name) or str(stock_recreation(resource_type, name))

    def of_change(resource_type: str, before: Any, after: Any) -> bool:
        names = replacing(resource_type, before, after)
        return bool(stock_change(resource_type, before, after) if names is None else names)

    for module in (provisioners, stacks):
        module._property_recreation, module._replacing_change = of_property, of_change
