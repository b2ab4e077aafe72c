"""`domain`: two custom resources of a stage with a domain.

`CheckedPart` is the end of the paths that health checks ask. It is made once, kept in the Parameter Store of each
Region, and answered as an attribute that CloudFormation shows nobody. `ValidationRecords` removes the records by which
ACM validated certificates before the stage's own zone is deleted, because a zone that holds any record stays. Both
Regions' certificates need one and the same record, so no Region's stack may remove it.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Any

from contract.environment import Place, region_of
from tandem_runtime.domain.adapters import Parameter, Zone
from tandem_runtime.domain.logic import one_part
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import client
from tandem_runtime.shared.custom_resource import answer

if TYPE_CHECKING:
    from collections.abc import Mapping

region = region_of(os.environ)
logger = telemetry.logger(Place.read(os.environ).service)

_PART_BYTES = 24
"""As many as nobody guesses: 192 bits, which are 48 characters of a path."""


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Do what one of the two resources needs, and answer CloudFormation in every case. The part is never logged."""
    properties = event["ResourceProperties"]
    attributes: dict[str, str] = {}
    failure = ""
    try:
        if "Parameter" in properties:
            attributes = _checked_part(event["RequestType"], properties)
        elif event["RequestType"] == "Delete":
            removed = Zone(client("route53", region), properties["Zone"]).remove_validations()
            logger.info("validation records removed", extra={"records": removed})
    except Exception as error:  # noqa: BLE001 - without an answer CloudFormation would wait for an hour
        failure = f"{event['LogicalResourceId']}: {type(error).__name__}: {error}"
        logger.warning("failed: %s", failure)
    physical_id = properties.get("Parameter") or f"validations-of-{properties['Zone']}"
    answer(event, physical_id=physical_id, failure=failure, secrets=attributes)


def _checked_part(request: str, properties: Mapping[str, Any]) -> dict[str, str]:
    regions = [Parameter(client("ssm", region), properties["Parameter"]) for region in properties["Regions"]]
    if request == "Delete":
        for region in regions:
            region.remove()
        return {}
    return {"Part": one_part(regions, lambda: secrets.token_hex(_PART_BYTES))}
