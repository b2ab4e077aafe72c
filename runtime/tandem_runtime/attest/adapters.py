"""AWS Backup, RDS and `prove`, as `attest` asks them."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from tandem_runtime.attest.logic import Job, NotProvenError

_ENGINE = "aurora-postgresql"
_MESSAGE_LENGTH = 1000


@dataclass(frozen=True, kw_only=True)
class RestoredCluster:
    """The cluster of the restore job `job_id`; capacities in Aurora capacity units."""

    job_id: str
    backup: Any
    rds: Any
    functions: Any
    prove_function: str
    minimum_capacity: float
    maximum_capacity: float

    def job(self) -> Job:
        """The job, as AWS Backup describes it."""
        told = self.backup.describe_restore_job(RestoreJobId=self.job_id)
        plan_arn = told.get("CreatedBy", {}).get("RestoreTestingPlanArn", "")
        ended = told.get("CompletionDate") or told["CreationDate"]
        return Job(
            # the ARN ends in the plan's name, which holds no hyphen, and an id that AWS chooses
            plan=plan_arn.rpartition(":")[2].partition("-")[0] or None,
            cluster=told["CreatedResourceArn"].rpartition(":")[2],
            age_seconds=time.time() - ended.timestamp(),
            validation=told.get("ValidationStatus"),
            message=told.get("ValidationStatusMessage", ""),
        )

    def make_instance(self, cluster: str) -> None:
        """Give the cluster a Serverless v2 instance; a restored cluster knows no capacities until it is told some."""
        described = self.rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]
        if described["DBClusterMembers"]:
            return
        capacities = {"MinCapacity": self.minimum_capacity, "MaxCapacity": self.maximum_capacity}
        self.rds.modify_db_cluster(
            DBClusterIdentifier=cluster,
            ServerlessV2ScalingConfiguration=capacities,
            EnableIAMDatabaseAuthentication=True,
            ApplyImmediately=True,
        )
        self.rds.create_db_instance(
            DBInstanceIdentifier=_instance(cluster),
            DBClusterIdentifier=cluster,
            Engine=_ENGINE,
            DBInstanceClass="db.serverless",
            PubliclyAccessible=False,
        )

    def address(self, cluster: str) -> tuple[str, int] | None:
        """The cluster's endpoint once its instance is available."""
        instance = self.rds.describe_db_instances(DBInstanceIdentifier=_instance(cluster))["DBInstances"][0]
        if instance["DBInstanceStatus"] != "available":
            return None
        described = self.rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]
        return described["Endpoint"], int(described["Port"])

    def remove_instance(self, cluster: str) -> None:
        """Delete the instance; the cluster is AWS Backup's, and may be gone."""
        try:
            self.rds.delete_db_instance(DBInstanceIdentifier=_instance(cluster), SkipFinalSnapshot=True)
        except (self.rds.exceptions.DBInstanceNotFoundFault, self.rds.exceptions.InvalidDBInstanceStateFault):
            return  # it is gone, or goes already

    def prove(self, host: str, port: int, after: str | None) -> dict[str, Any]:
        """Have `prove` compare; its error is what came out."""
        payload = json.dumps({"host": host, "port": port, "after": after})
        answer = self.functions.invoke(FunctionName=self.prove_function, Payload=payload.encode())
        body = answer["Payload"].read().decode()
        if answer.get("FunctionError"):
            raise NotProvenError(f"{self.prove_function} failed: {body[:300]}")
        result: dict[str, Any] = json.loads(body)
        return result

    def report(self, status: str, message: str) -> None:
        """Tell AWS Backup (API Reference, PutRestoreValidationResult)."""
        self.backup.put_restore_validation_result(
            RestoreJobId=self.job_id, ValidationStatus=status, ValidationStatusMessage=message[:_MESSAGE_LENGTH]
        )


def _instance(cluster: str) -> str:
    return f"{cluster}-1"
