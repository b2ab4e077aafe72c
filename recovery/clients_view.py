"""Where clients go: a model of the name's failover records, until the embedded AWS answers DNS questions itself.

The primary's record counts as healthy while its endpoint answers and the takeover switch is not set, which is the
calculated health check of the design; the switch is asked at its endpoint in the secondary Region.
"""

from __future__ import annotations

import http.client
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from recovery.endpoint import ApiClient

if TYPE_CHECKING:
    from recovery.deployment import Deployment
    from recovery.endpoint import Endpoint

__all__ = ["ClientsView"]

OK = 200


class ClientsView:
    """Probes at an interval and says which Region clients use; each change is recorded with its time."""

    def __init__(
        self, endpoint: Endpoint, deployment: Deployment, *, interval_seconds: float = 1, threshold: int = 3
    ) -> None:
        """Take the probe's interval in seconds and how many answers in a row change the opinion."""
        self.interval_seconds = interval_seconds
        self.threshold = threshold
        self._endpoint = endpoint
        self._primary, self._secondary = deployment.regions.both
        self._client = ApiClient(endpoint, deployment.api_urls, timeout_seconds=2)
        self._takeover_url = deployment.find(self._secondary, "takeover-url")
        self._stop = threading.Event()
        self._region = self._primary
        self.changes: list[tuple[float, str]] = [(time.monotonic(), self._primary)]
        self._thread = threading.Thread(target=self._run, name="clients-view", daemon=True)

    def region(self) -> str:
        """Return the Region that a client asking now is sent to."""
        return self._region

    def start(self) -> None:
        """Begin to probe."""
        self._thread.start()

    def stop(self) -> None:
        """Stop probing."""
        self._stop.set()
        self._thread.join(timeout=10)
        self._client.close()

    def _run(self) -> None:
        against = 0
        while not self._stop.wait(self.interval_seconds):
            wanted = self._primary if self._answers() and not self._taken_over() else self._secondary
            against = against + 1 if wanted != self._region else 0
            if against >= self.threshold:
                self._region, against = wanted, 0
                self.changes.append((time.monotonic(), wanted))

    def _answers(self) -> bool:
        try:
            return self._client.request(self._primary, "GET", "/healthz")[0] == OK
        except (OSError, http.client.HTTPException):
            return False

    def _taken_over(self) -> bool:
        if not self._takeover_url:
            return False
        url = self._endpoint.reachable(self._takeover_url)
        if not urlsplit(url).path.endswith("/takeover"):
            url += "/takeover"
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=2)
        try:
            connection.request("GET", parts.path)
            return connection.getresponse().status == OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
