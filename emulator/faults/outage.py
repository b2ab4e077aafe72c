"""The loss of a Region, and the control that injects it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from emulator import ministack
from emulator.faults.call_log import CallLog
from emulator.faults.injection import PartialFaults
from emulator.faults.requests import answer, asked, headers_of, is_api, read, region_of
from emulator.route53 import existing_zones

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emulator.aurora.databases import Databases
    from emulator.faults.replication import Replication
    from emulator.program.configuration import Configuration
    from emulator.program.server import Server


class Outages:
    """Which Regions are lost, and what follows from it."""

    def __init__(self, databases: Databases, replication: Replication, configuration: Configuration) -> None:
        self._databases, self._replication, self._configuration = databases, replication, configuration
        self._without_api: set[str] = set()
        self.calls = CallLog()
        self.partial = PartialFaults(configuration.regions)
        self._faults: Mapping[str, Callable[[str], None]] = {
            "lose": self.lose,
            "restore": self.restore,
            "database/lose": databases.lose_region,
            "database/restore": databases.restore_region,
            "database/silence": databases.silence_region,
            "database/hear": databases.hear_region,
            "api/lose": self._without_api.add,
            "api/restore": self._without_api.discard,
        }
        self.server: Server | None = None
        self.begin_tests: Callable[[str, str], None] = lambda *_: None
        self.reports: list[Callable[[], dict[str, Any]]] = []
        self.pages: dict[str, Callable[[], Any]] = {
            "": self._controls,
            "state": self._state,
            "calls": self.calls.report,
            "faults": self.partial.report,
        }

    def is_lost(self, region: str) -> bool:
        """Whether `region` is lost."""
        return region in self._replication.lost

    def lose(self, region: str) -> None:
        """Kill the Region's functions and databases; hold what is on its way between Regions."""
        self._replication.lost.add(region)
        with ministack.LAMBDA_LOCK.value:
            workers = [
                worker
                for name, group in ministack.LAMBDA_WORKERS.value.items()
                if name.split(":")[1] == region
                for worker in group
            ]
        processes = [process for worker in workers if (process := ministack.WORKER_PROCESS.of(worker))]
        for process in processes:
            process.kill()
        for process in processes:
            # A process that was killed lives on for a moment, and an event written to it then would be lost after
            # the Region is back.
            process.wait()
        self._databases.lose_region(region)
        if self.server is not None:
            self.server.lose(region)

    def restore(self, region: str) -> None:
        """Bring the Region back."""
        self._databases.restore_region(region)
        self._replication.lost.discard(region)
        if self.server is not None:
            self.server.restore(region)
        self._replication.changed()

    async def partition(self, isolated: str | None) -> None:
        """Cut a Region off from every other one, witnesses included, or mend that with None.

        Between two Regions a cut link looks the same from both sides, but a witness can stay with only one of them:
        it stays connected to the Regions that are not `isolated`.
        """
        self._replication.isolated = isolated  # here, between two requests: none is half way through a table
        await asyncio.to_thread(self._databases.partition, on=isolated is not None)
        await asyncio.to_thread(self._replication.changed)

    def in_front_of(self, inner: Any) -> Any:
        """Stand in front of an ASGI app."""

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await inner(scope, receive, send)
                return
            if await self.partial.control(scope, send):
                return
            if scope["path"].startswith("/_emulator/"):
                await self._control(scope, send)
                return
            region, call = region_of(scope), None
            if self.calls.on:
                body, receive = await read(receive)
                service, operation = asked(scope, body)
                caller = headers_of(scope).get("user-agent", "")
                call = self.calls.add(service=service, operation=operation, region=region, caller=caller)
            if region is not None and (self.is_lost(region) or (region in self._without_api and is_api(scope))):
                self._cut(scope)
                return

            async def late(message: Any) -> None:
                if message["type"] == "http.response.start" and region is not None and self.is_lost(region):
                    self._cut(scope)  # it died while it answered: nothing was acknowledged
                elif message["type"] == "http.response.start" and call is not None:
                    call.status = message["status"]
                await send(message)

            await inner(scope, receive, late)

        return app

    def _cut(self, scope: Any) -> None:
        if self.server is not None:
            self.server.cut(scope.get("client"))

    async def _control(self, scope: Any, send: Any) -> None:
        match scope["method"], scope["path"].split("/")[2:]:
            case "POST", ["regions", region, *fault] if region in self._configuration.regions and (
                inject := self._faults.get("/".join(fault))
            ):
                await asyncio.to_thread(inject, region)
            case "POST", ["lag", milliseconds] if milliseconds.isdigit():
                self._replication.delay = int(milliseconds) / 1000
                self._databases.set_lag(int(milliseconds) / 1000)
            case "POST", ["partition", "off"]:
                await self.partition(None)
            case "POST", ["partition", "on", *others] if isolated := self._isolated(others):
                await self.partition(isolated)
            case "POST", ["zones", zone, name] if existing_zones.make(
                zone, name, region=self._configuration.regions[0]
            ):
                pass
            case "POST", ["restore-tests", region, plan] if region in self._configuration.regions:
                try:
                    await asyncio.to_thread(self.begin_tests, region, plan)
                except LookupError as error:
                    await answer(send, 409, {"message": str(error)})
                    return
            case "POST", ["calls", action] if self.calls.control(action):
                pass
            case "GET", [page] if page in self.pages:
                await answer(send, 200, self.pages[page]())
                return
            case _:
                unknown = f"{scope['method']} {scope['path']} is not a control: see GET /_emulator/"
                await answer(send, 404, {"message": unknown})
                return
        await answer(send, 200, self._state())

    def _isolated(self, named: list[str]) -> str | None:
        """Whom a partition isolates: the Region that is named, the last one where none is, None where it is unknown."""
        regions = self._configuration.regions
        return regions[-1] if not named else next((each for each in regions if [each] == named), None)

    def _controls(self) -> dict[str, list[str]]:
        """List the paths that are answered; REGION is one of those that are served."""
        faults = [f"regions/REGION/{fault}" for fault in self._faults]
        links = ["lag/MILLISECONDS", "partition/on", "partition/on/REGION", "partition/off"]
        calls = [f"calls/{action}" for action in ("on", "off", "clear")]
        others = ["zones/ID/NAME", "restore-tests/REGION/PLAN"]
        return {
            "REGION": list(self._configuration.regions),
            "GET": [f"/_emulator/{page}" for page in sorted(self.pages)],
            "POST": [f"/_emulator/{path}" for path in sorted([*faults, *links, *calls, *others])],
        }

    def _state(self) -> dict[str, Any]:
        nodes = self._databases.nodes
        return {
            "lost": sorted(self._replication.lost),
            "without_api": sorted(self._without_api),
            "partitioned": self._replication.isolated is not None,
            "isolated": self._replication.isolated,
            "lag_milliseconds": round(self._replication.delay * 1000),
            "alarm_period_scale": self._configuration.alarm_period_scale,
            "pending_replication": self._replication.pending,
            "databases": [
                {"cluster": arn, "running": node.running, "replica_of": node.source.name if node.source else None}
                for arn, node in nodes.items()
            ],
            **{key: value for report in self.reports for key, value in report().items()},
        }
