"""Direct invocations of the deployed functions that an operator may call."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from contract.parameters import SWEEPER_FUNCTION, TAKEOVER_FUNCTION
from operations.errors import OperationError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint


class UnansweredError(OperationError):
    """A function was called and gave no answer: it may not have run, or run still."""


class FailedError(OperationError):
    """A function ran and raised: `kind` is the name of what it raised (Lambda Developer Guide, errorType), or empty."""

    def __init__(self, said: str, *, kind: str) -> None:
        super().__init__(said)
        self.kind = kind


@dataclass(frozen=True, kw_only=True)
class Switch:
    """The takeover switch: whether it is set, and why and when (seconds since 1970) it was last moved."""

    active: bool
    reason: str
    at: float | None


def invoke(client: LambdaClient, region: str, function: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Invoke a function and return its JSON answer; raises OperationError when it is away or reports an error.

    `client` is the Lambda client of `region`: a patient one for a function that runs for minutes.
    """
    try:
        answer = client.invoke(FunctionName=function, Payload=json.dumps(payload).encode())
        body = answer["Payload"].read().decode(errors="replace")
    except (BotoCoreError, ClientError, KeyError) as error:
        raise UnansweredError(f"{function} in {region} could not be called: {error}") from error
    if answer.get("FunctionError"):
        raise FailedError(f"{function} in {region} failed: {body[:300]}", kind=_kind(body))
    try:
        result = json.loads(body or "null")
    except ValueError:
        raise OperationError(
            f"{function} in {region} answered no JSON ({body[:40]!r}): look for a proxy or another server between"
        ) from None
    return result if isinstance(result, dict) else {"result": result}


def _kind(body: str) -> str:
    try:
        error = json.loads(body)
    except ValueError:
        return ""
    return str(error.get("errorType", "")) if isinstance(error, dict) else ""


def takeover(
    endpoint: Endpoint, deployment: Deployment, action: Literal["set", "release", "status"], reason: str
) -> bool:
    """Set, release or read the takeover switch, through the secondary Region only; return whether it is set now.

    Raises OperationError when the function does not say so, or the switch is not as it was to be.
    """
    return switch(endpoint, deployment, action, reason).active


def switch(
    endpoint: Endpoint, deployment: Deployment, action: Literal["set", "release", "status"], reason: str
) -> Switch:
    """Do what `takeover` does, and return all that is known of the switch; raises OperationError likewise."""
    region = deployment.regions.secondary
    function = deployment.find(region, TAKEOVER_FUNCTION) or deployment.names.function("takeover")
    answer = invoke(endpoint.functions(region), region, function, {"action": action, "reason": reason})
    active = answer.get("active")
    if not isinstance(active, bool):
        raise OperationError(f"{function} in {region} does not say whether the takeover switch is set: {answer}")
    if action != "status" and active != (action == "set"):
        raise OperationError(f"the takeover switch is {'still' if active else 'not'} set after {action}: run it again")
    moved = answer.get("at")
    return Switch(
        active=active,
        reason=str(answer.get("reason", "")),
        at=float(moved) if isinstance(moved, int | float) else None,
    )


def sweep(endpoint: Endpoint, deployment: Deployment, region: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Run a Region's sweeper once and wait for it, about a minute; it acts only where the ledger takes writes.

    While another run works on the ledger it does nothing, and answers `busy`.
    """
    function = deployment.find(region, SWEEPER_FUNCTION) or deployment.names.function("sweeper")
    return invoke(endpoint.long_functions(region), region, function, payload)


def swept(answer: dict[str, Any]) -> str | None:
    """Return why a sweeper's answer is not that of a sweep which ran, None when it is."""
    if answer.get("swept") is True and isinstance(answer.get("inserted"), int) and "done" in answer:
        return None
    return "its ledger takes no writes" if answer.get("role") == "replica" else f"the sweeper answered {answer}"
