"""The metric that Aurora emits of a global database's replication: `AuroraGlobalDBReplicationLag`, in milliseconds.

A cluster that replicates emits it, once a minute (Aurora User Guide, Amazon CloudWatch metrics for Amazon Aurora). Its
value here is the lag that replication is delayed by, not a measurement. A standby without a link, or one that is down,
emits nothing.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emulator.aurora.databases import Databases

NAME = "AuroraGlobalDBReplicationLag"
PERIOD_SECONDS = 60
_SHORTEST_SECONDS = 0.25
"""Half of the shortest period that an alarm is evaluated by."""


class ReplicationLag:
    """Emits the metric of every standby, twice in each of the alarms' periods, which `scale` shortens."""

    def __init__(self, databases: Databases, scale: float, is_lost: Callable[[str], bool]) -> None:
        self._databases, self._is_lost = databases, is_lost
        self._pause = max(PERIOD_SECONDS * scale / 2, _SHORTEST_SECONDS)

    def install(self) -> None:
        """Start to emit."""
        threading.Thread(target=self._run, daemon=True, name="replication-lag").start()

    def emit(self) -> None:
        """Emit one value of each standby that replicates now."""
        for arn, milliseconds in self._lags():
            _, _, _, region, account, _, cluster = arn.split(":")
            with ministack.request_scope(account, region):
                ministack.CLOUDWATCH_RECORD.value(
                    "AWS/RDS", NAME, milliseconds, "Milliseconds", {"DBClusterIdentifier": cluster}
                )

    def _lags(self) -> Iterator[tuple[str, float]]:
        for arn, node in list(self._databases.nodes.items()):
            relay = node.relay
            if node.source is not None and relay is not None and node.running and not self._is_lost(node.region):
                yield arn, relay.delay * 1000

    def _run(self) -> None:
        while True:
            self.emit()
            time.sleep(self._pause)
