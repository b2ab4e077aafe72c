"""Functions: what MiniStack's handler drops of them."""

from __future__ import annotations

import json
from http import HTTPStatus

from emulator import ministack
from emulator.cloudformation.resource_types.registry import Properties, register, stock_handlers


def _reserve(name: str, properties: Properties) -> None:
    """Cap the function's concurrency, or free it: only MiniStack's API sets a cap. Raises ValueError for a refusal."""
    reserved = properties.get("ReservedConcurrentExecutions")
    if reserved is None:
        ministack.LAMBDA_FUNCTIONS.value[name]["concurrency"] = None
        return
    status, _, body = ministack.LAMBDA_RESERVE.value(name, {"ReservedConcurrentExecutions": int(reserved)})
    if status != HTTPStatus.OK:
        raise ValueError(json.loads(body)["message"])


def register_functions() -> None:
    """Register the Lambda types."""
    stock = stock_handlers("AWS::Lambda::Function")

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        name, attributes = stock["create"](logical_id, properties, stack)
        _reserve(name, properties)
        return name, attributes

    def update(name: str, old: Properties, properties: Properties, stack: str) -> tuple[str, Properties]:
        name, attributes = stock["update"](name, old, properties, stack)
        _reserve(name, properties)
        return name, attributes

    register("AWS::Lambda::Function", create=create, update=update)
