"""Both gates in the embedded AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator import ministack
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

    def install(self) -> None:
        """Stand in front of CloudFormation, unless nothing is to be checked."""
        if self._gate.mode != "off":
            self._check_resources()
            self._check_exports()
            _tell_replacements()

    def in_front_of(self, inner: Any) -> Any:
        """Stand in front of an ASGI app: the gate at the door."""
        return Door(self._gate, ministack.APP_BUCKET_OF_HOST.value).in_front_of(inner)

    def _check_resources(self) -> None:
        """Stand in front of CloudFormation's resource providers."""
        templates = Templates(self._gate)
        create, update = ministack.CFN_CREATE.value, ministack.CFN_UPDATE.value

        def created(resource_type: str, logical_id: str, properties: Any, stack: str) -> Any:
            templates.created(ministack.get_region(), resource_type, logical_id, properties)
            return create(resource_type, logical_id, properties, stack)

        def updated(*arguments: Any) -> Any:
            resource_type, _, before, after, _, logical_id, *_ = arguments
            templates.updated(ministack.get_region(), resource_type, logical_id, before, after)
            return update(*arguments)

        ministack.CFN_CREATE.replace(created)
        ministack.CFN_UPDATE.replace(updated)

    def _check_exports(self) -> None:
        """Stand in front of what a stack exports, which is settled last."""
        resolve = ministack.CFN_OUTPUTS.value

        def resolved(*arguments: Any) -> Any:
            outputs, exports = resolve(*arguments)
            stack_id, held = arguments[-1], dict(ministack.CFN_EXPORTS.value.items())
            importing = {
                name: ministack.CFN_IMPORTS.value(stack, name)
                for name, stack in ministack.CFN_STACKS.value.items()
                if stack.get("StackId") != stack_id and "DELETE_COMPLETE" not in stack.get("StackStatus", "")
            }
            own = {name: each["Value"] for name, each in held.items() if each["StackId"] == stack_id}
            message = refused_exports(own, {name: each["Value"] for name, each in exports.items()}, importing)
            if message:
                self._gate.note("AWS::CloudFormation::Stack", message)
                if self._gate.refuses:
                    raise ValueError(message)
            for name in own.keys() - exports.keys():
                ministack.CFN_EXPORTS.value.pop(name, None)
            return outputs, exports

        ministack.CFN_OUTPUTS.replace(resolved)


def _tell_replacements() -> None:
    """Have the schemas say which changes replace a resource, where MiniStack says it of some types only."""
    stock_recreation, stock_change = ministack.CFN_RECREATION.value, ministack.CFN_REPLACING.value

    def of_property(resource_type: str, name: str) -> str:
        return recreation(resource_type, name) or str(stock_recreation(resource_type, name))

    def of_change(resource_type: str, before: Any, after: Any) -> bool:
        names = replacing(resource_type, before, after)
        return bool(stock_change(resource_type, before, after) if names is None else names)

    for name in (ministack.CFN_RECREATION, ministack.CFN_RECREATION_TOO):
        name.replace(of_property)
    for name in (ministack.CFN_REPLACING, ministack.CFN_REPLACING_TOO):
        name.replace(of_change)
