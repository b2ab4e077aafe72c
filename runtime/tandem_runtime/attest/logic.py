"""A restore test of AWS Backup, from the restored cluster to the result: each step can be taken again.

A restored Aurora cluster has no instance (AWS Backup Developer Guide, restoring an Amazon Aurora cluster), and to make
one takes longer than a function may run. So a run that is too early fails, Lambda tries again, and what was made is
found. The instance goes in the end whatever came out, because AWS Backup deletes the cluster only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SUCCESSFUL, FAILED = "SUCCESSFUL", "FAILED"
READY_SECONDS = 2400.0
"""How old a restored cluster without a ready instance may be: three runs of the function, and the pauses between."""


class NotReadyError(Exception):
    """The instance is not ready yet: Lambda runs the function again."""


class NotProvenError(Exception):
    """The restored ledger does not hold what it must, or could not be asked: AWS Backup knows, people have to."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A restore job: the name of its restore testing plan, None without; its cluster; what was said of it before."""

    plan: str | None
    cluster: str
    age_seconds: float
    validation: str | None
    message: str = ""


class Restored(Protocol):
    """What a restore job has made."""

    def job(self) -> Job:
        """The job."""
        ...

    def make_instance(self, cluster: str) -> None:
        """Give the cluster an instance, where it has none."""
        ...

    def address(self, cluster: str) -> tuple[str, int] | None:
        """Host and port once the instance is ready; None before."""
        ...

    def remove_instance(self, cluster: str) -> None:
        """Delete the instance, where there is one."""
        ...

    def prove(self, host: str, port: int, after: str | None) -> Mapping[str, Any]:
        """Compare with the journal from a key on; answers as `prove` does. Raises `NotProvenError` when it fails."""
        ...

    def report(self, status: str, message: str) -> None:
        """Tell AWS Backup what came out."""
        ...


def attest(restored: Restored, *, plan: str, wait: Callable[[], bool]) -> dict[str, Any]:
    """Prove what a job of the `plan` restored, and report it; jobs of nobody or of other plans are left alone.

    `wait` waits a moment, and says whether there is time to look again. Raises `NotReadyError` when there is none, and
    `NotProvenError`, again at each run, when the ledger is not proven.
    """
    job = restored.job()
    if job.plan != plan:
        return {"attested": False, "reason": f"restored by {job.plan or 'nobody'}, not by {plan}"}
    if job.validation in {SUCCESSFUL, FAILED}:
        restored.remove_instance(job.cluster)
        if job.validation == FAILED:
            raise NotProvenError(job.message)
        return {"attested": True, "reason": "reported before"}
    try:
        message = _proof(restored, job, wait)
    except NotProvenError as error:
        restored.report(FAILED, str(error))
        restored.remove_instance(job.cluster)
        raise
    restored.report(SUCCESSFUL, message)
    restored.remove_instance(job.cluster)
    return {"attested": True, "reason": message}


def _proof(restored: Restored, job: Job, wait: Callable[[], bool]) -> str:
    restored.make_instance(job.cluster)
    while (address := restored.address(job.cluster)) is None:
        if job.age_seconds >= READY_SECONDS:
            raise NotProvenError(f"{job.cluster} has no instance after {job.age_seconds:.0f} s: see its events in RDS")
        if not wait():
            raise NotReadyError(f"the instance of {job.cluster} is not ready yet")
    after, compared = None, 0
    while True:
        answer = restored.prove(*address, after)
        compared += int(answer["compared"])
        if answer["lacking"] or answer["differing"]:
            raise NotProvenError(
                f"of {compared} transactions before {answer['until']} the restored ledger lacks {answer['lacking']} "
                f"and holds {answer['differing']} with another payload: {', '.join(answer['named'])}"
            )
        after = answer["after"]
        if after is None:
            return f"all {compared} transactions that the journal recorded before {answer['until']} are in the ledger"
        if not wait():
            raise NotReadyError(f"{compared} transactions are compared, and there are more")
