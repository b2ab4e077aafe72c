"""A restore test: what is made, proven, reported and removed, whichever run of the function does it."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tandem_runtime.attest.adapters import RestoredCluster
from tandem_runtime.attest.logic import READY_SECONDS, Job, NotProvenError, NotReadyError, attest

PLAN = "tandem_prod"
CLUSTER = "awsbackup-restore-test-1"


def answer(compared: int, *, lacking: int = 0, differing: int = 0, after: str | None = None) -> dict[str, Any]:
    until, named = "2026-01-01T00:00:00+00:00", ["transaction#1"] * (lacking + differing)
    told = {"compared": compared, "lacking": lacking, "differing": differing, "after": after}
    return {**told, "until": until, "named": named}


class Restored:
    """A restore job whose instance is ready after so many looks, and whose proofs give these answers."""

    def __init__(self, *proofs: dict[str, Any] | Exception, looks: int = 0, **job: Any) -> None:
        self.proofs, self.looks = list(proofs), looks
        self.told = Job(**{"plan": PLAN, "cluster": CLUSTER, "age_seconds": 60.0, "validation": None, **job})
        self.calls: list[str] = []
        self.reports: list[tuple[str, str]] = []

    def job(self) -> Job:
        return self.told

    def make_instance(self, cluster: str) -> None:
        self.calls.append(f"make {cluster}")

    def address(self, _: str) -> tuple[str, int] | None:
        self.looks -= 1
        return ("host", 5432) if self.looks < 0 else None

    def remove_instance(self, cluster: str) -> None:
        self.calls.append(f"remove {cluster}")

    def prove(self, _host: str, _port: int, after: str | None) -> dict[str, Any]:
        self.calls.append(f"prove from {after}")
        proof = self.proofs.pop(0)
        if isinstance(proof, Exception):
            raise proof
        return proof

    def report(self, status: str, message: str) -> None:
        self.reports.append((status, message))


def always() -> bool:
    return True


def never() -> bool:
    return False


def test_a_whole_ledger_is_reported_as_such_and_its_instance_goes() -> None:
    restored = Restored(answer(7, after="k"), answer(3), looks=2)
    assert attest(restored, plan=PLAN, wait=always)["attested"]
    assert restored.calls == [f"make {CLUSTER}", "prove from None", "prove from k", f"remove {CLUSTER}"]
    [(status, message)] = restored.reports
    assert status == "SUCCESSFUL"
    assert message.startswith("all 10 transactions")


@pytest.mark.parametrize(
    ("proof", "said"),
    [
        (answer(7, lacking=2), r"of 7 transactions .* lacks 2 and holds 0 with another payload: transaction#1"),
        (answer(7, differing=1), r"lacks 0 and holds 1 with another payload"),
        (NotProvenError("prove failed: no mark"), r"no mark"),
    ],
)
def test_a_ledger_that_is_not_whole_or_cannot_be_asked_is_reported_and_told_to_people(
    proof: dict[str, Any] | Exception, said: str
) -> None:
    restored = Restored(proof)
    with pytest.raises(NotProvenError, match=said):
        attest(restored, plan=PLAN, wait=always)
    assert restored.reports[0][0] == "FAILED"
    assert restored.calls[-1] == f"remove {CLUSTER}"


def test_each_run_after_a_failure_fails_again_without_another_proof_so_that_the_event_stays_in_the_queue() -> None:
    restored = Restored(validation="FAILED", message="lacks 2")
    with pytest.raises(NotProvenError, match="lacks 2"):
        attest(restored, plan=PLAN, wait=always)
    assert restored.calls == [f"remove {CLUSTER}"]
    assert restored.reports == []


def test_an_instance_that_is_not_ready_is_waited_for_by_the_next_run() -> None:
    restored = Restored(looks=1)
    with pytest.raises(NotReadyError):
        attest(restored, plan=PLAN, wait=never)
    assert (restored.reports, restored.calls) == ([], [f"make {CLUSTER}"])


def test_an_instance_that_never_becomes_ready_is_reported_and_removed() -> None:
    restored = Restored(looks=1, age_seconds=READY_SECONDS)
    with pytest.raises(NotProvenError, match="no instance after 2400 s"):
        attest(restored, plan=PLAN, wait=always)
    assert restored.reports[0][0] == "FAILED"
    assert restored.calls[-1] == f"remove {CLUSTER}"


@pytest.mark.parametrize("plan", [None, "tandem_staging"])
def test_what_somebody_else_restored_is_left_alone(plan: str | None) -> None:
    restored = Restored(plan=plan)
    assert not attest(restored, plan=PLAN, wait=always)["attested"]
    assert (restored.calls, restored.reports) == ([], [])


class Aws:
    """RDS, AWS Backup and Lambda, as far as an adapter asks them."""

    class exceptions:  # noqa: N801 - as a client of botocore has it
        class DBInstanceNotFoundFault(Exception):  # noqa: N818 - the same
            pass

        class InvalidDBInstanceStateFault(Exception):  # noqa: N818 - the same
            pass

    def __init__(self, *, error: str = "", members: int = 0) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.error, self.members = error, members

    def describe_restore_job(self, **_: Any) -> dict[str, Any]:
        arn = "arn:aws:backup:us-east-1:123456789012:restore-testing-plan:tandem_prod-3c0e1f7a-aaaa-bbbb-cccc-1"
        ended = datetime.now(UTC) - timedelta(minutes=1)
        created = f"arn:aws:rds:us-east-1:123456789012:cluster:{CLUSTER}"
        return {"CreatedBy": {"RestoreTestingPlanArn": arn}, "CompletionDate": ended, "CreatedResourceArn": created}

    def describe_db_clusters(self, **_: Any) -> dict[str, Any]:
        members = [{"DBInstanceIdentifier": "x"}] * self.members
        return {"DBClusters": [{"DBClusterMembers": members, "Endpoint": "host", "Port": 5432}]}

    def delete_db_instance(self, **_: Any) -> None:
        raise self.exceptions.DBInstanceNotFoundFault

    def invoke(self, **_: Any) -> dict[str, Any]:
        body = json.dumps({"errorMessage": self.error} if self.error else answer(1)).encode()
        return {"Payload": io.BytesIO(body), **({"FunctionError": "Unhandled"} if self.error else {})}

    def __getattr__(self, name: str) -> Any:
        return lambda **given: self.calls.append((name, given))


def cluster(aws: Aws) -> RestoredCluster:
    return RestoredCluster(
        job_id="job",
        backup=aws,
        rds=aws,
        functions=aws,
        prove_function="prove",
        minimum_capacity=0.5,
        maximum_capacity=8,
    )


def test_a_job_names_its_plan_by_an_arn_that_ends_in_an_id() -> None:
    job = cluster(Aws()).job()
    assert (job.plan, job.cluster, job.validation) == (PLAN, CLUSTER, None)
    assert 55 < job.age_seconds < 600


def test_a_restored_cluster_is_given_capacities_before_its_instance_and_one_that_has_an_instance_is_left() -> None:
    aws = Aws()
    cluster(aws).make_instance(CLUSTER)
    assert [name for name, _ in aws.calls] == ["modify_db_cluster", "create_db_instance"]
    assert aws.calls[0][1]["ServerlessV2ScalingConfiguration"] == {"MinCapacity": 0.5, "MaxCapacity": 8}
    again = Aws(members=1)
    cluster(again).make_instance(CLUSTER)
    assert again.calls == []


def test_an_instance_that_is_gone_already_is_removed() -> None:
    aws = Aws()
    cluster(aws).remove_instance(CLUSTER)
    assert aws.calls == []


def test_the_error_of_the_proof_is_what_came_out() -> None:
    with pytest.raises(NotProvenError, match=r"prove failed: .*no mark"):
        cluster(Aws(error="no mark")).prove("host", 5432, None)
    assert cluster(Aws()).prove("host", 5432, None)["compared"] == 1
