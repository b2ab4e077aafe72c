"""Route 53's health checkers: they ask the deployed endpoints over HTTP, from outside every Region.

A new check is healthy, and an inverted one therefore unhealthy, until enough was observed; it flips after
`FailureThreshold` opposite results in a row (Route 53 Developer Guide, "How Amazon Route 53 determines whether a health
check is healthy"). One checker asks here, where Route 53 has many and takes the share that agrees.
"""

from __future__ import annotations

import http.client
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ENDPOINT_TYPES = ("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH")
CONNECT_SECONDS = 4.0
ANSWER_SECONDS = 2.0
"""From the connection to the status: an HTTP check allows two seconds (Route 53 Developer Guide)."""
SEARCHED_BYTES = 5120
TICK_SECONDS = 0.02
PROBES_AT_ONCE = 16


class HttpProbe:
    """Asks one endpoint over plain HTTP at the address that its name has: the embedded AWS serves no TLS."""

    def __init__(self, address: Callable[[str], str | None], port: int) -> None:
        """Take how a host is resolved, None where it has no address, and the port that every Region serves on."""
        self._address, self._port = address, port

    def __call__(self, config: Mapping[str, Any]) -> bool:
        """Say whether the endpoint answered 2xx or 3xx in time, with the text that it is searched for."""
        host = str(config.get("FullyQualifiedDomainName") or config.get("IPAddress", ""))
        address = config.get("IPAddress") or self._address(host)
        if not address:
            return False
        connection = http.client.HTTPConnection(str(address), self._port, timeout=CONNECT_SECONDS)
        try:
            connection.connect()
            began = time.monotonic()
            connection.sock.settimeout(ANSWER_SECONDS)
            connection.request("GET", config.get("ResourcePath") or "/", headers={"Host": host})
            response = connection.getresponse()
            answered = time.monotonic() - began <= ANSWER_SECONDS and 200 <= response.status < 400  # noqa: PLR2004
            text = str(config.get("SearchString") or "").encode()
            return answered and text in response.read(SEARCHED_BYTES)
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


@dataclass(kw_only=True)
class _Observed:
    due: float
    passing: bool = True
    against: int = 0
    asking: bool = False
    results: int = 0


class HealthChecks:
    """Evaluates health checks until stopped. `healthy` may be called from any thread."""

    def __init__(
        self,
        configurations: Callable[[], Mapping[str, Mapping[str, Any]]],
        probe: Callable[[Mapping[str, Any]], bool],
        *,
        interval_scale: float = 1.0,
    ) -> None:
        """Take the deployed configurations by id, how an endpoint is asked, and what intervals are multiplied by."""
        self._configurations, self._probe, self.interval_scale = configurations, probe, interval_scale
        self._observed: dict[str, _Observed] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._workers = ThreadPoolExecutor(PROBES_AT_ONCE, thread_name_prefix="health-check")

    def start(self) -> None:
        """Begin to ask."""
        threading.Thread(target=self._run, name="health-checks", daemon=True).start()

    def stop(self) -> None:
        """Ask no more."""
        self._stop.set()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def healthy(self, check: str) -> bool:
        """Say whether a check is healthy; one that does not exist is not."""
        return self._healthy(check, self._configurations(), frozenset())

    def due(self, now: float) -> list[str]:
        """Return the endpoint checks to ask now, each once per interval; those deleted are forgotten."""
        configurations = self._configurations()
        due = []
        with self._lock:
            for gone in set(self._observed) - set(configurations):
                del self._observed[gone]
            for check, config in configurations.items():
                if config.get("Type") not in ENDPOINT_TYPES or config.get("Disabled"):
                    continue
                seen = self._observed.setdefault(check, _Observed(due=now))
                if not seen.asking and now >= seen.due:
                    seen.due = max(seen.due + self._interval(config), now)
                    seen.asking = True
                    due.append(check)
        return due

    def observe(self, check: str, *, passed: bool) -> None:
        """Count a result: as many opposite ones in a row as the check's threshold change its state."""
        config = self._configurations().get(check, {})
        with self._lock:
            seen = self._observed.get(check)
            if seen is None:
                return
            seen.asking, seen.results = False, seen.results + 1
            seen.against = seen.against + 1 if passed != seen.passing else 0
            if seen.against >= int(config.get("FailureThreshold", 3)):
                seen.passing, seen.against = passed, 0

    def report(self) -> dict[str, dict[str, Any]]:
        """Return every check's configuration and state; `interval_seconds` is the scaled one, in seconds.

        `against` is how many results in a row would change the state; `failure_threshold` of them do.
        """
        return {
            check: {
                "type": config.get("Type"),
                "target": f"{config.get('FullyQualifiedDomainName', '')}{config.get('ResourcePath', '')}",
                "inverted": bool(config.get("Inverted")),
                "evaluated": config.get("Type") in (*ENDPOINT_TYPES, "CALCULATED"),
                "healthy": self.healthy(check),
                "interval_seconds": self._interval(config) if config.get("Type") in ENDPOINT_TYPES else None,
                "failure_threshold": int(config.get("FailureThreshold", 3)),
                "against": self._observed[check].against if check in self._observed else 0,
                "results": self._observed[check].results if check in self._observed else 0,
            }
            for check, config in self._configurations().items()
        }

    def _interval(self, config: Mapping[str, Any]) -> float:
        return int(config.get("RequestInterval", 30)) * self.interval_scale

    def _healthy(self, check: str, configurations: Mapping[str, Mapping[str, Any]], above: frozenset[str]) -> bool:
        config = configurations.get(check)
        if config is None or check in above:
            return False
        if config.get("Disabled"):
            state = True
        elif config.get("Type") == "CALCULATED":
            children = config.get("ChildHealthChecks", [])
            count = sum(self._healthy(child, configurations, above | {check}) for child in children)
            state = count >= int(config.get("HealthThreshold", 0))
        else:
            with self._lock:
                seen = self._observed.get(check)
            state = seen is None or seen.passing
        return not state if config.get("Inverted") else state

    def _run(self) -> None:
        while not self._stop.wait(TICK_SECONDS):
            for check in self.due(time.monotonic()):
                self._workers.submit(self._ask, check, self._configurations().get(check, {}))

    def _ask(self, check: str, config: Mapping[str, Any]) -> None:
        passed = False
        try:
            passed = self._probe(config)
        finally:
            self.observe(check, passed=passed)
