"""What a Region publishes in its Parameter Store, for operators, clients and the next deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract import parameters
from contract.fixed_settings import fixed_settings, written
from contract.settings_version import version_of
from tandem.ledger_place import ledger_place

if TYPE_CHECKING:
    from stacks.region_stack import RegionStack
    from tandem.api import TransactionApi
    from tandem.ledger import PrimaryLedger, SecondaryLedger
    from tandem.projector import Projection


def region_parameters(
    stack: RegionStack, *, api: TransactionApi, ledger: PrimaryLedger | SecondaryLedger, projection: Projection
) -> dict[str, str]:
    """Return the values of a Region's parameters, by the part of their names that `contract/parameters.py` spells."""
    placement, names = stack.placement, stack.placement.names
    values = {
        parameters.ROLE: stack.role,
        parameters.TOPOLOGY: placement.settings.topology,
        parameters.FIXED_SETTINGS: written(fixed_settings(placement.settings.model_dump())),
        parameters.SETTINGS_VERSION: version_of(placement.settings.model_dump(mode="json")),
        parameters.API_URL: api.url,
        parameters.JOURNAL_TABLE: names.journal_table,
        parameters.OPERATIONAL_TABLE: names.operational_table,
        parameters.LEDGER_CLUSTER_ARN: ledger.arn,
        parameters.LEDGER_PLACE: ledger_place(ledger),
        parameters.DATABASE_SECRET_ARN: names.administrator_secret_arn(stack.region_name),
        parameters.DOCUMENTS_BUCKET: names.documents_bucket(stack.region_name),
        parameters.SWEEPER_FUNCTION: names.function("sweeper"),
        parameters.PROJECTOR_MAPPING_ID: projection.mapping.event_source_mapping_id,
    }
    if placement.api_name and stack.shared.zone:
        values[parameters.API_NAME] = placement.api_name
        values[parameters.HOSTED_ZONE_ID] = stack.shared.zone.hosted_zone_id
    if placement.dual:
        values[parameters.TAKEOVER_FUNCTION] = names.function("takeover")
        values[parameters.COMPARE_FUNCTION] = names.function("compare")
    return values
