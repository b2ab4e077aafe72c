"""Which changes of its settings a deployed stage cannot take, found before anything is touched.

CloudFormation refuses most of them as well, but half way: resources that keep their names cannot be replaced, two
subnets cannot have the same addresses, and a table's consistency is chosen when it is made.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contract import fixed_settings as fixed
from contract import parameters
from contract.names import StageNames
from contract.patterns import ACCOUNT_PATTERN, REGION_PATTERN
from operations.deployment import SETTINGS, Regions, find_deployment, settings_of
from operations.errors import CredentialsError, OperationError, WrongInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from operations.endpoint import Endpoint

REMEDY = "set it back, or deploy a new stage and move the name (docs/changes.md)"
"""What an operator does about a change that is refused."""

_API = "api."
"""What the name of the API has before that of its domain."""


def refused_changes(endpoint: Endpoint, stage: str, settings: Path = SETTINGS) -> tuple[str, ...]:
    """Return a line for each setting in `<settings>/<stage>.toml` that the deployed stage cannot take.

    There is none for a stage that is not deployed yet. A Region that does not answer is not compared. Raises
    OperationError when no Region answers, CredentialsError when the credentials are refused, WrongInputError when the
    stage has no settings.
    """
    values = settings_of(stage, settings)
    wanted = fixed.with_domain(fixed.fixed_settings(values), fixed.domain_of(values))
    named = [name for role in ("primary", "secondary") if (name := wanted[fixed.region_key(role)])]
    if not named:
        return ()  # a file without Regions is refused as such when it is synthesized
    ask = [*named, *(region for region in _regions_with_documents(endpoint, stage, named[0]) if region not in named)]
    try:
        deployment = find_deployment(endpoint, stage, Regions(primary=named[0], secondary=named[-1]), ask=ask)
    except CredentialsError:
        raise
    except WrongInputError:  # nowhere: a first deployment may be anything
        return ()
    return differences(wanted, deployed_settings(deployment.parameters))


def deployed_settings(regions: Mapping[str, Mapping[str, str]]) -> fixed.Fixed:
    """Return what the parameters of the Regions that answered tell of the fixed settings, which may be a part of them.

    A release before this one published its topology and each Region's role only. Each Region's stack writes the
    parameter when it is deployed, so of a network the Region itself knows best.
    """
    told: fixed.Fixed = {}
    for region, values in regions.items():
        role = values.get(parameters.ROLE)
        if name := values.get(parameters.API_NAME):
            told = fixed.with_domain(told, name.removeprefix(_API))
        if text := values.get(parameters.FIXED_SETTINGS):
            published = _published(region, text)
            own = fixed.network_key(role or "")
            told |= {key: value for key, value in published.items() if key.startswith(own) or key not in told}
            continue
        if topology := values.get(parameters.TOPOLOGY):
            told.setdefault(parameters.TOPOLOGY, topology)
        if role:
            told.setdefault(fixed.region_key(role), region)
    return told


def _published(region: str, text: str) -> fixed.Fixed:
    try:
        return fixed.read(text)
    except ValueError as error:
        raise OperationError(f"parameter {parameters.FIXED_SETTINGS} in {region}: {error}") from error


def differences(wanted: Mapping[str, str], deployed: Mapping[str, str]) -> tuple[str, ...]:
    """Return a line for each key that is deployed with another value; a topology that changes makes the only line.

    Keys that the deployed stage does not tell of are not compared. A zone may be added, after those that are there.
    """
    lines = {
        key: _line(key, wanted.get(key, ""), value)
        for key, value in sorted(deployed.items())
        if not _is_kept(key, wanted.get(key, ""), value)
    }
    # another topology has other Regions and networks as well, and nobody has to read of each
    return (lines[parameters.TOPOLOGY],) if parameters.TOPOLOGY in lines else tuple(lines.values())


def _is_kept(key: str, wanted: str, deployed: str) -> bool:
    if fixed.lists_zones(key):
        return f"{wanted},".startswith(f"{deployed},")
    if key == fixed.domain_key():
        return not wanted or wanted == deployed
    return wanted == deployed


def _line(key: str, wanted: str, deployed: str) -> str:
    if fixed.lists_zones(key):
        reason = "zones keep their place, and new ones go to the end"
    elif key == fixed.domain_key():
        reason = "the primary Region would go on with the zone of the old name"
    else:
        reason = "it never changes after the first deployment"
    return f"{key} = {wanted!r}, but {deployed!r} is deployed and {reason}: {REMEDY}"


def _regions_with_documents(endpoint: Endpoint, stage: str, region: str) -> Sequence[str]:
    """The Regions whose document bucket of this stage exists, by the buckets' names, which the account lists at once.

    By them a stage is found whose settings name none of its Regions any more. Where listing is not allowed or S3 does
    not answer, there are none.
    """
    try:
        buckets: list[dict[str, Any]] = endpoint.buckets(region).list_buckets().get("Buckets", [])
    except (BotoCoreError, ClientError):
        return ()
    prefix = re.escape(StageNames(stage=stage).documents_buckets)
    name = re.compile(rf"{prefix}({REGION_PATTERN})-{ACCOUNT_PATTERN}")
    return [match[1] for each in buckets if (match := name.fullmatch(each["Name"]))]
