"""What a global database may fail over to: a member whose database runs.

RDS refuses another one with InvalidDBClusterStateFault (RDS API Reference, FailoverGlobalCluster, Errors). MiniStack
names it the writer all the same, and a database that is down cannot be promoted afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emulator.aurora.postgres import Node

CODE = "InvalidDBClusterStateFault"


def refusing_what_is_down(stock: Callable[[Any], Any], nodes: Mapping[str, Node]) -> Callable[[Any], Any]:
    """Stand in front of FailoverGlobalCluster; `nodes` are the databases by their clusters' ARNs."""

    def failover(parameters: Any) -> Any:
        target = str(ministack.RDS_PARAMETER.value(parameters, "TargetDbClusterIdentifier"))
        node = nodes.get(target)
        if node is not None and not node.running:
            return ministack.RDS_ERROR.value(CODE, f"{target} is not available: its database does not run", 400)
        return stock(parameters)

    return failover
