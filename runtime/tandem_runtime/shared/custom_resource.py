"""CloudFormation's waiting for the answer of a custom resource."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_REASON_LIMIT = 1000
_ANSWER_SECONDS = 30


def answer(
    event: Mapping[str, Any], *, physical_id: str, failure: str = "", secrets: Mapping[str, str] | None = None
) -> None:
    """Tell CloudFormation that a request is done, or why it failed (User Guide, custom resource responses).

    `secrets` are attributes of the resource that CloudFormation shows nobody (`NoEcho`).
    """
    body: dict[str, Any] = {
        "Status": "FAILED" if failure else "SUCCESS",
        "Reason": failure[:_REASON_LIMIT],
        "PhysicalResourceId": physical_id,
        **{key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")},
    }
    if secrets:
        body |= {"NoEcho": True, "Data": dict(secrets)}
    request = urllib.request.Request(  # noqa: S310 - the URL is CloudFormation's own
        event["ResponseURL"], data=json.dumps(body).encode(), headers={"Content-Type": ""}, method="PUT"
    )
    urllib.request.urlopen(request, timeout=_ANSWER_SECONDS).close()  # noqa: S310 - the same
