"""What Route 53 answers: record sets of the deployed zones, chosen by health, and the addresses of AWS's own names.

Failover and simple record sets are answered. Weighted, latency, geolocation and alias sets, and wildcards, are not:
a question that needs one fails, so that nobody takes an invented answer for Route 53's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

AWS_HOST = re.compile(r"(?:^|\.)(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)\.(?:amazonaws\.com|on\.aws|api\.aws)$")
AWS_HOST_TTL = 60
CHAIN_LIMIT = 8
UNSUPPORTED = ("Weight", "Region", "GeoLocation", "MultiValueAnswer", "CidrRoutingConfig", "AliasTarget")


@dataclass(frozen=True, kw_only=True)
class Record:
    """One resource record in presentation format; `ttl` in seconds."""

    name: str
    type: str
    ttl: int
    value: str


@dataclass(kw_only=True)
class Outcome:
    """A response: `code` is the response code's name (RFC 1035, 4.1.1)."""

    code: str = "NOERROR"
    records: list[Record] = field(default_factory=list)
    authority: list[Record] = field(default_factory=list)


def region_of_host(host: str) -> str | None:
    """Return the Region that an AWS host name names, None where it names none."""
    match = AWS_HOST.search(host.rstrip(".").lower())
    return match["region"] if match else None


class Names:
    """Answers questions, following CNAMEs as a recursive server would."""

    def __init__(
        self,
        zones: Callable[[], Mapping[str, Sequence[Mapping[str, Any]]]],
        healthy: Callable[[str], bool],
        addresses: Mapping[str, str],
    ) -> None:
        """Take the record sets by zone name, whether a health check is healthy, and the address of each Region."""
        self._zones, self._healthy, self._addresses = zones, healthy, addresses

    def address(self, host: str) -> str | None:
        """Return the IPv4 address of a host, None where it has none."""
        return next((each.value for each in self.answer(host, "A").records if each.type == "A"), None)

    def answer(self, name: str, kind: str) -> Outcome:
        """Answer a question for records of type `kind`."""
        zones = {_plain(zone): sets for zone, sets in self._zones().items()}
        name, outcome = _plain(name), Outcome()
        for _ in range(CHAIN_LIMIT):
            zone = max((each for each in zones if name == each or name.endswith(f".{each}")), key=len, default=None)
            if zone is None:
                self._aws_host(name, kind, outcome)
                return outcome
            alias = self._step(zones[zone], name, kind, outcome)
            if alias is None:
                if not any(each.type == kind for each in outcome.records):
                    outcome.authority = _authority(zone, zones[zone])
                return outcome
            name = alias
        return Outcome(code="SERVFAIL")

    def _aws_host(self, name: str, kind: str, outcome: Outcome) -> None:
        address = self._addresses.get(region_of_host(name) or "")
        if address is None:
            outcome.code = "NXDOMAIN"
        elif kind == "A":
            outcome.records.append(Record(name=name, type="A", ttl=AWS_HOST_TTL, value=address))

    def _step(self, sets: Sequence[Mapping[str, Any]], name: str, kind: str, outcome: Outcome) -> str | None:
        """Add what the zone holds for `name`; return the name to go on with, None at the end of the chain."""
        here = [each for each in sets if _plain(each["Name"]) == name]
        if not here:
            below = any(_plain(each["Name"]).endswith(f".{name}") for each in sets)
            outcome.code = "NOERROR" if below else "NXDOMAIN"
            return None
        group = [each for each in here if each["Type"] == kind] or [each for each in here if each["Type"] == "CNAME"]
        if not group:
            return None
        if any(key in each for each in group for key in UNSUPPORTED):
            outcome.code = "SERVFAIL"
            return None
        chosen = self._choose(group)
        values = chosen.get("ResourceRecords", [])
        outcome.records += [
            Record(name=name, type=chosen["Type"], ttl=int(chosen.get("TTL", 0)), value=value) for value in values
        ]
        return _plain(values[0]) if chosen["Type"] == "CNAME" and kind != "CNAME" and values else None

    def _choose(self, group: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """The primary while it is healthy, then the secondary, and the primary when neither is.

        Route 53 Developer Guide, "How Amazon Route 53 chooses records when health checking is configured".
        """
        ordered = sorted(group, key=lambda each: each.get("Failover") == "SECONDARY")
        return next((each for each in ordered if self._is_healthy(each)), ordered[0])

    def _is_healthy(self, record_set: Mapping[str, Any]) -> bool:
        check = record_set.get("HealthCheckId")
        return check is None or self._healthy(str(check))


def _plain(name: str) -> str:
    return name.rstrip(".").lower()


def _authority(zone: str, sets: Sequence[Mapping[str, Any]]) -> list[Record]:
    return [
        Record(name=zone, type="SOA", ttl=int(each.get("TTL", 900)), value=each["ResourceRecords"][0])
        for each in sets
        if each["Type"] == "SOA" and _plain(each["Name"]) == zone
    ]
