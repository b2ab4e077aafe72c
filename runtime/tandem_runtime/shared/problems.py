"""Errors as clients see them: RFC 9457 problem details."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

_MOST_ERRORS = 20
"""A body can hold ten thousand mistakes: an answer names the first ones."""


def json_response(status: int, body: object, content_type: str = "application/json") -> dict[str, Any]:
    """An API Gateway HTTP API response (payload 2.0)."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return {"statusCode": status, "headers": {"content-type": content_type}, "body": text}


@dataclass
class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """A request that cannot be served as it is: `detail` says what was given and what is allowed."""

    status: int
    detail: str
    errors: tuple[str, ...] = field(default=())

    def response(self) -> dict[str, Any]:
        """The problem as `application/problem+json`."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = list(self.errors[:_MOST_ERRORS])
        return json_response(self.status, body, "application/problem+json")
