"""A request's path against a route's, compared once: MiniStack makes a pattern of each route, four times a request.

What comes out depends on the two paths alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST = 8_192


def install() -> None:
    """Take the place of MiniStack's comparison."""
    ministack.APIGATEWAY_PATH_PARAMETERS.replace(remembering(ministack.APIGATEWAY_PATH_PARAMETERS.value))


def remembering(
    compare: Callable[[str, str], dict[str, str] | None],
) -> Callable[[str, str], dict[str, str] | None]:
    """Compare two paths once; each caller gets parameters of its own, because they become part of an event."""
    known = lru_cache(_MOST)(compare)

    def parameters(route_path: str, request_path: str) -> dict[str, str] | None:
        found = known(route_path, request_path)
        return None if found is None else dict(found)

    return parameters
