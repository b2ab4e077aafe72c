"""A shorter sweep margin, for campaigns whose drills follow each other within minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from contract.environment import Sweeper
from contract.parameters import SWEEPER_FUNCTION
from operations.errors import OperationError

if TYPE_CHECKING:
    from operations.deployment import Deployment
    from operations.endpoint import Endpoint


def set_sweep_margin(endpoint: Endpoint, deployment: Deployment, seconds: int) -> None:
    """Have both Regions' sweepers raise their marks on evidence that is `seconds` old, instead of the stage's margin.

    A mark that may rise only after an hour never rises in a campaign, and every sweep of it would read the whole
    journal. A shorter margin is the harder test: a mark that rose too early would lose what arrives behind it.
    """
    margin = Sweeper(sweep_margin_seconds=seconds)
    for region in deployment.regions.both:
        functions, name = endpoint.functions(region), deployment.get(region, SWEEPER_FUNCTION)
        try:
            variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
            functions.update_function_configuration(
                FunctionName=name, Environment={"Variables": {**variables, **margin.variables()}}
            )
        except (BotoCoreError, ClientError) as error:
            raise OperationError(f"the sweep margin of {name} in {region} could not be set: {error}") from error
