"""Times as an operator types them."""

from __future__ import annotations

from datetime import UTC, datetime

from operations.errors import WrongInputError


def parse_time(text: str, *, option: str) -> str:
    """Return an RFC 3339 time in UTC; raises WrongInputError, which names the option, for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WrongInputError(f"{option} {text!r} is not a time: write it like 2026-01-31T12:00:00+00:00") from None
    if moment.tzinfo is None:
        raise WrongInputError(f"{option} {text!r} has no time zone: write it like {moment.isoformat()}+00:00")
    return moment.astimezone(UTC).isoformat()
