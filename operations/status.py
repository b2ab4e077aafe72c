"""What state is the stage in: asked of whichever Region answers."""

from __future__ import annotations

import contextlib
import http.client
import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from contract import parameters
from contract.operational import heartbeat_key
from operations.endpoint import ApiClient
from operations.errors import OperationError
from operations.global_database import ledger_state
from operations.invocations import takeover
from operations.quarantine import entries, held

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

__all__ = ["FRESH_SECONDS", "gather", "healthy", "heartbeats", "iterator_age_seconds", "show", "verdict"]

OK = 200
FRESH_SECONDS = 120
"""The age from which on a heartbeat, due every minute, is missing."""


def heartbeats(endpoint: Endpoint, deployment: Deployment, region: str) -> dict[str, float]:
    """Return the age in seconds of each Region's last heartbeat, as `region` has received it."""
    table = deployment.operational_table(region)
    ages = {}
    for origin in deployment.regions.both:
        try:
            answer = endpoint.dynamodb(region).get_item(TableName=table, Key=heartbeat_key(origin))
        except (BotoCoreError, ClientError):
            return {}
        at = answer.get("Item", {}).get("at", {}).get("N")
        if at is not None:
            ages[origin] = max(0.0, time.time() - float(at))
    return ages


def iterator_age_seconds(endpoint: Endpoint, deployment: Deployment, region: str) -> float | None:
    """Return the projector's iterator age over the last five minutes, None where it has read nothing in that time.

    Raises BotoCoreError or ClientError when the Region does not tell it.
    """
    client: CloudWatchClient = endpoint._client("cloudwatch", region)  # noqa: SLF001 - the same package
    now = datetime.now(tz=UTC)
    answer = client.get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="IteratorAge",
        Dimensions=[{"Name": "FunctionName", "Value": deployment.names.function("projector")}],
        StartTime=now - timedelta(minutes=5),
        EndTime=now,
        Period=60,
        Statistics=["Maximum"],
    )
    points = sorted(answer.get("Datapoints", []), key=lambda point: point["Timestamp"])
    return points[-1]["Maximum"] / 1000 if points else None


def healthy(endpoint: Endpoint, deployment: Deployment, region: str) -> bool:
    """Say whether the Region's API answers its health check."""
    url = deployment.find(region, parameters.API_URL)
    if url is None:
        return False
    try:
        with ApiClient(endpoint, {region: url}, timeout_seconds=2) as client:
            return client.request(region, "GET", "/healthz")[0] == OK
    except (OSError, http.client.HTTPException):
        return False


def gather(endpoint: Endpoint, deployment: Deployment) -> dict[str, Any]:
    """Return the state of the stage as plain data; what could not be asked is None."""
    view = next((region for region in reversed(deployment.regions.both) if deployment.has(region)), None)
    if view is None:
        raise OperationError("no Region answered")
    ledger: dict[str, Any] | None
    try:
        state = ledger_state(endpoint, deployment, view)
        ledger = {"status": state.status, "writer": state.writer_region, "members": sorted(state.members)}
    except OperationError:
        ledger = None
    switch = None
    if not deployment.regions.single and deployment.has(deployment.regions.secondary):  # the switch is there alone
        with contextlib.suppress(OperationError):
            switch = takeover(endpoint, deployment, "status", "status")
    quarantined = None
    with contextlib.suppress(OperationError):
        quarantined = held(entries(endpoint, deployment))
    ages = heartbeats(endpoint, deployment, view)
    return {
        "stage": deployment.stage,
        "seen_from": view,
        "takeover": switch,
        "ledger": ledger,
        "plan": deployment.find(view, parameters.PLAN_ARN),
        "api_name": deployment.find(view, parameters.API_NAME),
        "quarantined": quarantined,
        "regions": {
            region: {
                "role": role,
                "deployed": deployment.has(region),
                "api": deployment.find(region, parameters.API_URL),
                "healthy": healthy(endpoint, deployment, region),
                "heartbeat_age_seconds": ages.get(region),
                "iterator_age_seconds": _iterator_age(endpoint, deployment, region),
            }
            for role, region in zip(("primary", "secondary"), deployment.regions.both, strict=False)
        },
    }


def _iterator_age(endpoint: Endpoint, deployment: Deployment, region: str) -> float | None:
    if deployment.has(region):
        with contextlib.suppress(BotoCoreError, ClientError):
            return iterator_age_seconds(endpoint, deployment, region)
    return None


def verdict(state: dict[str, Any]) -> int:
    """Return the exit status that a state is worth: 0 healthy, 1 failed or unknown, 3 degraded.

    Degraded is a stage that serves, and of which something is known to be away, elsewhere or in the way.
    """
    regions = state["regions"]
    dual = len(regions) > 1
    unknown = state["quarantined"] is None or (dual and state["ledger"] is None)
    for known in regions.values():
        unknown |= known["deployed"] and known["heartbeat_age_seconds"] is None
        if known["role"] == "secondary":
            unknown |= known["deployed"] and state["takeover"] is None
    if unknown or not any(known["healthy"] for known in regions.values()):
        return 1
    primary = next(region for region, known in regions.items() if known["role"] == "primary")
    as_deployed = not dual or (state["ledger"]["status"] == "available" and state["ledger"]["writer"] == primary)
    whole = all(
        known["healthy"] and (known["heartbeat_age_seconds"] or 0) <= FRESH_SECONDS for known in regions.values()
    )
    return 0 if whole and as_deployed and not state["takeover"] and not state["quarantined"] else 3


def show(state: dict[str, Any], *, as_json: bool = False) -> None:
    """Print the state to the terminal, or as JSON."""
    console = Console()
    if as_json:
        console.print_json(json.dumps(state))
        return
    ledger, dual = state["ledger"], len(state["regions"]) > 1
    table = Table(title=f"stage {state['stage']}, seen from {state['seen_from']}")
    for column in ("Region", "role", "answers", "healthy", "writes", "heartbeat age"):
        table.add_column(column)
    for region, known in state["regions"].items():
        age = known["heartbeat_age_seconds"]
        table.add_row(
            region,
            known["role"],
            "yes" if known["deployed"] else "no",
            "yes" if known["healthy"] else "no",
            "yes" if not dual else "unknown" if ledger is None else "yes" if ledger["writer"] == region else "no",
            "unknown" if age is None else f"{age:.1f} s",
        )
    console.print(table)
    nameless = "none, the stage has no domain: clients use the URLs of its Regions"
    console.print(f"API's name: {state['api_name'] or nameless}")
    switch = {None: "unknown", True: "set: traffic goes to the secondary Region", False: "not set"}[state["takeover"]]
    if dual:
        console.print(f"takeover switch: {switch}")
        console.print(f"global database: {'unknown' if ledger is None else ledger['status']}")
    else:
        console.print("takeover switch, global database: none, the stage has one Region")
    count = state["quarantined"]
    console.print(f"quarantine: {'unknown' if count is None else f'{count} held' if count else 'empty'}")
    if dual:
        console.print(f"recovery plan: {state['plan'] or 'none, tandem failover runs its steps'}")
