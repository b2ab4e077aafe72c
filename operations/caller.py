"""Who acts: kept with the takeover switch, so that it can be seen later who moved it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from operations.errors import WrongInputError

if TYPE_CHECKING:
    from operations.endpoint import Endpoint


def caller(endpoint: Endpoint, region: str) -> str:
    """Return the ARN of who acts, as STS of the Region tells it; `unknown` where it does not, which stops nobody."""
    try:
        return str(endpoint.client("sts", region).get_caller_identity()["Arn"])
    except (BotoCoreError, ClientError, WrongInputError, KeyError):
        return "unknown"


def signed(reason: str, who: str) -> str:
    """Return the reason with who gave it, as the switch keeps it."""
    return f"{reason}, by {who}"
