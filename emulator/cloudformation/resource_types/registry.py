"""Handlers of CloudFormation resource types, beside MiniStack's own or around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Callable

Properties = dict[str, Any]
HANDLERS: dict[str, dict[str, Callable[..., Any]]] = {}


def stock_handlers(resource_type: str) -> dict[str, Callable[..., Any]]:
    """MiniStack's handlers of a type; none where it knows none."""
    handlers: dict[str, Callable[..., Any]] = ministack.CFN_HANDLERS.value.get(resource_type, {})
    return handlers


def register(resource_type: str, **handlers: Callable[..., Any]) -> None:
    """Handle a type by these, and by MiniStack's where none is given."""
    stock: dict[str, Any] = stock_handlers(resource_type)
    # updates of ours take no logical id, whatever MiniStack's take
    own: dict[str, Any] = {**handlers, "update_with_logical_id": False} if "update" in handlers else handlers
    HANDLERS[resource_type] = {**stock, **own}


def physical_name(stack: str, logical_id: str) -> str:
    """A name for what the template leaves unnamed."""
    return str(ministack.CFN_PHYSICAL_NAME.value(stack, logical_id, lowercase=True, max_len=60))
