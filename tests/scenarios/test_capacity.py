"""`capacity` in a deployed stage: each Region may ask what it has to, and tells both figures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from operations.endpoint import Endpoint
from tests.scenarios.conftest import REGIONS

if TYPE_CHECKING:
    from tests.scenarios.conftest import DeployedStage


def test_each_region_tells_what_its_projector_asks_for_and_what_it_lacks(deployed: DeployedStage) -> None:
    endpoint = Endpoint(deployed.url)
    for region in REGIONS.both:
        answer = endpoint.functions(region).invoke(FunctionName=f"tandem-capacity-{deployed.name}", Payload=b"{}")
        told = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, told
        assert told["projector_demand"] >= 2
        assert told["concurrency_shortfall"] == 0
