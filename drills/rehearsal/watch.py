"""What a game day watches while an experiment runs: where DNS leads, whether the API answers there, and the canary."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

from botocore.exceptions import BotoCoreError, ClientError

from drills.clients.client import NamedClient
from drills.clients.resolver import CachedName, ResolutionError, ask
from drills.history.events import DnsAnswered
from drills.history.seen import ApiAsked, CanaryRead
from operations.errors import OperationError
from operations.told import canary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from drills.clients.resolver import Answer
    from drills.clients.tls import EmbeddedTls
    from drills.history.events import Event
    from operations.deployment import Deployment
    from operations.endpoint import Endpoint
    from operations.told import Told

API_SECONDS, CANARY_SECONDS = 1.0, 10.0
"""How often the API and the canary's metrics are asked."""
_STOP_SECONDS = 20.0


class Watch:
    """Asks on two threads of its own until it is stopped; every answer is noted."""

    def __init__(
        self,
        endpoint: Endpoint,
        deployment: Deployment,
        *,
        note: Callable[[Event], None],
        server: Mapping[str, Any] | None,
        tls: EmbeddedTls | None,
        answer_seconds: float,
    ) -> None:
        """Take the stage and who notes; `server` and `tls` are those of an embedded AWS, None for AWS itself."""
        self._endpoint, self._deployment, self._note = endpoint, deployment, note
        self._name = CachedName(deployment.api_name, ask(server), note=self._answered)
        self._client = NamedClient(endpoint, self._name, timeout_seconds=answer_seconds, tls=tls)
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._every, args=(seconds, look), name=name, daemon=True)
            for name, seconds, look in (
                ("api", API_SECONDS, self.ask_api),
                ("canary", CANARY_SECONDS, self.read_canary),
            )
        ]

    def ask_api(self) -> None:
        """Ask whether the Region that the API's name leads to is healthy, and note the answer; 0 means none came."""
        region, status = None, 0
        try:
            region = self._name.region()
            region, status, _ = self._client.request("GET", self._deployment.health_path(region))
        except (OSError, OperationError):
            status = 0
        self._note(ApiAsked(at=time.monotonic(), region=region, status=status))

    def read_canary(self) -> None:
        """Note what the secondary's canary measured of each Region in the last minutes."""
        view = self._deployment.regions.secondary
        try:
            told = canary(self._endpoint, self._deployment, view)
        except (BotoCoreError, ClientError, OperationError):
            return
        self._note(
            CanaryRead(
                at=time.monotonic(),
                acknowledged={region: _value(each.acknowledged) for region, each in told.items()},
                journalled={region: _value(each.journalled) for region, each in told.items()},
            )
        )

    def region(self) -> str | None:
        """Return the Region that the API's name leads to now, None where it leads nowhere."""
        try:
            return self._name.region()
        except ResolutionError:
            return None

    def _every(self, seconds: float, look: Callable[[], None]) -> None:
        while not self._stopped.is_set():
            look()
            self._stopped.wait(seconds)

    def _answered(self, answer: Answer) -> None:
        self._note(
            DnsAnswered(
                at=answer.at,
                client=0,
                canonical=answer.canonical,
                address=answer.address,
                ttl=answer.ttl,
                region=answer.region,
            )
        )

    def __enter__(self) -> Self:
        """Begin to watch."""
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Watch no more."""
        self._stopped.set()
        for each in self._threads:
            each.join(_STOP_SECONDS)
        self._client.close()


def _value(told: Told | None) -> float | None:
    return None if told is None else told.value
