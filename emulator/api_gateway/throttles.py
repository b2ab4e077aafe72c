"""Throttles of HTTP APIs: a bucket of tokens for each route, as its stage sets rate and burst.

Source: API Gateway Developer Guide, "Throttle requests to your HTTP APIs for better throughput": a token bucket, whose
rate is refilled each second and whose size is the burst; what finds it empty gets 429. A path without a route has none,
so that a flood of it takes nothing from the others.
"""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

from emulator import ministack
from emulator.ministack import request_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ANSWER = 429, {"Content-Type": "application/json"}, json.dumps({"message": "Too Many Requests"}).encode()


class Bucket:
    """Tokens for requests: it is full at first, and is refilled at `rate` a second up to `burst`."""

    def __init__(self, *, rate: float, burst: float, now: float) -> None:
        self.limits = (rate, burst)
        self._tokens, self._at = burst, now

    def take(self, now: float) -> bool:
        """Take one token; returns whether there was one."""
        rate, burst = self.limits
        self._tokens = min(burst, self._tokens + (now - self._at) * rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def limits_of(stage: Mapping[str, Any], route_key: str) -> tuple[float, float] | None:
    """Rate and burst of a route in its stage; None where neither sets them, which leaves the account's limit alone."""
    told = _decapitalized(stage.get("defaultRouteSettings") or {})
    told.update(_decapitalized((stage.get("routeSettings") or {}).get(route_key) or {}))
    rate, burst = told.get("throttlingRateLimit"), told.get("throttlingBurstLimit")
    return None if rate is None or burst is None else (float(rate), float(burst))


def _decapitalized(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as the API spells them; CloudFormation's begin with a capital letter."""
    return {name[:1].lower() + name[1:]: value for name, value in settings.items()}


class Throttles:
    """The buckets of every stage's routes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str, str], Bucket] = {}

    def install(self) -> None:
        """Stand in front of whoever authorizes requests to APIs, because a refused one takes a token, too."""
        stock = ministack.APP_ENFORCE_API.value

        def enforce(api: str, stage: str, method: str, path: str, *arguments: Any, **named: Any) -> Any:
            scope = ministack.APIGATEWAY_SCOPE_OF.value(api)
            if scope is not None:
                with request_scope(*scope):
                    if not self._admits(api, stage, method, path):
                        return ANSWER
            return stock(api, stage, method, path, *arguments, **named)

        ministack.APP_ENFORCE_API.replace(enforce)

    def _admits(self, api: str, stage: str, method: str, path: str) -> bool:
        settings = (ministack.APIGATEWAY_STAGES.value.get(api) or {}).get(stage) or {}
        route = ministack.APIGATEWAY_ROUTE_OF.value(api, method, "/" + path.lstrip("/")) if settings else None
        if not route:
            return True
        key = str(route["routeKey"])
        limits = limits_of(settings, key)
        return limits is None or self.take((api, stage, key), limits)

    def take(self, route: tuple[str, str, str], limits: tuple[float, float]) -> bool:
        """Take a token of a route, whose bucket is a new one when its limits have changed."""
        now = self._clock()
        with self._lock:
            bucket = self._buckets.get(route)
            if bucket is None or bucket.limits != limits:
                bucket = self._buckets[route] = Bucket(rate=limits[0], burst=limits[1], now=now)
            return bucket.take(now)
