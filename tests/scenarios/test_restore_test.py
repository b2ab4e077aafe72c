"""A restore test from its beginning to its end: restored, given an instance, proven, reported, deleted."""

from __future__ import annotations

import contextlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from contract.journal import BUCKET, PAYLOAD_HASH, RECORDED_AT, bucket_of, id_of, key_of
from contract.names import Names, arn
from contract.patterns import EMBEDDED_ACCOUNT
from contract.tables import PARTITION_KEY
from contract.waiting import wait_until
from drills.embedded.control import Control
from operations.deployment import Deployment, find_deployment
from operations.endpoint import Endpoint
from operations.ledger_query import query
from operations.reconcile import reconcile
from operations.restore_tests import last_restore_test
from tests.scenarios.conftest import REGIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scenarios.conftest import DeployedStage

HERE = REGIONS.primary
PATIENCE_SECONDS = 300
UNDER_WAY = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stage whose ledger vouches for everything that was recorded before the test."""

    endpoint: Endpoint
    deployment: Deployment
    control: Control
    names: Names

    def posted(self, key: str) -> bool:
        statement = "SELECT count(*)::text FROM ledger.transactions WHERE id = CAST(:id AS uuid)"
        return int(query(self.endpoint, self.deployment, HERE, statement, id=id_of(key))[0][0]) == 1

    def back_up(self) -> None:
        self.endpoint.backup(HERE).start_backup_job(
            BackupVaultName=self.names.backup_vault,
            ResourceArn=self.names.cluster_arn(HERE),
            IamRoleArn=arn("iam", "role/backup", account=self.names.account),
        )

    def record(self, recorded: datetime) -> str:
        """Write a transaction into the journal as if it had been taken at this time; return its key."""
        number = uuid.uuid4()
        at, account = recorded.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), f"restore-{number.hex[:8]}"
        texts = {
            PARTITION_KEY: key_of(str(number)),
            "transaction_id": str(number),
            PAYLOAD_HASH: "ab" * 32,
            "origin": HERE,
            RECORDED_AT: at,
            BUCKET: bucket_of(HERE, at[:16], number.int % 4),
            "debit_account": account,
            "credit_account": f"{account}-other",
            "currency": "EUR",
            "description": "",
            "metadata": "{}",
        }
        item: dict[str, Any] = {name: {"S": text} for name, text in texts.items()}
        table = self.deployment.journal_table(HERE)
        self.endpoint.dynamodb(HERE).put_item(TableName=table, Item=item | {"amount": {"N": "100"}})
        return key_of(str(number))

    def tested(self) -> dict[str, Any]:
        """Begin a test and return its job once what it restored is deleted."""
        backup = self.endpoint.backup(HERE)
        before = {job["RestoreJobId"] for job in backup.list_restore_jobs()["RestoreJobs"]}
        self.control.begin_restore_tests(HERE, self.names.restore_testing_plan)
        [job] = [job for job in backup.list_restore_jobs()["RestoreJobs"] if job["RestoreJobId"] not in before]

        def told() -> dict[str, Any]:
            return dict(backup.describe_restore_job(RestoreJobId=job["RestoreJobId"]))

        assert wait_until(lambda: "DeletionStatus" in told(), seconds=PATIENCE_SECONDS, pause=1), told()
        assert wait_until(lambda: told()["DeletionStatus"] != "DELETING", seconds=PATIENCE_SECONDS, pause=1), told()
        return told()

    def is_gone(self, cluster_arn: str) -> bool:
        rds, name = self.endpoint.rds(HERE), cluster_arn.rpartition(":")[2]
        with contextlib.suppress(ClientError):
            rds.describe_db_clusters(DBClusterIdentifier=name)
            return False
        with contextlib.suppress(ClientError):
            rds.describe_db_instances(DBInstanceIdentifier=f"{name}-1")
            return False
        return True


@pytest.fixture
def stage(deployed: DeployedStage) -> Iterator[Stage]:
    """Give the ledger marks, which a stage has a margin after its deployment, and take them back.

    They lie as far back as a request may be under way on a busy machine, because a mark vouches for all before it.
    """
    endpoint = Endpoint(deployed.url)
    deployment = find_deployment(endpoint, deployed.name, REGIONS)
    names = Names(stage=deployed.name, account=EMBEDDED_ACCOUNT)
    before = datetime.now(tz=UTC) - UNDER_WAY
    reconcile(endpoint, deployment, since=None)
    for origin in REGIONS.both:
        statement = (
            "INSERT INTO ledger.sweep_marks (origin, mark, swept_at) "
            "VALUES (:origin, CAST(:mark AS timestamptz), now()) "
            "ON CONFLICT (origin) DO UPDATE SET mark = excluded.mark"
        )
        query(endpoint, deployment, HERE, statement, origin=origin, mark=before.isoformat())
    yield Stage(endpoint=endpoint, deployment=deployment, control=Control(deployed.url), names=names)
    query(endpoint, deployment, HERE, "DELETE FROM ledger.sweep_marks")


def test_a_backup_that_lacks_what_the_journal_held_is_reported_as_failed_and_deleted_all_the_same(stage: Stage) -> None:
    stage.back_up()
    key = stage.record(datetime.now(tz=UTC) - timedelta(hours=1))
    job = stage.tested()
    assert (job["ValidationStatus"], job["DeletionStatus"]) == ("FAILED", "SUCCESSFUL"), job
    assert "lacks 1" in job["ValidationStatusMessage"]
    assert key in job["ValidationStatusMessage"]
    assert stage.is_gone(job["CreatedResourceArn"])
    last = last_restore_test(stage.endpoint, stage.deployment, HERE)
    assert last is not None
    assert last.outcome == "failed"


# the last one, because a stage whose last test has failed is degraded for the tests that follow
def test_a_backup_is_restored_given_an_instance_proven_reported_and_deleted(stage: Stage) -> None:
    key = stage.record(datetime.now(tz=UTC) - timedelta(hours=1))
    assert wait_until(lambda: stage.posted(key), seconds=PATIENCE_SECONDS, pause=0.5), "the ledger holds it"
    stage.back_up()
    job = stage.tested()
    assert (job["ValidationStatus"], job["DeletionStatus"]) == ("SUCCESSFUL", "SUCCESSFUL"), job
    assert "transactions that the journal recorded before" in job["ValidationStatusMessage"]
    assert not job["ValidationStatusMessage"].startswith("all 0 ")
    assert stage.is_gone(job["CreatedResourceArn"])
    last = last_restore_test(stage.endpoint, stage.deployment, HERE)
    assert last is not None
    assert last.outcome == "passed"
