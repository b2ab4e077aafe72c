"""The loss of a Region, and the control that injects it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from ministack import app as ministack
from ministack.core import lambda_runtime, router
from ministack.core.responses import set_request_account_id
from ministack.services import apigateway, lambda_svc, s3

from emulator import control_planes

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.aurora import Databases
    from emulator.configuration import Configuration
    from emulator.replication import Replication
    from emulator.server import Server

__all__ = ["Outages"]


class Outages:
    """Which Regions are lost, and what follows from it."""

    def __init__(self, databases: Databases, replication: Replication, configuration: Configuration) -> None:
        self._databases, self._replication, self._configuration = databases, replication, configuration
        self._without_api: set[str] = set()
        self.server: Server | None = None
        self.reports: list[Callable[[], dict[str, Any]]] = []
        self.pages: dict[str, Callable[[], dict[str, Any]]] = {"state": self._state}

    def is_lost(self, region: str) -> bool:
        """Whether `region` is lost."""
        return region in self._replication.lost

    def lose(self, region: str) -> None:
        """Kill the Region's functions and databases; hold what travels."""
        self._replication.lost.add(region)
        with lambda_runtime._lock:
            workers = [
                worker
                for name, group in lambda_runtime._workers.items()
                if name.split(":")[1] == region
                for worker in group
            ]
        for worker in workers:
            if worker._proc:
                worker._proc.kill()
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

    def partition(self, *, on: bool) -> None:
        """Cut or mend the link between the Regions."""
        self._replication.partitioned = on
        self._databases.partition(on=on)
        self._replication.changed()

    def in_front_of(self, inner: Any) -> Any:
        """Stand in front of an ASGI app."""

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await inner(scope, receive, send)
                return
            if scope["path"].startswith("/_emulator/"):
                await self._control(scope, send)
                return
            region = _region_of(scope)
            if region is not None and (self.is_lost(region) or (region in self._without_api and _is_api(scope))):
                self._cut(scope)
                return

            async def late(message: Any) -> None:
                if message["type"] == "http.response.start" and region is not None and self.is_lost(region):
                    self._cut(scope)  # it died while it answered: nothing was acknowledged
                await send(message)

            await inner(scope, receive, late)

        return app

    def _cut(self, scope: Any) -> None:
        if self.server is not None:
            self.server.cut(scope.get("client"))

    async def _control(self, scope: Any, send: Any) -> None:
        match scope["method"], scope["path"].split("/")[2:]:
            case "POST", ["regions", region, "lose"] if region in self._configuration.regions:
                await asyncio.to_thread(self.lose, region)
            case "POST", ["regions", region, "restore"] if region in self._configuration.regions:
                await asyncio.to_thread(self.restore, region)
            case "POST", ["regions", region, "database", "lose"] if region in self._configuration.regions:
                await asyncio.to_thread(self._databases.lose_region, region)
            case "POST", ["regions", region, "database", "restore"] if region in self._configuration.regions:
                await asyncio.to_thread(self._databases.restore_region, region)
            case "POST", ["regions", region, "api", "lose"] if region in self._configuration.regions:
                self._without_api.add(region)
            case "POST", ["regions", region, "api", "restore"] if region in self._configuration.regions:
                self._without_api.discard(region)
            case "POST", ["lag", milliseconds] if milliseconds.isdigit():
                self._replication.delay = int(milliseconds) / 1000
                self._databases.set_lag(int(milliseconds) / 1000)
            case "POST", ["partition", ("on" | "off") as state]:
                await asyncio.to_thread(self.partition, on=state == "on")
            case "GET", [page] if page in self.pages:
                await _answer(send, 200, self.pages[page]())
                return
            case _:
                await _answer(send, 404, {"message": f"{scope['method']} {scope['path']} is not a control"})
                return
        await _answer(send, 200, self._state())

    def _state(self) -> dict[str, Any]:
        nodes = self._databases.nodes
        return {
            "lost": sorted(self._replication.lost),
            "without_api": sorted(self._without_api),
            "partitioned": self._replication.partitioned,
            "lag_milliseconds": round(self._replication.delay * 1000),
            "alarm_period_scale": self._configuration.alarm_period_scale,
            "pending_replication": self._replication.pending,
            "databases": [
                {"cluster": arn, "running": node.running, "replica_of": node.source.name if node.source else None}
                for arn, node in nodes.items()
            ],
            **{key: value for report in self.reports for key, value in report().items()},
        }


async def _answer(send: Any, status: int, body: object) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


def _is_api(scope: Any) -> bool:
    """Whether the request is one to an API of API Gateway, rather than to AWS."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}
    return bool(ministack._parse_execute_api_url(headers.get("host", ""), scope["path"]))


def _region_of(scope: Any) -> str | None:
    """Whose request it is: by signature, by bucket, by API, by function URL; None for what belongs to no Region."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}
    query = parse_qs(scope.get("query_string", b"").decode(), keep_blank_values=True)
    path, host = scope["path"], headers.get("host", "")
    api = ministack._parse_execute_api_url(host, path)
    set_request_account_id("")
    if api:
        found = apigateway.find_api_scope(api[0])
        return str(found[1]) if found else None
    url = ministack._parse_lambda_url(host, path)
    if url:
        resolved = lambda_svc.resolve_function_url(url[0])
        return str(resolved[1]) if resolved else None
    region = router.extract_signed_region(headers, query)
    credential = headers.get("authorization", "") + (query.get("X-Amz-Credential") or [""])[0]
    service = credential.partition("/aws4_request")[0].rpartition("/")[2]
    bucket, _, object_key = _bucket_and_key(host, path) if service == "s3" else ("", "", "")
    if control_planes.is_global(
        service,
        method=scope["method"],
        operation=headers.get("x-amz-target", "").rpartition(".")[2] or path.rpartition("/")[2],
        bucket_only=bool(bucket) and not object_key,
        query=frozenset(query),
    ):
        return control_planes.GLOBAL_REGION
    if service in control_planes.EVERY_WRITE:
        return None
    for (_, name), value in s3._buckets._data.items():
        if bucket and name == bucket:
            return str(value.get("region") or region)
    return str(region) if region else None


def _bucket_and_key(host: str, path: str) -> tuple[str, str, str]:
    bucket = ministack._extract_s3_vhost_bucket(host)
    return (bucket, "/", path.lstrip("/")) if bucket else path.lstrip("/").partition("/")
