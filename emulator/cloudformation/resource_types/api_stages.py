"""Stages of HTTP APIs: MiniStack stores their limits as templates spell them, where GetStage then leaves them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.cloudformation.resource_types.registry import Properties, register, stock_handlers

if TYPE_CHECKING:
    from collections.abc import Mapping


def register_api_stages() -> None:
    """Register the type: its names begin in lower case in the API (API Gateway v2 API Reference, RouteSettings)."""
    stock = stock_handlers("AWS::ApiGatewayV2::Stage")

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        _spell_as_the_api(properties)
        name, attributes = stock["create"](logical_id, properties, stack)
        return name, attributes

    def update(name: str, old: Properties, properties: Properties, stack: str) -> tuple[str, Properties]:
        _spell_as_the_api(properties)
        name, attributes = stock["update"](name, old, properties, stack)
        return name, attributes

    register("AWS::ApiGatewayV2::Stage", create=create, update=update)


def _spell_as_the_api(properties: Properties) -> None:
    """Change the limits where they are, because a copy would hide which of the other properties are read.

    Every handler is given properties of its own.
    """
    if "DefaultRouteSettings" in properties:
        properties["DefaultRouteSettings"] = _decapitalized(properties["DefaultRouteSettings"] or {})
    if "RouteSettings" in properties:
        routes = properties["RouteSettings"] or {}
        properties["RouteSettings"] = {key: _decapitalized(limits) for key, limits in routes.items()}


def _decapitalized(limits: Mapping[str, Any]) -> dict[str, Any]:
    return {name[:1].lower() + name[1:]: value for name, value in limits.items()}
