"""All that a preflight asks, in the order in which it is shown."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.exceptions import HTTPClientError

from operations.changes import refused_changes
from operations.deployment import find_deployment, settings_of
from operations.errors import CredentialsError, OperationError, WrongInputError
from operations.preflight import account, domain, quotas, standby
from operations.preflight.lines import Line, ObjectionError, Outcome, Question, Subject
from operations.readings import healthy
from operations.status import AT_ONCE, MOST_CHARACTERS, UNREADABLE, UNREADABLE_FORM

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from operations.deployment import Deployment, Regions
    from operations.endpoint import Endpoint


def _refused(subject: Subject) -> Sequence[str]:
    return refused_changes(subject.endpoint, subject.stage, subject.folder)


@dataclass(frozen=True, kw_only=True)
class Ports:
    """What is asked by other means than AWS's APIs, and what another module knows.

    `refused_changes` returns, one line each, what the settings would change of a deployed stage and nobody can.
    """

    name_servers: Callable[[str], set[str]] = domain.name_servers
    healthy: Callable[[Endpoint, Deployment, str], bool] = healthy
    refused_changes: Callable[[Subject], Sequence[str]] = _refused


PORTS = Ports()
HEALTH_TRIES = 3
"""How often an API is asked for its health before it counts as unhealthy."""


def subject_of(endpoint: Endpoint, stage: str, regions: Regions, folder: Path) -> Subject:
    """Return what is to be asked about: a stage that may not be deployed yet.

    Raises CredentialsError when AWS refuses the credentials in every Region.
    """
    deployment = None
    try:
        deployment = find_deployment(endpoint, stage, regions)
    except CredentialsError:
        raise
    except (WrongInputError, OperationError):
        pass  # nothing is deployed, or nobody answers: each question says so by itself
    return Subject(
        endpoint=endpoint,
        stage=stage,
        regions=regions,
        deployment=deployment,
        folder=folder,
        settings=settings_of(stage, folder),
    )


def preflight(subject: Subject, *, ports: Ports = PORTS) -> list[Line]:
    """Ask everything at once and return a line for each question; raises nothing for what a question comes to."""
    questions = _questions(subject, ports)
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return list(pool.map(partial(_answer, subject), questions))


def _away(subject: Subject) -> str:
    """The Region that did not answer when the stage was looked for; empty where both did."""
    known = subject.deployment.parameters if subject.deployment else subject.regions.both
    return next((region for region in subject.regions.both if region not in known), "")


def _waits(question: Question, error: Exception, subject: Subject) -> str:
    """The Region whose absence keeps a question from its answer; empty where it is none.

    What names the other Region, in the question or in the error, has another cause.
    """
    away = _away(subject)
    others = [region for region in subject.regions.both if region != away]
    if not away or any(region in question.name or region in str(error) for region in others):
        return ""
    lost = away in str(error) or isinstance(error, (HTTPClientError, NoConnectionError))
    return away if lost else ""


def _answer(subject: Subject, question: Question) -> Line:
    try:
        detail = question.ask()
    except ObjectionError as error:
        remedy = error.remedy or question.remedy
        return Line(name=question.name, outcome=Outcome.FAILED, detail=str(error), remedy=remedy)
    except UNREADABLE as error:
        detail, remedy = " ".join(str(error).split())[:MOST_CHARACTERS] or type(error).__name__, question.remedy
        if away := _waits(question, error, subject):
            # what helps with a Region that answers is no help with one that is away
            detail, remedy = f"{away} does not answer", f"look again when {away} answers"
        return Line(name=question.name, outcome=Outcome.UNKNOWN, detail=detail, remedy=remedy)
    except UNREADABLE_FORM as error:
        detail = f"the answer is not of the form that AWS documents ({type(error).__name__}: {error})"
        return Line(name=question.name, outcome=Outcome.UNKNOWN, detail=detail, remedy=question.remedy)
    return Line(name=question.name, outcome=Outcome.PASSED, detail=detail)


def _questions(subject: Subject, ports: Ports) -> list[Question]:
    """A stage of one Region has no standby; one that is not deployed has only what a deployment needs."""
    questions = []
    for region in subject.regions.both:
        questions += [
            _of(f"account in {region}", account.account, subject, region, remedy="set AWS_PROFILE, or correct account"),
            _of(
                f"bootstrap of {region}",
                account.bootstrap,
                subject,
                region,
                remedy=f"make bootstrap STAGE={subject.stage}",
            ),
            _of(
                f"engine version in {region}",
                account.engine,
                subject,
                region,
                remedy="set ledger.engine_version to a version that both Regions offer",
            ),
        ]
    if subject.deployment is None:
        return questions
    ask = partial(_unchanged, subject, ports.refused_changes)
    remedy = "take the change back; docs/changes.md says what can be changed"
    questions.append(Question(name="what cannot be changed", remedy=remedy, ask=ask))
    questions += _of_standby(subject, ports)
    questions += [
        _of(
            f"certificate in {region}",
            domain.certificate,
            subject,
            region,
            remedy="look at its validation record: aws acm describe-certificate",
        )
        for region in subject.regions.both
    ]
    return [
        *questions,
        Question(
            name="domain delegated",
            remedy="enter the zone's name servers at the parent domain",
            ask=partial(domain.delegated, subject, ports.name_servers),
        ),
    ]


def _of_standby(subject: Subject, ports: Ports) -> list[Question]:
    if subject.regions.single:
        return []
    region, stage = subject.regions.secondary, subject.stage
    deploy = f"make deploy STAGE={stage}"
    raise_it = f"ask for more in {region}: Service Quotas console"
    named: list[tuple[str, Callable[[Subject], str], str]] = [
        ("code the same", standby.code, deploy),
        ("settings the same", standby.settings, deploy),
        (f"API of {region}", partial(_healthy, ports.healthy), f"look at the alarms of {region}: tandem status"),
        ("ledger follows", standby.follows, f"wait, then look again: tandem status --stage {stage}"),
        ("recovery plan", standby.plan, "aws arc-region-switch get-plan-evaluation-status --plan-arn PLAN"),
        ("Lambda quota", partial(quotas.functions, region=region), raise_it),
        ("DynamoDB quota", partial(quotas.tables, region=region), raise_it),
        ("API Gateway quota", partial(quotas.requests, region=region), raise_it),
        ("Serverless v2 capacity", partial(quotas.capacity, region=region), f"raise ledger.maximum_capacity, {deploy}"),
    ]
    return [Question(name=name, remedy=remedy, ask=partial(ask, subject)) for name, ask, remedy in named]


def _of(name: str, ask: Callable[[Subject, str], str], subject: Subject, region: str, *, remedy: str) -> Question:
    return Question(name=name, remedy=remedy, ask=partial(ask, subject, region))


def _healthy(answers: Callable[[Endpoint, Deployment, str], bool], subject: Subject) -> str:
    # a function that nobody has called for a while starts first, so a first answer may come too late
    if not any(answers(subject.endpoint, subject.deployed, subject.regions.secondary) for _ in range(HEALTH_TRIES)):
        raise ObjectionError("its API does not answer the health check")
    return "its API answers the health check"


def _unchanged(subject: Subject, refused_changes: Callable[[Subject], Sequence[str]]) -> str:
    refused = refused_changes(subject)
    if refused:
        raise ObjectionError("; ".join(refused))
    return "the settings change nothing that cannot be changed"
