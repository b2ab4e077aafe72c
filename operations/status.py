"""What state is the stage in: asked of whichever Region answers, each question by itself and all at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contract import parameters
from operations import readings, told
from operations.alarms import ringing
from operations.errors import OperationError, WrongInputError
from operations.global_database import ledger_state
from operations.quarantine import count_held, in_quarantine
from operations.recovery_evidence import last_said, switch_state
from operations.restore_tests import last_restore_test
from operations.rows_behind import rows_behind
from operations.stage_state import LedgerMembers, RegionState, StageState
from operations.traffic import region_in_dns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from operations.alarms import Ringing
    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

UNREADABLE = (BotoCoreError, ClientError, OperationError, WrongInputError, OSError)
UNREADABLE_FORM = (KeyError, TypeError, ValueError, IndexError)
"""What an answer raises that is not of the form that AWS documents."""
DEAD = (
    "DatabaseUnavailableException",
    "ServiceUnavailableError",
    "InternalServerErrorException",
    "StatementTimeoutException",
    "Communications link failure",
    "Read timeout",
)
"""What the Data API says when the database behind it does not answer (RDS Data API, ExecuteStatement, Errors)."""
DENIED = "AccessDenied"
AT_ONCE = 12
"""Questions that are asked at the same time: a Region that keeps one waiting holds up no other."""
MOST_CHARACTERS = 200


@dataclass(frozen=True, kw_only=True)
class Ports:
    """What is asked by other means than AWS's APIs: an API's health check, and DNS."""

    healthy: Callable[[Endpoint, Deployment, str], bool] = readings.healthy
    region_in_dns: Callable[[Endpoint, str], str] = region_in_dns


PORTS = Ports()


def gather(endpoint: Endpoint, deployment: Deployment, *, ports: Ports = PORTS) -> StageState:
    """Return the state of the stage; what could not be asked is None and named in `unread`, and raises nothing.

    A Region that did not answer when the deployment was looked for is asked nothing more. Raises OperationError when
    that is every Region.
    """
    view = next((region for region in reversed(deployment.regions.both) if deployment.has(region)), None)
    if view is None:
        raise OperationError("no Region answered")
    questions = _of_stage(endpoint, deployment, view, ports)
    for region in deployment.regions.both:
        if deployment.has(region):
            questions |= _of_region(endpoint, deployment, region, ports)
    answers, unread = _ask(questions)
    canaries = answers.get("canary") or {}
    members = answers.get("ledger")
    moved = answers.get("takeover")
    said = answers.get("recover")
    evaluation = answers.get("plan evaluation") or (None, ())
    ages = answers.get("heartbeats") or {}
    writer = view if deployment.regions.single else members.writer if members else None
    regions = {
        region: _region(
            deployment,
            region,
            role,
            answers=answers,
            unread=unread,
            age=ages.get(region),
            writer=writer,
            canary=canaries.get(region),
        )
        for role, region in zip(("primary", "secondary"), deployment.regions.both, strict=False)
    }
    return StageState(
        stage=deployment.stage,
        account=deployment.account,
        endpoint=endpoint.url,
        seen_from=view,
        at=time.time(),
        traffic=answers.get("traffic"),
        takeover=moved.active if moved else None,
        takeover_reason=moved.reason if moved else None,
        takeover_at=moved.at if moved else None,
        recover_said=said.text if said else None,
        recover_said_at=said.at if said else None,
        ledger=members,
        plan=_plan(deployment),
        plan_evaluation=evaluation[0],
        plan_warnings=evaluation[1],
        quarantined=answers.get("quarantine"),
        regions=regions,
        unread=unread,
    )


def _plan(deployment: Deployment) -> str | None:
    plans = (deployment.find(region, parameters.PLAN_ARN) for region in deployment.regions.both)
    return next((plan for plan in plans if plan), None)


def _of_stage(endpoint: Endpoint, deployment: Deployment, view: str, ports: Ports) -> dict[str, Callable[[], Any]]:
    """The questions about the whole stage, by the name that `unread` has for each."""

    def members() -> LedgerMembers:
        state = ledger_state(endpoint, deployment, view)
        return LedgerMembers(status=state.status, writer=state.writer_region, members=tuple(sorted(state.members)))

    def ages() -> dict[str, float]:
        for region in sorted(deployment.regions.both, key=lambda region: region != view):
            if deployment.has(region) and (ages := readings.heartbeats(endpoint, deployment, region)):
                return ages  # a Region whose table does not answer is not asked alone
        raise OperationError(f"{view} has no heartbeat, or does not tell it")

    questions: dict[str, Callable[[], Any]] = {
        "heartbeats": ages,
        "quarantine": lambda: count_held(in_quarantine(endpoint, deployment)),
    }
    regions = deployment.regions
    if not regions.single:
        questions["ledger"] = members
        questions["canary"] = lambda: told.canary(endpoint, deployment, view)
        if deployment.has(regions.secondary):  # the switch is there alone
            questions["recover"] = lambda: last_said(endpoint, deployment)
            questions["takeover"] = lambda: switch_state(endpoint, deployment)
    plan = _plan(deployment)
    if plan:
        questions["plan evaluation"] = lambda: readings.plan_evaluation(endpoint, plan, view)
    name = deployment.find(view, parameters.API_NAME)
    if name:
        questions["traffic"] = lambda: ports.region_in_dns(endpoint, name)
    return questions


def _of_region(endpoint: Endpoint, deployment: Deployment, region: str, ports: Ports) -> dict[str, Callable[[], Any]]:
    """The questions about one Region."""
    names = deployment.names
    questions: dict[str, Callable[[], Any]] = {
        "health": lambda: ports.healthy(endpoint, deployment, region),
        "projector lag": lambda: readings.iterator_age_seconds(endpoint, deployment, region),
        "marks": lambda: readings.ledger_marks(endpoint, deployment, region),
        "rows behind": lambda: rows_behind(endpoint, deployment, region),
        "told marks": lambda: told.marks_told(endpoint, deployment, region),
        "restore test": lambda: last_restore_test(endpoint, deployment, region),
        "instances": lambda: readings.running_instances(endpoint, deployment, region),
        "alarms": lambda: ringing(endpoint, deployment, region),
        "backup": lambda: readings.last_backup_seconds(endpoint, region, names.backup_vault, copied=False),
        "code": lambda: readings.code_version(endpoint, deployment, region),
    }
    if not deployment.regions.single:
        # the primary's backups are copied to a vault of their own, the secondary's to the primary's vault
        vault = names.backup_vault if region == deployment.regions.primary else names.copy_vault
        questions["copy"] = lambda: readings.last_backup_seconds(endpoint, region, vault, copied=True)
    return {f"{what} of {region}": question for what, question in questions.items()}


def _ask(questions: Mapping[str, Callable[[], Any]]) -> tuple[dict[str, Any], dict[str, str]]:
    """Ask everything at once; return the answers, and the reason for each that there is none."""
    answers, unread = {}, {}
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        asked = {what: pool.submit(question) for what, question in questions.items()}
        for what, future in asked.items():
            try:
                answers[what] = future.result()
            except UNREADABLE as error:
                unread[what] = " ".join(str(error).split())[:MOST_CHARACTERS] or type(error).__name__
            except UNREADABLE_FORM as error:
                unread[what] = f"the answer is not of the form that AWS documents ({type(error).__name__}: {error})"
    return answers, unread


def _region(
    deployment: Deployment,
    region: str,
    role: str,
    *,
    answers: Mapping[str, Any],
    unread: dict[str, str],
    age: float | None,
    writer: str | None,
    canary: told.Canary | None,
) -> RegionState:
    def answer(what: str) -> Any:
        return answers.get(f"{what} of {region}")

    marks, conflicts = answer("marks") or (None, None)
    alarms: Ringing | None = answer("alarms")
    ledger_answers: bool | None = True if marks is not None else None
    told_seconds: float | None = None
    if marks is None and deployment.has(region):
        instances = answer("instances")
        refused = region == writer and _dead(unread.get(f"marks of {region}", ""))
        if refused or instances == 0:
            ledger_answers = False
        elif region != writer and writer is not None:
            unread.pop(f"marks of {region}", None)  # AWS's Data API refuses a cluster that does not write
        told_marks: dict[str, told.Told] = answer("told marks") or {}
        if told_marks and ledger_answers is None:
            marks = {origin: point.value for origin, point in told_marks.items()}
            told_seconds = max(point.ago_seconds for point in told_marks.values())
            if DENIED in unread.get(f"marks of {region}", ""):
                del unread[f"marks of {region}"]  # who may only look knows it by the sweeper
    if ledger_answers is not True:
        unread.pop(f"rows behind of {region}", None)  # said already, by the marks
    unread.pop(f"instances of {region}", None)  # RDS's word only where the ledger itself says nothing
    return RegionState(
        role=role,
        answers=region in deployment.parameters,
        deployed=deployment.has(region),
        api=deployment.find(region, parameters.API_URL),
        healthy=bool(answer("health")),
        heartbeat_age_seconds=age,
        iterator_age_seconds=answer("projector lag"),
        ledger_answers=ledger_answers,
        mark_age_seconds=marks,
        marks_told_seconds=told_seconds,
        rows_behind=answer("rows behind") if ledger_answers else None,
        conflicts=conflicts,
        alarms=None if alarms is None else tuple(name for name in alarms.names if name not in alarms.starting),
        starting=alarms.starting if alarms else (),
        backup_age_seconds=answer("backup"),
        copy_age_seconds=answer("copy"),
        restore_test=answer("restore test"),
        canary=canary,
        settings=deployment.find(region, parameters.SETTINGS_VERSION),
        code=answer("code"),
    )


def _dead(reason: str) -> bool:
    """Say whether the database is what failed: who may not ask, or cannot reach the Data API, learns nothing of it."""
    return any(words in reason for words in DEAD)
