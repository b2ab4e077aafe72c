"""`tandem play`: an embedded AWS to lose Regions of, by hand, and to look at while it recovers."""

from typing import Annotated

from cyclopts import Parameter

from command.arguments import Drilled, Output, invocation
from command.scales import PlayScales
from command.values import one_of, whole_number
from drills.options import DrillOptions
from drills.play.actions import ACTIONS
from drills.play.asking import ask_to
from drills.play.run import PORT, run_play
from operations.deployment import SETTINGS, need_domain

_ACTIONS = "; ".join(f"{name} {needs}".strip() + f": {what}" for name, (needs, what) in ACTIONS.items())


def play(
    action: Annotated[str | None, one_of(sorted(ACTIONS)), Parameter(help=_ACTIONS)] = None,
    value: Annotated[str | None, Parameter(help="the Region or the number that the action is given")] = None,
    /,
    *,
    place: Drilled = Drilled(),
    scales: PlayScales = PlayScales(),
    port: Annotated[int, whole_number(1024, 65_535), Parameter(help="of the page")] = PORT,
) -> int:
    """Keep a stage up, or do something to the one that is up."""
    if action is not None:
        out = Output()
        for line in ask_to(port, {"do": action, "with": value}):
            out.say(line)
        return 0
    run = invocation(place)
    run.need_two_regions()
    need_domain(place.stage, SETTINGS)
    options = DrillOptions(
        lag_milliseconds=int(scales.lag),
        routing_time_scale=scales.routing_time_scale,
        alarm_period_scale=scales.alarm_period_scale,
    )
    return run_play(place.stage, run.regions, options, port=port, url=place.endpoint_url, console=run.console)
