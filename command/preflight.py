"""`tandem preflight`."""

import json
from dataclasses import asdict

from command.arguments import LEFT_TO_DO, Deployed, invocation
from command.values import Json
from operations.endpoint import IMPATIENCE_SECONDS
from operations.preflight.lines import Outcome, worst
from operations.preflight.questions import preflight, subject_of

STATUS = {Outcome.PASSED: 0, Outcome.FAILED: 1, Outcome.UNKNOWN: LEFT_TO_DO}
"""What a line that is unknown leaves to do is to look there by hand."""
STYLES = {Outcome.FAILED: "bold red", Outcome.UNKNOWN: "bold yellow", Outcome.PASSED: "green"}


def preflight_command(*, place: Deployed = Deployed(), as_json: Json = False) -> int:
    """Show each answer, what failed first, with its remedy."""
    run = invocation(place)
    endpoint = run.endpoint(timeout_seconds=IMPATIENCE_SECONDS)
    subject = subject_of(endpoint, place.stage, run.regions, place.settings)
    lines = preflight(subject)
    outcome = worst(lines)
    if as_json:
        told = {"stage": place.stage, "outcome": outcome, "lines": [asdict(line) for line in lines]}
        run.say(json.dumps(told, indent=2))
        return STATUS[outcome]
    counts = ", ".join(f"{sum(line.outcome is each for line in lines)} {each}" for each in Outcome)
    run.say(f"stage {place.stage}, {endpoint.url or 'AWS'}: {counts}", style=STYLES[outcome])
    width = max(len(line.name) for line in lines)
    for line in sorted(lines, key=lambda line: list(Outcome).index(line.outcome)):
        run.say(f"{line.outcome:<7}  {line.name:<{width}}  {line.detail}", style=STYLES[line.outcome])
        if line.remedy:
            run.say(f"{'':<7}  {'':<{width}}  remedy: {line.remedy}")
    return STATUS[outcome]
