"""Cloud Control API's deletions: by the same providers as CloudFormation's, as on AWS.

MiniStack's own Cloud Control knows only what was made through it.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import TYPE_CHECKING, Any

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Mapping

_DELETION = "CloudApiService.DeleteResource"
_HEADERS = {"Content-Type": "application/x-amz-json-1.0"}
"""Copied for each answer, because MiniStack adds the answer's length and its request's id to them."""


def install() -> None:
    """Answer DeleteResource; everything else is MiniStack's."""
    stock = ministack.CLOUD_CONTROL_HANDLE.value

    async def handle(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any) -> Any:
        if headers.get("x-amz-target") != _DELETION:
            return await stock(method, path, headers, body, query)
        given = json.loads(body)
        event = await asyncio.to_thread(_deleted, given["TypeName"], given["Identifier"])
        return 200, dict(_HEADERS), json.dumps({"ProgressEvent": event}).encode()

    ministack.CLOUD_CONTROL_HANDLE.replace(handle)


def _deleted(resource_type: str, identifier: str) -> dict[str, str]:
    event = {
        "TypeName": resource_type,
        "Identifier": identifier,
        "RequestToken": str(uuid.uuid4()),
        "Operation": "DELETE",
        "OperationStatus": "SUCCESS",
    }
    try:
        ministack.CFN_HANDLERS.value[resource_type]["delete"](identifier, {})
    except Exception as error:  # noqa: BLE001 - whatever a provider fails with is told, as AWS does
        event |= {"OperationStatus": "FAILED", "ErrorCode": "GeneralServiceException", "StatusMessage": str(error)}
    return event
