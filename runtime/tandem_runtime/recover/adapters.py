"""Region switch where a plan is deployed, its steps where there is none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tandem_runtime.recover.logic import REASON, Switch, UnderWayError

_UNDER_WAY = ("IllegalStateException", "InvalidGlobalClusterStateFault", "InvalidDBClusterStateFault")
"""What starting a plan that is being executed, and moving a database that moves, is answered (ARC and RDS APIs)."""


@dataclass(frozen=True, kw_only=True)
class StageRecovery:
    """Recovery of one stage, run from the secondary Region with that Region's data planes only."""

    rds: Any
    functions: Any
    region_switch: Any
    plan_arn: str | None
    target_region: str
    global_cluster: str
    target_cluster_arn: str
    takeover_function: str
    sweeper_function: str

    def primary_is_writer(self) -> bool:
        """Whether another cluster than the target is the writer."""
        described = self.rds.describe_global_clusters(GlobalClusterIdentifier=self.global_cluster)
        members = described["GlobalClusters"][0]["GlobalClusterMembers"]
        return any(member["IsWriter"] and member["DBClusterArn"] != self.target_cluster_arn for member in members)

    def switch_as_set(self) -> Switch | None:
        """The takeover switch; None while it is not set, or where that cannot be read."""
        payload = json.dumps({"action": "status"}).encode()
        try:
            answer = self.functions.invoke(FunctionName=self.takeover_function, Payload=payload)
            state = json.loads(answer["Payload"].read())
        except (BotoCoreError, ClientError, ValueError):
            return None
        if not isinstance(state, dict) or not state.get("active"):
            return None
        moved = state.get("at")
        return Switch(reason=str(state.get("reason")), at=float(moved) if isinstance(moved, int | float) else None)

    def take_over(self) -> str:
        """Set the takeover switch; empty, or why that failed."""
        payload = json.dumps({"action": "set", "reason": REASON}).encode()
        try:
            answer = self.functions.invoke(FunctionName=self.takeover_function, Payload=payload)
        except (BotoCoreError, ClientError) as error:
            return str(error)
        return str(answer.get("FunctionError", ""))

    def start(self) -> str:
        """Start the plan ungracefully; without one, fail the database over; raises UnderWayError."""
        if not self.plan_arn:
            return self.fail_over()
        try:
            answer = self.region_switch.start_plan_execution(
                planArn=self.plan_arn, targetRegion=self.target_region, action="activate", mode="ungraceful"
            )
        except ClientError as error:
            raise _explained(error) from error
        return f"plan execution {answer['executionId']}"

    def fail_over(self) -> str:
        """Fail the database over by itself; raises UnderWayError while it moves."""
        try:
            self.rds.failover_global_cluster(
                GlobalClusterIdentifier=self.global_cluster,
                TargetDbClusterIdentifier=self.target_cluster_arn,
                AllowDataLoss=True,
            )
        except ClientError as error:
            raise _explained(error) from error
        return "database failover"

    def sweep(self) -> None:
        """Ask for a sweep: Lambda queues the invocation, and tries it again when it fails."""
        self.functions.invoke(FunctionName=self.sweeper_function, InvocationType="Event", Payload=b"{}")


def _explained(error: ClientError) -> Exception:
    return UnderWayError(str(error)) if error.response["Error"]["Code"] in _UNDER_WAY else error
