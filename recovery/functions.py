"""Direct invocations of the deployed functions that an operator may call."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from recovery.errors import OperationError

if TYPE_CHECKING:
    from recovery.deployment import Deployment
    from recovery.endpoint import Endpoint

__all__ = ["invoke", "sweep", "takeover"]


def invoke(endpoint: Endpoint, region: str, function: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Invoke a function and return its JSON answer; raises OperationError when it is away or reports an error."""
    try:
        answer = endpoint.functions(region).invoke(FunctionName=function, Payload=json.dumps(payload).encode())
        body = answer["Payload"].read().decode()
    except (BotoCoreError, ClientError) as error:
        raise OperationError(f"{function} in {region} could not be called: {error}") from error
    if answer.get("FunctionError"):
        raise OperationError(f"{function} in {region} failed: {body[:300]}")
    result = json.loads(body or "null")
    return result if isinstance(result, dict) else {"result": result}


def takeover(
    endpoint: Endpoint, deployment: Deployment, action: Literal["set", "release", "status"], reason: str
) -> dict[str, Any]:
    """Set, release or read the takeover switch, through the secondary Region only."""
    region = deployment.regions.secondary
    function = deployment.find(region, "takeover-function") or f"tandem-takeover-{deployment.stage}"
    return invoke(endpoint, region, function, {"action": action, "reason": reason})


def sweep(endpoint: Endpoint, deployment: Deployment, region: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Run a Region's sweeper now; it acts only where the local ledger takes writes."""
    function = deployment.find(region, "sweeper-function") or f"tandem-sweeper-{deployment.stage}"
    return invoke(endpoint, region, function, payload)
