"""A record of who asked for what: every request to the embedded AWS and every global resource CloudFormation touched.

It is off until `POST /_emulator/calls/on`; `GET /_emulator/calls` returns it, `POST /_emulator/calls/clear` empties it.
It keeps the last `LIMIT` calls and says how many it dropped, so that nobody takes a cut record for a whole one.
"""

from __future__ import annotations

import re
import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT = 20_000
_FORM = "application/x-www-form-urlencoded"
_RPC_PATH = re.compile(r"/operation/(?P<name>[A-Za-z0-9]+)$")


@dataclass(kw_only=True)
class Call:
    """One call. `region` is the one that it needs: us-east-1 for a global control plane, None where it needs none.

    `at` is in epoch seconds; `status` is the HTTP status of the answer, None when the connection was cut instead.
    """

    at: float
    service: str
    operation: str
    region: str | None
    caller: str
    status: int | None = None


class CallLog:
    """The calls, oldest first."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.on = False
        self._calls: deque[Call] = deque(maxlen=limit)
        self._dropped = 0

    def add(self, *, service: str, operation: str, region: str | None, caller: str) -> Call:
        """Record a call whose answer is not known yet."""
        self._dropped += len(self._calls) == self._calls.maxlen
        made = Call(at=time.time(), service=service, operation=operation, region=region, caller=caller)
        self._calls.append(made)
        return made

    def clear(self) -> None:
        """Forget every call."""
        self._calls.clear()
        self._dropped = 0

    def control(self, action: str) -> bool:
        """Do what the control endpoint asks for; return whether it is known."""
        match action:
            case "on" | "off":
                self.on = action == "on"
            case "clear":
                self.clear()
            case _:
                return False
        return True

    def report(self) -> dict[str, Any]:
        """Return the calls as plain data."""
        return {"on": self.on, "dropped": self._dropped, "calls": [asdict(each) for each in list(self._calls)]}


def operation_of(
    method: str, path: str, headers: Mapping[str, str], query: Mapping[str, list[str]], body: bytes
) -> str:
    """Name the operation as the JSON, RPC and query protocols do; for REST, by method, path and parameters' names."""
    if target := headers.get("x-amz-target"):
        return target.rpartition(".")[2]
    if match := _RPC_PATH.search(path):
        return str(match["name"])
    is_form = headers.get("content-type", "").startswith(_FORM)
    form: Mapping[str, list[str]] = parse_qs(body.decode("latin-1")) if is_form else {}
    for action in [*form.get("Action", []), *query.get("Action", [])]:
        return action
    parts = "&".join(sorted(name for name in query if not name.lower().startswith("x-")))
    return f"{method} {path}" + (f"?{parts}" if parts else "")
