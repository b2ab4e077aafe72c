"""`takeover`: the endpoint a health check asks, and the action that sets it.

It exists in both Regions, because a Region switch plan's custom action must exist wherever it can be activated (ARC
Developer Guide, custom action Lambda execution block); it always writes to the secondary Region's table.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from tandem_runtime.shared.clients import client
from tandem_runtime.shared.problems import Problem, json_response
from tandem_runtime.takeover.logic import Switch, action_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROUTE = "GET /takeover"


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer `GET /takeover`, a direct `{"action": "set" | "release" | "status"}`, or a plan's custom action.

    Raises ValueError for anything else, before anything is read or written.
    """
    switch = Switch(client("dynamodb", os.environ["TANDEM_TAKEOVER_REGION"]), os.environ["TANDEM_TAKEOVER_TABLE"])
    if "routeKey" in event:
        if event["routeKey"] == _ROUTE and switch.active():
            return json_response(200, {"active": True})
        return Problem(404, "the secondary region has not taken over").response()
    action, reason = action_of(event)
    if action != "status":
        switch.set(active=action == "set", reason=reason, at=time.time())
    return switch.state()
