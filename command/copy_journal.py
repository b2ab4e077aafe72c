"""`tandem copy-journal`: carry the journal of one stage into the stage that takes its place."""

from typing import Annotated

from cyclopts import Parameter

from command.arguments import LEFT_TO_DO, Changed, invocation
from command.values import StageName, Yes
from operations.copy_journal import copy_journal
from operations.deployment import find_deployment, regions_of


def copy_journal_command(
    *,
    place: Changed,
    source: Annotated[StageName, Parameter(name="--from", help="the stage whose journal is copied")],
    yes: Yes = False,
) -> int:
    """Copy the journal."""
    run = invocation(place)
    regions, _ = regions_of(source, place.settings)
    endpoint = run.endpoint()
    old = find_deployment(endpoint, source, regions)
    new = find_deployment(endpoint, place.stage, run.regions)
    run.confirm(f"write the journal of {old.stage} into the one of {new.stage}?", yes=yes)
    copied = copy_journal(endpoint, old, new, say=run.steps())
    for each in copied.others:
        run.say(f"{each} has another payload in {new.stage}, and was left as it is there")
    run.say(f"{copied.written} written, {copied.there} were there, {len(copied.others)} differ")
    return LEFT_TO_DO if copied.others else 0
