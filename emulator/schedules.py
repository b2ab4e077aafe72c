"""EventBridge rules go with their Region: MiniStack's clock would ask functions of one that is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_region
from ministack.services import eventbridge

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["install"]


def install(is_lost: Callable[[str], bool]) -> None:
    """Invoke no target of a rule of a Region that is lost."""
    stock = eventbridge._invoke_target

    def invoke(*arguments: Any, **named: Any) -> Any:
        return None if is_lost(get_region()) else stock(*arguments, **named)

    eventbridge._invoke_target = invoke
