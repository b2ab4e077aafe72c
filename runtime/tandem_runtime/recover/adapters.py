"""Region switch where a plan is deployed, its steps where there is none."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tandem_runtime.recover.logic import REASON, UnderWayError

_PROBE_SECONDS = 2.0
_UNDER_WAY = ("IllegalStateException", "InvalidGlobalClusterStateFault", "InvalidDBClusterStateFault")
"""What starting a plan that is being executed, and moving a database that moves, is answered (ARC and RDS APIs)."""


@dataclass(frozen=True)
class Primary:
    """The primary Region's endpoint, as its heartbeat named it."""

    endpoint: str

    @property
    def known(self) -> bool:
        """Whether there is something to ask: http is how the embedded AWS serves its APIs."""
        return self.endpoint.startswith(("https://", "http://"))

    def answers(self) -> bool:
        """Whether it says that it takes transactions; only to be asked where the endpoint is known."""
        try:
            with urllib.request.urlopen(f"{self.endpoint}/healthz", timeout=_PROBE_SECONDS) as answer:  # noqa: S310 - `known` checks the scheme
                return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's OK
        except (urllib.error.URLError, OSError, ValueError):
            return False


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

    def primary_is_writer(self) -> bool:
        """Whether another cluster than the target is the writer."""
        described = self.rds.describe_global_clusters(GlobalClusterIdentifier=self.global_cluster)
        members = described["GlobalClusters"][0]["GlobalClusterMembers"]
        return any(member["IsWriter"] and member["DBClusterArn"] != self.target_cluster_arn for member in members)

    def taken_over_because(self) -> str | None:
        """Why the switch was set; None while it is not, or where that cannot be read."""
        payload = json.dumps({"action": "status"}).encode()
        try:
            answer = self.functions.invoke(FunctionName=self.takeover_function, Payload=payload)
            state = json.loads(answer["Payload"].read())
        except (BotoCoreError, ClientError, ValueError):
            return None
        return str(state.get("reason")) if isinstance(state, dict) and state.get("active") else None

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
        try:
            return self._start()
        except ClientError as error:
            if error.response["Error"]["Code"] in _UNDER_WAY:
                raise UnderWayError(str(error)) from error
            raise

    def _start(self) -> str:
        if self.plan_arn:
            answer = self.region_switch.start_plan_execution(
                planArn=self.plan_arn, targetRegion=self.target_region, action="activate", mode="ungraceful"
            )
            return f"plan execution {answer['executionId']}"
        self.rds.failover_global_cluster(
            GlobalClusterIdentifier=self.global_cluster,
            TargetDbClusterIdentifier=self.target_cluster_arn,
            AllowDataLoss=True,
        )
        return "database failover"
