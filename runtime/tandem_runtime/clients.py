"""boto3 clients, made once per execution environment, with time limits that fit a request."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

__all__ = ["client"]


@cache
def client(service: str, region: str, *, seconds: float = 3.0, attempts: int = 3) -> Any:
    """A client of `service` in `region` whose calls give up after `seconds` each and `attempts` tries."""
    retries: Any = {"mode": "standard", "total_max_attempts": attempts}
    config = Config(connect_timeout=seconds, read_timeout=seconds, retries=retries)
    return boto3.client(service, region_name=region, config=config)  # type: ignore[call-overload]
