"""Functions: what MiniStack's handler drops of them."""

from __future__ import annotations

from emulator import ministack
from emulator.cloudformation.resource_types.registry import Properties, register, stock_handlers


def _reserve(name: str, properties: Properties) -> None:
    """Cap the function's concurrency, or free it: MiniStack enforces a cap, but only its API sets one."""
    reserved = properties.get("ReservedConcurrentExecutions")
    ministack.LAMBDA_FUNCTIONS.value[name]["concurrency"] = None if reserved is None else int(reserved)


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
