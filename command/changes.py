"""`tandem changes`: whether the deployed stage can take the settings as they are now."""

from command.arguments import Deployed, invocation
from operations.changes import refused_changes
from operations.endpoint import IMPATIENCE_SECONDS

REFUSED = 2
"""The exit status when the settings cannot be deployed: they are what must be corrected."""


def changes(*, place: Deployed = Deployed()) -> int:
    """Say each changed setting that is refused."""
    run = invocation(place)
    endpoint = run.endpoint(timeout_seconds=IMPATIENCE_SECONDS)
    refused = refused_changes(endpoint, place.stage, place.settings)
    for line in refused:
        run.say(f"refused: {line}")
    return REFUSED if refused else 0
