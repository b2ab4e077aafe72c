"""Questions about the account: who asks, in which Regions, and what the account is prepared for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract.parameters import BOOTSTRAP_VERSION
from operations.preflight.lines import ObjectionError

if TYPE_CHECKING:
    from operations.preflight.lines import Subject

LEAST_VERSION = 6
"""The least version that the CDK's default synthesizer deploys with."""


def account(subject: Subject, region: str) -> str:
    """The account that answers in a Region, which is the one that settings and deployment name."""
    answering = subject.endpoint.client("sts", region).get_caller_identity()["Account"]
    deployed = subject.deployment.account if subject.deployment else None
    for source, named in (("the settings name", subject.settings.get("account")), ("the stage is in", deployed)):
        if named is not None and str(named) != answering:
            raise ObjectionError(f"the credentials are for account {answering}, {source} {named}")
    return f"account {answering} answers"


def bootstrap(subject: Subject, region: str) -> str:
    """The version of the CDK CLI's bootstrap stack in a Region."""
    client = subject.endpoint.parameters(region)
    stored = client.get_parameters(Names=[BOOTSTRAP_VERSION])["Parameters"]
    if not stored:
        raise ObjectionError(f"{region} is not bootstrapped")
    version = int(stored[0]["Value"])
    if version < LEAST_VERSION:
        raise ObjectionError(f"the bootstrap stack has version {version}, at least {LEAST_VERSION} is needed")
    return f"bootstrap stack of version {version}"


def engine(subject: Subject, region: str) -> str:
    """The version of Aurora PostgreSQL that the settings name, offered in a Region for a global database."""
    version = subject.settings.get("ledger", {}).get("engine_version")
    if version is None:
        raise ObjectionError(f"the settings of {subject.stage} name no ledger.engine_version")
    answer = subject.endpoint.rds(region).describe_db_engine_versions(
        Engine="aurora-postgresql", EngineVersion=str(version)
    )
    offered = [each for each in answer["DBEngineVersions"] if each.get("EngineVersion") == version]
    if not offered:
        raise ObjectionError(f"{region} does not offer Aurora PostgreSQL {version}")
    if offered[0].get("Status", "available") != "available":
        raise ObjectionError(f"Aurora PostgreSQL {version} is {offered[0]['Status']} in {region}")
    if not subject.regions.single and offered[0].get("SupportsGlobalDatabases") is False:
        raise ObjectionError(f"Aurora PostgreSQL {version} takes no global database in {region}")
    return f"Aurora PostgreSQL {version} is offered"
