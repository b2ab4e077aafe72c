"""One JSON object per log line, and metrics in CloudWatch's embedded format: both leave through standard output."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from typing import TYPE_CHECKING, Any, Literal

from contract.metrics import NAMESPACE, SERVICE, STAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract.environment import Place


_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class _JsonLine(logging.Formatter):
    """What was logged, what `extra` brought along, and the trace that it belongs to."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON."""
        line: dict[str, Any] = {
            "level": record.levelname,
            "message": record.getMessage(),
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "service": self._service,
        }
        if trace := os.environ.get("_X_AMZN_TRACE_ID"):
            line["xray_trace_id"] = trace
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class _StandardOutput(logging.StreamHandler[Any]):
    """Writes to what standard output is now, which a test or a runtime may have replaced since the import."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        self.stream = sys.stdout
        super().emit(record)


def logger(service: str) -> logging.Logger:
    """The logger of a function, by its service name."""
    of_service = logging.getLogger(service)
    if not of_service.handlers:
        handler = _StandardOutput()
        handler.setFormatter(_JsonLine(service))
        of_service.addHandler(handler)
        of_service.setLevel(logging.INFO)
        of_service.propagate = False  # Lambda's own handler on the root logger would write every line a second time
    return of_service


def emit(
    metrics: Mapping[str, float],
    *,
    place: Place,
    unit: Literal["Count", "Seconds"] = "Count",
    dimensions: Mapping[str, str] | None = None,
) -> None:
    """Write `metrics` for CloudWatch to extract (CloudWatch User Guide, embedded metric format): no call is made.

    Their dimensions are the stage, the function's service name and `dimensions`. Without the stage, two stages in one
    account would write into one metric, and the heartbeat of one would hide that the other's is missing.
    """
    by = {STAGE: place.stage, SERVICE: place.service, **(dimensions or {})}
    declaration = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(by)],
        "Metrics": [{"Name": name, "Unit": unit} for name in metrics],
    }
    line = {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [declaration]}, **by, **metrics}
    sys.stdout.write(json.dumps(line) + "\n")
