"""Failures that are not binary: a share of calls of a Region, a service or an operation fails, or takes longer.

`POST /_emulator/faults?region=us-east-1&service=dynamodb&share=0.3&error=InternalServerError` adds one,
`DELETE /_emulator/faults/NUMBER` takes it back, `DELETE /_emulator/faults` takes all back, and `GET /_emulator/faults`
lists what there is, how often each has struck, and what may be given.

Which calls of a share are struck is counted and not drawn: of ten at 0.3, always the fourth, seventh and tenth. So a
drill that is run again meets the same, and a share is exact even for a handful of calls.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ANY = "*"
STREAMS = "streams"
"""What the delivery of tables' streams is called: it is no call, so a fault of this service stops it altogether."""
LONGEST_DELAY_MILLISECONDS = 60_000
GIVEN: Mapping[str, str] = {
    "region": "a Region of this embedded AWS, or * (the default)",
    "service": "the name that a request is signed for, as dynamodb or sts; execute-api for requests to an API; "
    "streams for the delivery of tables' streams, which stops altogether; or * (the default)",
    "operation": "as GET /_emulator/calls names it, as PutItem; how it begins and a *; or * (the default)",
    "share": "how many of the calls are struck, above 0 and at most 1 (the default)",
    "error": "the code that is answered, as InternalServerError or ThrottlingException; nothing: the call succeeds",
    "status": "the HTTP status of that answer, 400 to 599 (default: 500)",
    "delay_milliseconds": f"how much later the call begins, 0 (the default) to {LONGEST_DELAY_MILLISECONDS}",
}
"""What a fault may be given, for whoever asks the control."""


class UnknownFaultError(Exception):
    """What was given is no fault."""


@dataclass(kw_only=True)
class Fault:
    """One fault, and how many calls it has met and struck."""

    number: int
    region: str = ANY
    service: str = ANY
    operation: str = ANY
    share: float = 1.0
    error: str = ""
    status: int = 500
    delay_milliseconds: int = 0
    met: int = field(default=0)
    struck: int = field(default=0)

    def meets(self, region: str | None, service: str, operation: str) -> bool:
        """Whether a call is one of those that a share of is struck."""
        asked = ((self.region, region), (self.service, service))
        if any(given not in (ANY, of) for given, of in asked):
            return False
        begins = self.operation.removesuffix(ANY)
        return operation == begins if begins == self.operation else operation.startswith(begins)

    def strike(self) -> bool:
        """Count a call, and say whether this one is struck."""
        before = math.floor(self.met * self.share + 1e-9)
        self.met += 1
        strikes = math.floor(self.met * self.share + 1e-9) > before
        self.struck += strikes
        return strikes


@dataclass(frozen=True, kw_only=True)
class Blow:
    """What happens to one call: it begins so many seconds later, and is answered with an error where there is one."""

    delay_seconds: float = 0.0
    error: str = ""
    status: int = 0


class Faults:
    """The faults that are injected now."""

    def __init__(self, regions: Sequence[str]) -> None:
        self._regions = regions
        self._numbers = itertools.count(1)
        self._faults: dict[int, Fault] = {}

    @property
    def active(self) -> bool:
        """Whether there is any."""
        return bool(self._faults)

    def add(self, given: Mapping[str, str]) -> Fault:
        """Add a fault; raises UnknownFaultError, which says what may be given, for anything that is none."""
        unknown = sorted(given.keys() - GIVEN.keys())
        if unknown:
            raise UnknownFaultError(f"{unknown[0]!r} is not part of a fault: give {', '.join(GIVEN)}")
        region = given.get("region", ANY)
        if region != ANY and region not in self._regions:
            raise UnknownFaultError(f"{region!r} is not served: give one of {', '.join(self._regions)}, or *")
        fault = Fault(
            number=next(self._numbers),
            region=region,
            service=given.get("service", ANY),
            operation=given.get("operation", ANY),
            share=_number(given, "share", 1.0, 1e-6, 1),
            error=given.get("error", ""),
            status=int(_number(given, "status", 500, 400, 599)),
            delay_milliseconds=int(_number(given, "delay_milliseconds", 0, 0, LONGEST_DELAY_MILLISECONDS)),
        )
        if not (fault.error or fault.delay_milliseconds or fault.service == STREAMS):
            raise UnknownFaultError("a fault needs an error or a delay_milliseconds: give one of them")
        self._faults[fault.number] = fault
        return fault

    def remove(self, number: int | None) -> bool:
        """Take a fault back, or all with None; return whether there was one of that number."""
        if number is None:
            self._faults.clear()
            return True
        return self._faults.pop(number, None) is not None

    def blow(self, region: str | None, service: str, operation: str) -> Blow | None:
        """What happens to a call now; None when nothing does. Delays add up, and the oldest error is answered."""
        struck = [each for each in list(self._faults.values()) if each.meets(region, service, operation)]
        struck = [each for each in struck if each.strike()]
        if not struck:
            return None
        failing = next((each for each in struck if each.error), None)
        return Blow(
            delay_seconds=sum(each.delay_milliseconds for each in struck) / 1000,
            error=failing.error if failing else "",
            status=failing.status if failing else 0,
        )

    def stops_streams(self, region: str) -> bool:
        """Whether the delivery of a Region's streams is stopped."""
        return any(each.service == STREAMS and each.region in (ANY, region) for each in list(self._faults.values()))

    def report(self) -> dict[str, Any]:
        """Return the faults as plain data, and what may be given."""
        return {"faults": [vars(each) for each in list(self._faults.values())], "given": dict(GIVEN)}


def answer_of(blow: Blow, service: str, headers: Mapping[str, str]) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Return headers and body of an error as the protocol of the request has it.

    JSON services name the code in `__type` and in a header, S3 and the query protocol in XML (botocore, parsers); API
    Gateway answers a message alone.
    """
    message = f"{blow.error} was injected by the embedded AWS"
    if service == "execute-api":
        return [(b"content-type", b"application/json")], f'{{"message":"{blow.error}"}}'.encode()
    if service == "s3":
        body = f"<Error><Code>{escape(blow.error)}</Code><Message>{escape(message)}</Message></Error>"
        return [(b"content-type", b"application/xml")], body.encode()
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        error = f"<Error><Code>{escape(blow.error)}</Code><Message>{escape(message)}</Message></Error>"
        return [(b"content-type", b"text/xml")], f"<ErrorResponse>{error}</ErrorResponse>".encode()
    given = headers.get("content-type", "application/json").encode("latin-1")
    body = f'{{"__type":"{blow.error}","message":"{message}"}}'
    return [(b"content-type", given), (b"x-amzn-errortype", blow.error.encode("latin-1"))], body.encode()


def _number(given: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    try:
        value = float(given.get(name, default))
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise UnknownFaultError(f"{name}={given[name]!r} is not a number from {low:g} to {high:g}")
    return value
