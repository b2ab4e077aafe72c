"""CloudFormation's changes to what has its control plane in us-east-1: recorded, and failed while that is lost.

MiniStack's resource providers call its services within the process, where no request could be refused: without this a
stack of the surviving Region could change a role or a bucket that it could not change on AWS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator import ministack
from emulator.faults.control_planes import GLOBAL_REGION, is_global_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.faults.call_log import CallLog

_ACTIONS = ("create", "update", "delete")
_DONE = 200


def guard_cloudformation(is_lost: Callable[[str], bool], calls: CallLog) -> None:
    """Stand in front of the providers of every such type, once all of them are registered."""

    def guarded(resource_type: str, action: str, stock: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            lost = is_lost(GLOBAL_REGION)
            if calls.on:
                made = calls.add(
                    service="cloudformation",
                    operation=f"{action} {resource_type}",
                    region=GLOBAL_REGION,
                    caller="CloudFormation",
                )
                made.status = None if lost else _DONE
            if lost:
                raise RuntimeError(f"{resource_type}: its control plane is in {GLOBAL_REGION}, which does not answer")
            return stock(*arguments)

        return run

    handlers = ministack.CFN_HANDLERS.value
    for resource_type in [each for each in handlers if is_global_type(each)]:
        stock = handlers[resource_type]
        around = {name: guarded(resource_type, name, stock[name]) for name in _ACTIONS if name in stock}
        handlers[resource_type] = {**stock, **around}
