"""`migrate`: a CloudFormation custom resource that brings the ledger's schema up to date.

It talks to the RDS Data API, from outside the VPC, to whichever cluster is the writer at that moment.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract.database import DATABASE
from contract.environment import Migrate, Place, region_of
from tandem_runtime.migrate.adapters import DataApi
from tandem_runtime.migrate.logic import migrate
from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import client

if TYPE_CHECKING:
    from collections.abc import Mapping

region = region_of(os.environ)
own = Migrate.read(os.environ)
logger = telemetry.logger(Place.read(os.environ).service)

_MIGRATIONS = Path(__file__).with_name("sql")
_CALL_SECONDS = 50.0


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer CDK's provider framework: apply what is missing on Create and Update, leave data alone on Delete."""
    if event["RequestType"] != "Delete":
        database = DataApi(
            client("rds-data", region, seconds=_CALL_SECONDS),
            cluster=own.ledger_cluster_arn,
            secret=own.ledger_secret_arn,
            name=DATABASE,
        )
        applied = migrate(database, sorted(_MIGRATIONS.glob("*.sql")))
        logger.info("migrated", extra={"applied": applied})
    return {"PhysicalResourceId": "ledger-schema"}
