"""The last restore that AWS Backup made in order to test a backup."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

LOOK_BACK = timedelta(days=15)
"""How far back a test is looked for: they run weekly, and one may have been missed."""
PASSED, FAILED, RUNNING = "passed", "failed", "running"
_BAD = {"FAILED", "ABORTED", "TIMED_OUT"}


@dataclass(frozen=True, kw_only=True)
class RestoreTest:
    """A restore test: how many seconds ago it began, and what came of it."""

    ago_seconds: float
    outcome: str


def last_restore_test(endpoint: Endpoint, deployment: Deployment, region: str) -> RestoreTest | None:
    """Return the newest restore job that a restore testing plan of this stage began in a Region, None without one.

    The plan's name ends in the stage's, with underscores, because AWS allows no hyphen there; its ARN ends in an id
    (AWS Backup API Reference, RestoreTestingPlanForCreate, RestoreJobsListMember). A test has passed when its job is
    complete and, where the plan validates, the validation was successful. Raises BotoCoreError or ClientError.
    """
    stage = re.escape(deployment.stage.replace("-", "_"))
    of_stage = re.compile(rf":restore-testing-plan:(?:\w+_)?{stage}(?:-[0-9a-f-]+)?")
    now = datetime.now(tz=UTC)
    pages = endpoint.backup(region).get_paginator("list_restore_jobs").paginate(ByCreatedAfter=now - LOOK_BACK)
    jobs = [
        job
        for page in pages
        for job in page.get("RestoreJobs", [])
        if of_stage.search(str((job.get("CreatedBy") or {}).get("RestoreTestingPlanArn", "")))
    ]
    if not jobs:
        return None
    last = max(jobs, key=lambda job: job["CreationDate"])
    state, validation = last.get("Status"), last.get("ValidationStatus")
    if state in _BAD or validation in _BAD:
        outcome = FAILED
    else:
        outcome = PASSED if state == "COMPLETED" and validation in (None, "SUCCESSFUL") else RUNNING
    return RestoreTest(ago_seconds=max(0.0, (now - last["CreationDate"]).total_seconds()), outcome=outcome)
