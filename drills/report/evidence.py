"""Where a report's figures come from, as it shows it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drills.result import DrillResult


def evidence(result: DrillResult) -> dict[str, Any]:
    """Return it as plain data; a history that does not tell it leads to the times alone."""
    lasted, source = result.lasted_seconds, result.provenance
    times = {
        "began": result.began.isoformat(timespec="seconds"),
        "ended": None if lasted is None else (result.began + timedelta(seconds=lasted)).isoformat(timespec="seconds"),
    }
    if source is None:
        return times
    return {
        "who": source.who,
        **times,
        "commit": source.commit,
        "clean": source.clean,
        "templates": dict(source.templates),
        "packages": dict(source.packages),
        "tools": dict(source.tools),
    }
