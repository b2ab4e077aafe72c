"""`takeover`: the endpoint that a health check asks, and the action that moves the switch.

It exists in both Regions, because a Region switch plan's custom action must exist wherever it can be activated (ARC
Developer Guide, custom action Lambda execution block); it always writes to the secondary Region's table.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from contract.checks import TAKEOVER_PATH
from contract.environment import Takeover
from tandem_runtime.shared.clients import client
from tandem_runtime.shared.problems import Problem, json_response
from tandem_runtime.takeover.adapters import Switch
from tandem_runtime.takeover.logic import act

if TYPE_CHECKING:
    from collections.abc import Mapping

own = Takeover.read(os.environ)

_ROUTE = f"GET {TAKEOVER_PATH}"
"""How the route's key begins: in a stage with a domain its path goes on with a part that nobody can guess."""


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer `GET /takeover…`, a direct `{"action": "set" | "release" | "status"}`, or a plan's custom action.

    Raises ValueError for anything else, before anything is read or written.
    """
    switch = Switch(client("dynamodb", own.takeover_region), own.takeover_table)
    if "routeKey" in event:
        if event["routeKey"].startswith(_ROUTE) and switch.state()["active"]:
            return json_response(200, {"active": True})
        return Problem(404, "the secondary region has not taken over").response()
    return act(event, switch, now=time.time())
