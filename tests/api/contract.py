"""Answers are judged here by what docs/openapi.yaml says of them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.yaml"


@cache
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    return loaded


@cache
def _answers(route: str) -> dict[int, dict[str, Any]]:
    """Validators of a route's answers, by status and content type."""
    method, path = route.split(" ")
    found: dict[int, dict[str, Any]] = {}
    for status, answer in document()["paths"][path][method.lower()]["responses"].items():
        name = answer.get("$ref", "").rpartition("/")[2]
        content = (document()["components"]["responses"][name] if name else answer)["content"]
        found[int(status)] = {
            kind: jsonschema_rs.validator_for({**each["schema"], "components": document()["components"]})
            for kind, each in content.items()
        }
    return found


def objection(  # noqa: PLR0911 - one return for each thing to object to
    route: str | None, status: int, headers: dict[str, str], body: bytes
) -> str | None:
    """Return what is undocumented about an answer of `route`, if anything is; without a route API Gateway answered."""
    try:
        value = json.loads(body)
    except ValueError:
        return f"{status} is not JSON: {body[:200]!r}"
    kind = headers.get("content-type")
    if route is None:
        return None if kind == "application/json" and set(value) == {"message"} else f"not API Gateway's: {value}"
    if kind not in _answers(route).get(status, {}):
        return f"{route} answered {status} with {kind}, which is not documented: {body[:300]!r}"
    if status >= 400 and kind != "application/problem+json":
        return f"{route} answered {status} without a problem: {body[:300]!r}"
    if status >= 400 and value["status"] != status:
        return f"problem of {value['status']} in an answer of {status}"
    if any("\r" in text or "\n" in text for text in headers.values()):
        return f"header holds a line end: {headers}"
    errors = [each.message for each in _answers(route)[status][kind].iter_errors(value)]
    return f"{route} answered {status} with {errors[:3]}" if errors else None
