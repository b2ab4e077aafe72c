"""EventBridge rules go with their Region: MiniStack's clock would ask functions of one that is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator import ministack
from emulator.ministack import get_region

if TYPE_CHECKING:
    from collections.abc import Callable


def install(is_lost: Callable[[str], bool]) -> None:
    """Invoke no target of a rule of a Region that is lost."""
    stock = ministack.EVENTBRIDGE_INVOKE.value

    def invoke(*arguments: Any, **named: Any) -> Any:
        return None if is_lost(get_region()) else stock(*arguments, **named)

    ministack.EVENTBRIDGE_INVOKE.replace(invoke)
