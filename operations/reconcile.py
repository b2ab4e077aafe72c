"""Insert into the ledger whatever the journal holds and the ledger does not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from operations.errors import WrongInputError
from operations.global_database import writer_region
from operations.invocations import sweep

if TYPE_CHECKING:
    from operations.deployment import Deployment
    from operations.endpoint import Endpoint


def parse_since(text: str) -> str:
    """Return an RFC 3339 time in UTC; raises WrongInputError for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WrongInputError(f"--since {text!r} is not a time: write it like 2026-01-31T12:00:00+00:00") from None
    if moment.tzinfo is None:
        raise WrongInputError(f"--since {text!r} has no time zone: write it like {moment.isoformat()}+00:00")
    return moment.astimezone(UTC).isoformat()


def reconcile(endpoint: Endpoint, deployment: Deployment, *, since: str | None) -> dict[str, Any]:
    """Sweep the whole journal, or what was recorded from `since` on, into the ledger of the Region that writes."""
    writer = writer_region(endpoint, deployment)
    return {"region": writer, **sweep(endpoint, deployment, writer, {"since": since or "beginning"})}
