"""The embedded AWS's control endpoint, by which a drill loses Regions and brings them back."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from operations.errors import OperationError, WrongInputError
from operations.http_client import HttpClient

OK = 200
PATIENCE_SECONDS = 60


class Control:
    """The embedded AWS's control endpoint: outages and lag. The real AWS has none, and none is ever sent to it."""

    def __init__(self, url: str) -> None:
        """Take the endpoint's URL; raises WrongInputError when nothing there answers as an embedded AWS."""
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port
        try:
            self.state()
        except (OSError, OperationError) as error:
            raise WrongInputError(
                f"--endpoint-url {url} is not an embedded AWS ({error}): leave it out to have one started; a drill "
                "injects nothing into AWS, there run an experiment of AWS FIS: tandem game-day (docs/game-days.md)"
            ) from error

    def state(self) -> dict[str, Any]:
        """Return lost Regions, lag, pending replication."""
        return self._call("GET", "state")

    def lose(self, region: str) -> None:
        """Lose a Region: its endpoints refuse, its workers and its database are killed."""
        self._call("POST", f"regions/{region}/lose")

    def restore(self, region: str) -> None:
        """Bring a lost Region back."""
        self._call("POST", f"regions/{region}/restore")

    def lose_database(self, region: str) -> None:
        """Kill the Region's database; its API and its functions live on."""
        self._call("POST", f"regions/{region}/database/lose")

    def restore_database(self, region: str) -> None:
        """Bring the Region's database back, as a standby where another Region's took over."""
        self._call("POST", f"regions/{region}/database/restore")

    def lose_api(self, region: str) -> None:
        """Have the Region's API answer nobody; its functions and its database live on."""
        self._call("POST", f"regions/{region}/api/lose")

    def restore_api(self, region: str) -> None:
        """Bring the Region's API back."""
        self._call("POST", f"regions/{region}/api/restore")

    def begin_restore_tests(self, region: str, plan: str) -> None:
        """Have AWS Backup test a Region's plan now, and not at the time that it names."""
        self._call("POST", f"restore-tests/{region}/{plan}")

    def partition(self, *, on: bool, isolated: str | None = None) -> None:
        """Cut one Region off, the secondary unless `isolated` names another, or mend the link.

        Both go on, but for the strongly consistent tables of the isolated one: a witness stays with the other side.
        """
        self._call("POST", "partition/" + (f"on/{isolated}" if on and isolated else "on" if on else "off"))

    def add_fault(
        self,
        *,
        region: str,
        service: str,
        operation: str = "*",
        share: float = 1,
        error: str = "",
        status: int = 500,
        delay_milliseconds: int = 0,
    ) -> int:
        """Have a share of a Region's calls fail or take longer; return the number by which that is taken back."""
        given = {
            "region": region,
            "service": service,
            "operation": operation,
            "share": share,
            "error": error,
            "status": status,
            "delay_milliseconds": delay_milliseconds,
        }
        return int(self._call("POST", f"faults?{urlencode(given)}")["number"])

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults that there are, each with how many calls it has met and struck."""
        return list(self._call("GET", "faults")["faults"])

    def remove_faults(self) -> None:
        """Take all faults back that `add_fault` added."""
        self._call("DELETE", "faults")

    def make_zone(self, zone_id: str, name: str) -> None:
        """Have a hosted zone of this id and name stand there, unless one of this id does."""
        self._call("POST", f"zones/{zone_id}/{name}")

    def record_calls(self) -> None:
        """Record every call from now on, and forget those before."""
        self._call("POST", "calls/clear")
        self._call("POST", "calls/on")

    def calls(self) -> list[dict[str, Any]]:
        """Return the calls recorded so far, oldest first; raises OperationError when the record is not whole."""
        record = self._call("GET", "calls")
        if record["dropped"]:
            raise OperationError(f"{record['dropped']} calls were dropped: clear the record more often")
        return list(record["calls"])

    def lag(self, milliseconds: int) -> None:
        """Set the replication lag between Regions."""
        self._call("POST", f"lag/{milliseconds}")

    def _call(self, method: str, path: str) -> dict[str, Any]:
        with HttpClient("http", self._host, self._port, timeout_seconds=PATIENCE_SECONDS) as client:
            status, body = client.request(method, f"/_emulator/{path}")
        if status != OK:
            raise OperationError(f"{method} /_emulator/{path} answered {status}")
        try:
            result = json.loads(body or b"{}")
        except ValueError:
            raise OperationError(f"{method} /_emulator/{path} answered no JSON: {body[:40]!r}") from None
        return result if isinstance(result, dict) else {}
