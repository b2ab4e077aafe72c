"""Region switch where a plan is deployed, its steps where there is none."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

__all__ = ["Primary", "StageRecovery"]

_PROBE_SECONDS = 2.0


@dataclass(frozen=True)
class Primary:
    """The primary Region's endpoint, as its heartbeat named it."""

    endpoint: str

    def answers(self) -> bool:
        """Whether it says that it takes transactions."""
        if not self.endpoint.startswith(("https://", "http://")):
            return False
        try:
            with urllib.request.urlopen(f"{self.endpoint}/healthz", timeout=_PROBE_SECONDS) as answer:  # noqa: S310 - the scheme is checked above
                return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's OK
        except (urllib.error.URLError, OSError, ValueError):
            return False


@dataclass(frozen=True, kw_only=True)
class StageRecovery:
    """Recovery of one stage, run from the secondary Region with that Region's data planes only."""

    rds: Any
    functions: Any
    region_switch: Any
    plan_arn: str
    target_region: str
    global_cluster: str
    target_cluster_arn: str
    takeover_function: str

    def primary_is_writer(self) -> bool:
        """Whether another cluster than the target is the writer."""
        found = self.rds.describe_global_clusters(GlobalClusterIdentifier=self.global_cluster)
        members = found["GlobalClusters"][0]["GlobalClusterMembers"]
        return any(member["IsWriter"] and member["DBClusterArn"] != self.target_cluster_arn for member in members)

    def take_over(self) -> str:
        """Set the takeover switch; empty, or why that failed."""
        payload = json.dumps({"action": "set", "reason": "recover: the primary region is lost"}).encode()
        try:
            answer = self.functions.invoke(FunctionName=self.takeover_function, Payload=payload)
        except (BotoCoreError, ClientError) as error:
            return str(error)
        return str(answer.get("FunctionError", ""))

    def start(self) -> str:
        """Start the plan ungracefully; without one, fail the database over."""
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
