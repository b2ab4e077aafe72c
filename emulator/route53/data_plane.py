"""Route 53's data plane over MiniStack's control plane, and APIs reached by the host names that its answers lead to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulator import ministack
from emulator.route53.dns import DnsServer
from emulator.route53.health_checks import HealthChecks, HttpProbe
from emulator.route53.records import Names

if TYPE_CHECKING:
    from emulator.program.configuration import Configuration

DNS_ADDRESS = "127.0.0.1"


class DataPlane:
    """Health checks and DNS for every zone of every account; it belongs to no Region."""

    def __init__(self, configuration: Configuration) -> None:
        self._port = configuration.port
        addresses = {region: configuration.address(region) for region in configuration.regions}
        names = Names(_zones, self._healthy, addresses)
        self.checks = HealthChecks(
            _health_checks,
            HttpProbe(names.address, configuration.port),
            interval_scale=configuration.routing_time_scale,
        )
        self._dns = DnsServer(names)

    async def start(self) -> None:
        """Answer and evaluate; raises `OSError` when the UDP port is taken."""
        await self._dns.listen(DNS_ADDRESS, self._port)
        self.checks.start()

    def stop(self) -> None:
        """Evaluate no more."""
        self.checks.stop()

    def report(self) -> dict[str, Any]:
        """What `/_emulator/state` says of it."""
        return {
            "dns": {"address": DNS_ADDRESS, "port": self._port},
            "routing_time_scale": self.checks.interval_scale,
            "health_checks": self.checks.report(),
        }

    def _healthy(self, check: str) -> bool:
        return self.checks.healthy(check)


def install() -> None:
    """Let MiniStack route by the host names that APIs have on AWS, and keep the lists of a health check."""
    own = ministack.APP_API_HOST.value.pattern
    on_aws = r"^(?P<aws>[a-f0-9]{8})\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?::\d+)?$"
    ministack.APP_API_HOST.replace(_EitherHost(re.compile(own), re.compile(on_aws)))
    parse = ministack.ROUTE53_PARSE_CHECK.value

    def parse_with_lists(element: Any) -> dict[str, Any]:
        # MiniStack looks for each item inside the item, and stores empty strings
        config: dict[str, Any] = parse(element)
        for name in ("ChildHealthChecks", "Regions"):
            if name in config:
                items = ministack.ROUTE53_FIND.value(element, name)
                config[name] = [each.text for each in ministack.ROUTE53_FIND_ALL.value(items, name.removesuffix("s"))]
        return config

    ministack.ROUTE53_PARSE_CHECK.replace(parse_with_lists)


class _EitherHost:
    """Stands in for a compiled pattern whose first group is the API's id."""

    def __init__(self, *patterns: re.Pattern[str]) -> None:
        self._patterns = patterns

    def match(self, host: str) -> re.Match[str] | None:
        """Match the host against each pattern in turn."""
        return next((match for each in self._patterns if (match := each.match(host))), None)


def _zones() -> dict[str, list[dict[str, Any]]]:
    records = ministack.everywhere(ministack.ROUTE53_RECORDS.value)
    return {
        zone["name"]: list(records.get(key, []))
        for key, zone in list(ministack.everywhere(ministack.ROUTE53_ZONES.value).items())
        if not zone.get("private")
    }


def _health_checks() -> dict[str, dict[str, Any]]:
    checks = ministack.everywhere(ministack.ROUTE53_CHECKS.value)
    return {check["id"]: check["config"] for check in list(checks.values())}
