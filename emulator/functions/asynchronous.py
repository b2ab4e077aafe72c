"""Asynchronous invocations: queued, retried and given up as Lambda does it.

MiniStack retries after a second and only what came through `Invoke`; EventBridge's and SNS's events were tried once.
Sources: Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation" (two more
attempts, after one minute and after two; throttles again after 1 s, growing to 5 minutes, for up to 6 hours) and
"Configuring reserved concurrency" (with none reserved, an event goes to its destination at once).
"""

from __future__ import annotations

import contextvars
import json
import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator import ministack
from emulator.functions import destinations
from emulator.ministack import request_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ERROR_DELAYS_SECONDS = (60.0, 120.0)
_FIRST_THROTTLE_DELAY_SECONDS = 1.0
_LONGEST_THROTTLE_DELAY_SECONDS = 300.0
_MAXIMUM_AGE_SECONDS = 21_600
_MAXIMUM_RETRIES = 2
_LOST_POLL_SECONDS = 0.05
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a function's EventInvokeConfig says; ages in seconds."""

    retries: int = _MAXIMUM_RETRIES
    maximum_age: float = _MAXIMUM_AGE_SECONDS
    on_failure: str = ""
    on_success: str = ""
    dead_letters: str = ""


def settings_of(record: Mapping[str, Any]) -> Settings:
    """Read them from MiniStack's record of a function; `$LATEST` and no qualifier are the same function."""
    config = record.get("config") or record
    told = record.get("event_invoke_configs") or {}
    chosen = told.get("") or told.get("$LATEST") or record.get("event_invoke_config") or {}
    targets = chosen.get("DestinationConfig") or {}
    return Settings(
        retries=int(chosen.get("MaximumRetryAttempts", _MAXIMUM_RETRIES)),
        maximum_age=float(chosen.get("MaximumEventAgeInSeconds", _MAXIMUM_AGE_SECONDS)),
        on_failure=str((targets.get("OnFailure") or {}).get("Destination") or ""),
        on_success=str((targets.get("OnSuccess") or {}).get("Destination") or ""),
        dead_letters=str((config.get("DeadLetterConfig") or {}).get("TargetArn") or ""),
    )


@dataclass(frozen=True, kw_only=True)
class Next:
    """What becomes of an event after an attempt: tried again after `delay` seconds, or over with this condition."""

    delay: float = 0.0
    condition: str | None = None


def next_step(
    result: Mapping[str, Any], settings: Settings, *, errors: int, throttles: int, age: float, reserved: int | None
) -> Next:
    """Decide by the last result, how many attempts ended in an error and in a throttle, and the event's age."""
    if not result.get("error"):
        return Next(condition="Success")
    if result.get("throttle"):
        if reserved == 0:
            return Next(condition="ZeroReservedConcurrency")
        delay = min(_FIRST_THROTTLE_DELAY_SECONDS * 2 ** (throttles - 1), _LONGEST_THROTTLE_DELAY_SECONDS)
    else:
        if errors > settings.retries:
            return Next(condition="RetriesExhausted")
        delay = _ERROR_DELAYS_SECONDS[errors - 1]
    return Next(condition="EventAgeExceeded") if age + delay > settings.maximum_age else Next(delay=delay)


class AsynchronousInvocations:
    """The queue of every Region; `scale` multiplies its delays and ages."""

    def __init__(self, scale: float, is_lost: Callable[[str], bool]) -> None:
        self._scale, self._is_lost = scale, is_lost

    def install(self) -> None:
        """Take the place of MiniStack's retries, and of its single attempts for EventBridge and SNS."""
        ministack.LAMBDA_INVOKE_ASYNC.replace(self.put)
        ministack.EVENTBRIDGE_TO_LAMBDA.replace(self._from_eventbridge)
        ministack.SNS_TO_LAMBDA.replace(self._from_topic)

    def put(self, record: dict[str, Any], event: object) -> None:
        """Queue an event for the function of `record`."""
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._work, record, event), daemon=True).start()

    def _from_eventbridge(self, arn: str, payload: str) -> None:
        self._by_arn(arn, json.loads(payload))

    def _from_topic(self, endpoint: str, envelope: str, _topic: str, subscription: str, *_: Any) -> None:
        told = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription}
        self._by_arn(endpoint, {"Records": [{**told, "Sns": json.loads(envelope)}]})

    def _by_arn(self, arn: str, event: object) -> None:
        record, config, name = ministack.LAMBDA_RECORD_OF_ARN.value(arn)
        if not record or not config:
            _logger.warning("an event for function %s is lost: there is no such function", name)
            return
        self.put(ministack.LAMBDA_EXECUTION_RECORD.value(record, config), event)

    def _work(self, record: dict[str, Any], event: object) -> None:
        arn = (record.get("config") or record)["FunctionArn"]
        _, _, _, region, account, *_ = arn.split(":")
        with request_scope(account, region):
            try:
                self._attempt(record, event, region)
            except Exception:
                _logger.exception("an event for function %s is lost", arn)

    def _attempt(self, record: dict[str, Any], event: object, region: str) -> None:
        config = record.get("config") or record
        arn, accepted = config["FunctionArn"], time.monotonic()
        errors = throttles = attempts = 0
        while True:
            while self._is_lost(region):
                time.sleep(_LOST_POLL_SECONDS)
            current = self._current(record)
            if current is None:
                return  # the function is deleted, and its queue with it
            settings, age = settings_of(current), (time.monotonic() - accepted) / self._scale
            if age > settings.maximum_age:
                self._finish(settings, arn, event, condition="EventAgeExceeded", attempts=attempts)
                return
            result = ministack.LAMBDA_EXECUTE.value(current, event)
            if self._is_lost(region):
                continue  # the answer died with the Region, and the event is still in its queue
            attempts += 1
            throttles += bool(result.get("throttle"))
            errors += bool(result.get("error") and not result.get("throttle"))
            step = next_step(
                result,
                settings,
                errors=errors,
                throttles=throttles,
                age=age,
                reserved=current.get("concurrency"),
            )
            if step.condition:
                self._finish(settings, arn, event, condition=step.condition, attempts=attempts, result=result)
                return
            time.sleep(step.delay * self._scale)

    @staticmethod
    def _current(record: dict[str, Any]) -> dict[str, Any] | None:
        config = record.get("config") or record
        functions = ministack.LAMBDA_FUNCTIONS.value
        if config.get("Version", "$LATEST") != "$LATEST":
            return record if config["FunctionName"] in functions else None
        return functions.get(config["FunctionName"])

    @staticmethod
    def _finish(
        settings: Settings,
        arn: str,
        event: object,
        *,
        condition: str,
        attempts: int,
        result: Mapping[str, Any] | None = None,
    ) -> None:
        succeeded = condition == "Success"
        target = settings.on_success if succeeded else settings.on_failure
        if target:
            destinations.send(
                target,
                destinations.invocation_record(
                    function_arn=arn, condition=condition, attempts=attempts, event=event, result=result
                ),
            )
        if settings.dead_letters and not succeeded:
            body = (result or {}).get("body")
            message = str(body.get("errorMessage", "")) if isinstance(body, dict) else ""
            attributes = {"RequestID": "unknown", "ErrorCode": "200", "ErrorMessage": message[:1024] or condition}
            destinations.send(settings.dead_letters, event, attributes)
