"""Answers about a stack once it is settled, because the CDK CLI looks at a stack once in five seconds.

CloudFormation answers at once and works on. A stack here is done in two or three seconds, so that most of a deployment
would be the CLI's pause between its first look, which comes too early, and its second.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_SECONDS = 20
"""Less than clients wait for an answer."""

_LOOK_SECONDS = 0.02
_STARTS = {"ExecuteChangeSet", "DeleteStack"}


def install() -> None:
    """Stand in front of CloudFormation."""
    stock = ministack.CFN_HANDLE.value

    async def handle(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]) -> Any:
        answer = await stock(method, path, headers, body, query)
        if _parameter("Action", body, query) in _STARTS:
            name = _parameter("StackName", body, query)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_SECONDS):
                    await asyncio.sleep(_LOOK_SECONDS)  # a deletion says that it is under way once its task runs
                    while _under_way(name):  # noqa: ASYNC110 - MiniStack tells nobody
                        await asyncio.sleep(_LOOK_SECONDS)
        return answer

    ministack.CFN_HANDLE.replace(handle)


def _parameter(name: str, body: bytes, query: Mapping[str, Any]) -> str:
    values = query.get(name) or parse_qs(body.decode("utf-8", "replace")).get(name) or [""]
    return str(values[0])


def _under_way(name: str) -> bool:
    """Whether the stack of this name or identifier is, in the caller's Region; any stack where none is named.

    Another stack may wait for hours, for a certificate that nobody validates, and nobody else waits with it.
    """
    return any(
        stack["StackStatus"].endswith("_IN_PROGRESS") and stack["StackStatus"] != "REVIEW_IN_PROGRESS"
        for stack in ministack.CFN_STACKS.value.values()
        if not name or name in {stack["StackName"], stack["StackId"]}
    )
