"""What moves the takeover switch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


ACTIONS = ("set", "release", "status")
STEPS = {"set-takeover": "set", "release-takeover": "release"}
"""The plan's steps that move the switch, and what each asks for."""

_MOST_CHARACTERS = 200


def action_of(event: Mapping[str, Any]) -> tuple[str, str]:
    """What a direct invocation asks for, and why: by its `action`, or by the step of the plan that made it.

    Region switch invokes a custom action with `InvokedBy`, `PlanArn`, `ExecutionId` and `StepName` (ARC Region switch
    API Reference, Lambdas). Raises ValueError for anything else: the switch moves all traffic, and a typo must not.
    """
    action, step = event.get("action"), event.get("StepName")
    if isinstance(action, str) and action in ACTIONS:
        return action, str(event.get("reason", "direct invocation"))
    if "action" not in event and "PlanArn" in event and isinstance(step, str) and step in STEPS:
        return STEPS[step], str(event["PlanArn"])
    raise ValueError(
        f"{str(dict(event))[:_MOST_CHARACTERS]} is nothing that takeover does, and nothing was changed: send "
        f'{{"action": "set"}}, "release" or "status", or have a plan run {" or ".join(STEPS)}'
    )


class Switch(Protocol):
    """What says whether the secondary Region has taken over."""

    def set(self, *, active: bool, reason: str, at: float) -> None:
        """Set the switch, or release it, at `at` (epoch seconds)."""
        ...

    def state(self) -> dict[str, Any]:
        """Whether it is `active`, and the `reason` that was given when it was last moved."""
        ...


def act(event: Mapping[str, Any], switch: Switch, *, now: float) -> dict[str, Any]:
    """Do what a direct invocation or a plan asks for; answers with the state afterwards.

    Raises ValueError for anything else, before anything is read or written.
    """
    action, reason = action_of(event)
    if action != "status":
        switch.set(active=action == "set", reason=reason, at=now)
    return switch.state()
