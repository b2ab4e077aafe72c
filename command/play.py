"""`tandem play`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from command.arguments import add_command, number
from drills.options import DrillOptions
from drills.play.actions import ACTIONS
from drills.play.asking import ask_to
from drills.play.run import PORT, run_play
from operations.deployment import SETTINGS, need_domain

if TYPE_CHECKING:
    from command.arguments import Commands, Invocation

ROUTING_TIME_SCALE = 0.1
"""A tenth of the deployed intervals and TTLs: clients move within some seconds, while somebody watches."""


def add_play(commands: Commands) -> None:
    """Add the command."""
    text = "keep a stage up in an embedded AWS and show it on a local page; with an ACTION: do that to it"
    command = add_command(commands, "play", text, run=_play, deployed=False)
    whats = "; ".join(
        f"{name} {needs}: {what}" if needs else f"{name}: {what}" for name, (needs, what) in ACTIONS.items()
    )
    command.add_argument("action", nargs="?", choices=sorted(ACTIONS), metavar="ACTION", help=whats)
    command.add_argument("value", nargs="?", metavar="REGION|NUMBER", help="what the action is given")
    command.add_argument("--port", type=_port, default=PORT, help=f"of the page (default: {PORT})")
    default = DrillOptions()
    add = command.add_argument
    add(
        "--lag",
        type=number(0, 60_000),
        default=default.lag_milliseconds,
        metavar="MILLISECONDS",
        help="replication lag",
    )
    add(
        "--routing-time-scale",
        type=number(0.01, 1),
        default=ROUTING_TIME_SCALE,
        metavar="FACTOR",
        help="of health-check intervals and TTLs; 1 waits as deployed",
    )
    add(
        "--alarm-period-scale",
        type=number(0.001, 1),
        default=default.alarm_period_scale,
        metavar="FACTOR",
        help="of CloudWatch alarms, by which a stage recovers by itself",
    )


def _port(text: str) -> int:
    return int(number(1024, 65_535)(text))


def _play(invocation: Invocation) -> int:
    arguments = invocation.arguments
    if arguments.action is not None:
        for line in ask_to(arguments.port, {"do": arguments.action, "with": arguments.value}):
            invocation.say(line)
        return 0
    invocation.need_two_regions()
    need_domain(arguments.stage, SETTINGS)
    options = DrillOptions(
        lag_milliseconds=int(arguments.lag),
        routing_time_scale=arguments.routing_time_scale,
        alarm_period_scale=arguments.alarm_period_scale,
    )
    return run_play(
        arguments.stage,
        invocation.regions,
        options,
        port=arguments.port,
        url=arguments.endpoint_url,
        console=invocation.console,
    )
