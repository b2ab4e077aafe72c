"""`tandem game-day`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from command.arguments import Changed, invocation
from command.values import Folder, Yes, number, one_of
from contract.game_days import CROSS_REGION, EXPERIMENTS
from drills.rehearsal.game_day import run_game_day
from drills.rehearsal.rehearsal import GameDay
from operations.caller import caller
from operations.deployment import find_deployment, need_domain, settings_of
from operations.experiments import look, template_of

DEFAULT_MINUTES = 10
"""How long an experiment lasts in a stage whose settings do not say it."""

_SECONDS = number(0, 3600)


def game_day(
    *,
    place: Changed,
    experiment: Annotated[str, one_of(sorted(EXPERIMENTS)), Parameter(help="what AWS FIS does")] = CROSS_REGION,
    watch: Annotated[str | None, Parameter(help="only watch the experiment of this id, which runs already")] = None,
    rate: Annotated[float, number(0, 1000), Parameter(help="transactions per second; 0 sends none")] = 0,
    before: Annotated[float, _SECONDS, Parameter(help="seconds to watch before the experiment")] = 60,
    after: Annotated[float, _SECONDS, Parameter(help="seconds to watch after it")] = 180,
    yes: Yes = False,
    report: Annotated[Folder, Parameter(help="each run has a folder below it")] = Path("build/game-day"),
    sign_with: Annotated[Folder | None, Parameter(help="sign the manifest with this private Ed25519 key (PEM)")] = None,
) -> int:
    """Run one game day."""
    run = invocation(place)
    run.need_two_regions()
    need_domain(place.stage, place.settings)
    endpoint = run.endpoint()
    deployment = find_deployment(endpoint, place.stage, run.regions)
    settings = settings_of(place.stage, place.settings)
    minutes = settings.get("game_days", {}).get("action_minutes", DEFAULT_MINUTES)
    primary = run.regions.primary
    name = experiment
    if watch is None:
        template_of(endpoint, deployment, experiment)
        run.say(f"account {deployment.account or 'unknown'}, stage {place.stage}, by {caller(endpoint, primary)}")
        run.say(f"AWS FIS acts on {primary} for {minutes} min: it {EXPERIMENTS[experiment]}")
        run.say("an alarm on the API's errors or on the quarantine stops it; Ctrl-C stops it, too, and it is undone")
        if rate:
            run.say(f"meanwhile {rate:g} transactions a second are sent, and stay in the journal")
        run.confirm(f"start experiment {experiment} on stage {place.stage}?", yes=yes)
    else:
        name = look(endpoint, deployment, watch).name
    given = GameDay(
        name=name,
        running=watch,
        rate=rate,
        strong=settings.get("journal", {}).get("consistency") == "strong",
        before_seconds=before,
        after_seconds=after,
        longest_seconds=minutes * 60.0,
    )
    return run_game_day(endpoint, deployment, given, folder=report, console=run.console, say=run.steps(), key=sign_with)
