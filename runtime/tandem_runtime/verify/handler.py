"""`verify`: the plan's custom action after the ledger has moved. It runs in the Region that is being activated."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tandem_runtime.shared import telemetry
from tandem_runtime.shared.clients import client
from tandem_runtime.shared.settings import Settings
from tandem_runtime.verify.adapters import Region
from tandem_runtime.verify.logic import verify

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = telemetry.logger()
settings = Settings.read(os.environ)

_SWEEP_SECONDS = 870.0
"""As long as this function may run, but for its own answer."""


def handler(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer when the Region is whole; an error has the plan try again."""
    region = Region(
        name=settings.region,
        rds=client("rds", settings.region, seconds=20),
        # a second try would start a second sweep while the first one runs
        functions=client("lambda", settings.region, seconds=_SWEEP_SECONDS, attempts=1),
        global_cluster=os.environ["TANDEM_GLOBAL_CLUSTER"],
        cluster_arn=os.environ["TANDEM_TARGET_CLUSTER_ARN"],
        sweeper=os.environ["TANDEM_SWEEPER_FUNCTION"],
    )
    verified = verify(region)
    logger.info("verified", extra=verified)
    return verified
