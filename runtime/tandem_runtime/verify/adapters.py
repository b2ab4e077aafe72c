"""The global database and the sweeper, as `verify` asks them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tandem_runtime.verify.logic import NotActiveError


@dataclass(frozen=True, kw_only=True)
class Region:
    """The Region that this runs in."""

    name: str
    rds: Any
    functions: Any
    global_cluster: str
    cluster_arn: str
    sweeper: str

    def writes_ledger(self) -> bool:
        """Whether this Region's cluster is the global database's writer."""
        described = self.rds.describe_global_clusters(GlobalClusterIdentifier=self.global_cluster)
        members = described["GlobalClusters"][0]["GlobalClusterMembers"]
        return any(member["IsWriter"] and member["DBClusterArn"] == self.cluster_arn for member in members)

    def sweep(self, request: str | None) -> dict[str, Any]:
        """Run the sweeper and wait for its answer; raises `NotActiveError` with what it failed of."""
        payload = json.dumps({"since": "mark", "request": request})
        answer = self.functions.invoke(FunctionName=self.sweeper, Payload=payload.encode())
        body = answer["Payload"].read().decode()
        if answer.get("FunctionError"):
            raise NotActiveError(f"{self.sweeper} failed: {body[:300]}")
        result: dict[str, Any] = json.loads(body)
        return result
