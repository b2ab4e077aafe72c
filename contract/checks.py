"""The paths that health checks ask: in a stage with a domain they end in a part that nobody can guess.

Whoever knows the path can empty the bucket of its throttle, and then the checks fail and DNS moves. So the part is in
each Region's Parameter Store (`contract.parameters.CHECKED_PART`) and nowhere else that is read without permission.
"""

from __future__ import annotations

HEALTH_PATH = "/healthz"
TAKEOVER_PATH = "/takeover"


def checked_path(path: str, part: str | None) -> str:
    """Return the path with the part that nobody can guess; as it is where the stage has none."""
    return f"{path}/{part}" if part else path
