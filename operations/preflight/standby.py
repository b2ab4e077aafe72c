"""Whether the other Region could take over: the same code, the same settings, a ledger that follows, a sound plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract import parameters
from operations import readings
from operations.errors import OperationError
from operations.global_database import ledger_state
from operations.preflight.lines import ObjectionError

if TYPE_CHECKING:
    from operations.preflight.lines import Subject

SHARED = (
    parameters.TOPOLOGY,
    parameters.API_NAME,
    parameters.JOURNAL_TABLE,
    parameters.OPERATIONAL_TABLE,
    parameters.HOSTED_ZONE_ID,
)
"""What both Regions are told, and must be told alike."""


def code(subject: Subject) -> str:
    """The digest of the code that takes transactions, the same in both Regions."""
    digests = {
        region: readings.code_version(subject.endpoint, subject.deployed, region) for region in subject.regions.both
    }
    if len(set(digests.values())) > 1:
        versions = ", ".join(f"{digest[:12]} in {region}" for region, digest in digests.items())
        raise ObjectionError(f"the Regions run different code: {versions}")
    return f"both Regions run {next(iter(digests.values()))[:12]}"


def settings(subject: Subject) -> str:
    """What both Regions' Parameter Stores hold of the stage's settings."""
    deployed, (primary, secondary) = subject.deployed, subject.regions.both
    for region in subject.regions.both:
        if not deployed.has(region):
            raise OperationError(f"{region} does not tell its parameters")
    differing = [key for key in SHARED if deployed.find(primary, key) != deployed.find(secondary, key)]
    if differing:
        raise ObjectionError(f"the Regions were told different things: {', '.join(differing)}")
    return "both Regions were told the same"


def follows(subject: Subject) -> str:
    """The secondary's ledger as a member of a global database that is available."""
    region = subject.regions.secondary
    state = ledger_state(subject.endpoint, subject.deployed, region)
    if region not in state.members:
        raise ObjectionError(f"{region} is no member of the global database")
    if state.status != "available":
        raise ObjectionError(f"the global database is {state.status}")
    return f"{state.writer_region} writes, {len(state.members)} members, available"


def plan(subject: Subject) -> str:
    """ARC's own evaluation of the recovery plan."""
    deployed, region = subject.deployed, subject.regions.secondary
    plan_arn = deployed.find(region, parameters.PLAN_ARN)
    if plan_arn is None:
        if not deployed.has(region):
            raise OperationError(f"{region} does not tell whether there is a plan")
        return "the stage has no plan: tandem failover runs the steps"
    state, warnings = readings.plan_evaluation(subject.endpoint, plan_arn, region)
    if state == "actionRequired":
        raise ObjectionError("; ".join(warnings) or "the plan needs action")
    if state != "passed":
        raise OperationError(f"ARC's evaluation is {state}")
    return "ARC's evaluation passed"
