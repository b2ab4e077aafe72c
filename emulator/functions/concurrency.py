"""How many invocations run at once: what is reserved for a function, and what a Region leaves for the others.

MiniStack has one limit over all accounts and Regions, and lets everything be reserved. Source: Lambda Developer Guide,
"Understanding Lambda function scaling" and "Configuring reserved concurrency": the limit is one of an account in a
Region, what is reserved is taken from it, and 100 of it are always left without a reservation.
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from emulator import ministack
from emulator.ministack import get_account_id, get_region

LIMIT = 1000
"""How many invocations of an account run at once in a Region, unless AWS raised that (Lambda quotas)."""
_UNRESERVED_MINIMUM = 100
_RATE_EXCEEDED = "Rate Exceeded."


class Concurrency:
    """Counts the invocations that run."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._functions: Counter[tuple[str, str, str]] = Counter()
        self._unreserved: Counter[tuple[str, str]] = Counter()
        self._machine = ministack.LAMBDA_CONCURRENCY.value
        """What MiniStack finds that this machine can hold; 0 for no limit."""

    def install(self) -> None:
        """Take the place of MiniStack's counters, and refuse what cannot be reserved."""
        ministack.LAMBDA_CONCURRENCY.replace(self._limit)
        ministack.LAMBDA_ACQUIRE.replace(self.acquire)
        ministack.LAMBDA_RELEASE.replace(self.release)
        throttled, reserve = ministack.LAMBDA_THROTTLED.value, ministack.LAMBDA_RESERVE.value

        def throttle(reason_code: str, _message: str = "", *arguments: Any, msg: str = "", **named: Any) -> Any:
            del msg  # MiniStack's own words
            return throttled(reason_code, _RATE_EXCEEDED, *arguments, **named)

        def put(name: str, data: dict[str, Any]) -> Any:
            refusal = self.refusal(name, int(data.get("ReservedConcurrentExecutions", 0)))
            if refusal:
                return ministack.RESPONSES_JSON_ERROR.value("InvalidParameterValueException", refusal, 400)
            return reserve(name, data)

        ministack.LAMBDA_THROTTLED.replace(throttle)
        ministack.LAMBDA_RESERVE.replace(put)

    def refusal(self, name: str, reserved: int) -> str | None:
        """Why so much cannot be reserved for a function; None where it can."""
        others = sum(count for other, count in _reservations().items() if other != name)
        minimum = min(_UNRESERVED_MINIMUM, self._limit)
        if self._limit - others - reserved >= minimum:
            return None
        return (
            "Specified ReservedConcurrentExecutions for function decreases account's"
            f" UnreservedConcurrentExecution below its minimum value of [{minimum}]."
        )

    def acquire(self, function: dict[str, Any], config: dict[str, Any]) -> tuple[Any, str | None]:
        """Count one invocation; returns what gives it back, or None and whose limit is reached."""
        place, name = (get_account_id(), get_region()), config["FunctionName"]
        reserved = (function or {}).get("concurrency")
        left = self._limit - sum(_reservations().values())
        with self._lock:
            if self._machine and sum(self._functions.values()) >= self._machine:
                return None, "account"
            if reserved is not None and self._functions[*place, name] >= reserved:
                return None, "function"
            if reserved is None and self._unreserved[place] >= left:
                return None, "account"
            self._functions[*place, name] += 1
            self._unreserved[place] += reserved is None
        return (place, name, reserved is None), None

    def release(self, slot: Any) -> None:
        """Give one back."""
        if slot is None:
            return
        place, name, unreserved = slot
        with self._lock:
            self._functions[*place, name] -= 1
            self._unreserved[place] -= unreserved
            if not self._functions[*place, name]:
                del self._functions[*place, name]


def _reservations() -> dict[str, int]:
    functions = ministack.LAMBDA_FUNCTIONS.value
    return {name: functions[name]["concurrency"] for name in list(functions) if functions[name].get("concurrency")}
