"""`takeover`: the endpoint a health check asks, and the action that sets it.

It exists in both Regions, because a Region switch plan's custom action must exist wherever it can be activated (ARC
Developer Guide, custom action Lambda execution block); it always writes to the secondary Region's table.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from tandem_runtime.clients import client
from tandem_runtime.problems import Problem, json_response
from tandem_runtime.takeover.logic import Switch

if TYPE_CHECKING:
    from collections.abc import Mapping

_ACTIONS = ("set", "release", "status")


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer `GET /takeover`, a direct `{"action": "set" | "release" | "status"}`, or a plan's custom action.

    A plan runs in the Region that it activates: in the secondary it sets the switch, in the primary it releases it.
    """
    switch = Switch(client("dynamodb", os.environ["TANDEM_TAKEOVER_REGION"]), os.environ["TANDEM_TAKEOVER_TABLE"])
    if "routeKey" in event:
        if switch.active():
            return json_response(200, {"active": True})
        return Problem(404, "the secondary region has not taken over").response()
    default = "set" if os.environ["TANDEM_REGION_ROLE"] == "secondary" else "release"
    action = event.get("action", default)
    if action not in _ACTIONS:
        action = default
    if action != "status":
        reason = str(event.get("reason", event.get("planArn", "direct invocation")))
        switch.set(active=action == "set", reason=reason, at=time.time())
    return {"active": switch.active()}
