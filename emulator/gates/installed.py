"""Both gates in the embedded AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator import ministack
from emulator.faults.requests import is_api
from emulator.gates import template_format
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
            self._check_templates()
            self._check_resources((ministack.CFN_CREATE, ministack.CFN_UPDATE))
            self._check_resources((ministack.CFN_NESTED_CREATE, ministack.CFN_NESTED_UPDATE))
            self._check_exports()
            _tell_replacements()

    def in_front_of(self, inner: Any) -> Any:
        """Stand in front of an ASGI app: the gate at the door. What is sent to an API is for the API to judge.

        An API answers 403 to a request that is signed for another service, whose model knows nothing of its routes.
        """
        guarded = Door(self._gate, ministack.APP_BUCKET_OF_HOST.value).in_front_of(inner)

        async def app(scope: Any, receive: Any, send: Any) -> None:
            to_api = scope["type"] == "http" and is_api(scope)
            await (inner if to_api else guarded)(scope, receive, send)

        return app

    def _check_templates(self) -> None:
        """Stand in front of what CloudFormation checks before there is a stack, and before a nested one."""

        def supported(stock: Any) -> Any:
            def validate(template: Any, *others: Any, **more: Any) -> Any:
                answer = stock(template, *others, **more)
                self._judge(template_format.refused(template))
                return answer

            return validate

        def given(stock: Any) -> Any:
            def resolve(template: Any, provided: Any, *others: Any) -> Any:
                names = [str(each["Key"]) for each in provided if "Key" in each]
                self._judge(template_format.refused_parameters(template, names))
                return stock(template, provided, *others)

            return resolve

        for name in ministack.CFN_TEMPLATES:
            name.replace(supported(name.value))
        for name in ministack.CFN_PARAMETERS:
            name.replace(given(name.value))
        acknowledged = ministack.CFN_NESTED_TEMPLATE.value

        def nested(parent: str, template: Any) -> Any:
            self._judge(template_format.refused(template))
            return acknowledged(parent, template)

        ministack.CFN_NESTED_TEMPLATE.replace(nested)

    def _judge(self, message: str) -> None:
        """Refuse a stack in CloudFormation's words, where there are any."""
        if message:
            self._gate.note("AWS::CloudFormation::Stack", message)
            if self._gate.refuses:
                raise ValueError(message)

    def _check_resources(self, names: tuple[ministack.Call, ministack.Call]) -> None:
        """Stand in front of CloudFormation's resource providers: what creates, and what updates."""
        creation, change = names
        templates = Templates(self._gate)
        create, update = creation.value, change.value

        def created(resource_type: str, logical_id: str, properties: Any, stack: str) -> Any:
            templates.created(ministack.get_region(), resource_type, logical_id, properties)
            return create(resource_type, logical_id, properties, stack)

        def updated(*arguments: Any) -> Any:
            resource_type, _, before, after, _, logical_id, *_ = arguments
            templates.updated(ministack.get_region(), resource_type, logical_id, before, after)
            return update(*arguments)

        creation.replace(created)
        change.replace(updated)

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
            self._judge(message)
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
