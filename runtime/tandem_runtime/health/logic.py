"""What a health check's request says of the API that took it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["own_endpoint"]


def own_endpoint(event: Mapping[str, Any]) -> str:
    """The API's own URL, which its stage passes on; empty where the function is invoked directly.

    Never the name in the request: after a failover the API's shared name belongs to the other Region.
    """
    return str((event.get("stageVariables") or {}).get("endpoint", ""))
