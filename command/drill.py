"""`tandem drill` and `tandem campaign`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from command.arguments import add_command, number
from drills.campaign import run_campaign
from drills.embedded.isolation import ROOT
from drills.options import DrillOptions
from drills.prepare import run_drill
from drills.scenarios.catalogue import SCENARIOS
from operations.deployment import SETTINGS, need_domain
from operations.errors import WrongInputError

if TYPE_CHECKING:
    from command.arguments import Commands, Invocation

MOST_SECONDS = 10 * 60
"""The longest part of a drill that may be asked for."""

_DEFAULT = DrillOptions()


def add_drill(commands: Commands) -> None:
    """Add both commands."""
    text = "lose the primary Region of an embedded AWS under load, recover, verify, report"
    add = add_command(commands, "drill", text, run=_drill, deployed=False).add_argument
    add("--scenario", choices=sorted(SCENARIOS), default="region-loss")
    add("--rate", type=number(1, 1000), default=_DEFAULT.rate, metavar="PER_SECOND")
    lag = number(0, 60_000)
    add("--lag", type=lag, default=_DEFAULT.lag_milliseconds, metavar="MILLISECONDS", help="replication lag")
    most = number(1, MOST_SECONDS)
    for name, seconds, what in (
        ("--before", _DEFAULT.before_seconds, "load before the outage"),
        ("--during", _DEFAULT.during_seconds, "load on the secondary"),
        ("--after", _DEFAULT.after_seconds, "load after failing back"),
    ):
        add(name, type=most, default=seconds, metavar="SECONDS", help=what)
    patience = number(5, MOST_SECONDS)
    add("--patience", type=patience, default=_DEFAULT.patience_seconds, metavar="SECONDS", help="limit of each wait")
    add(
        "--routing-time-scale",
        type=number(0.01, 1),
        default=_DEFAULT.routing_time_scale,
        metavar="FACTOR",
        help="of health-check intervals and TTLs, for CI",
    )
    add(
        "--alarm-period-scale",
        type=number(0.001, 1),
        default=_DEFAULT.alarm_period_scale,
        metavar="FACTOR",
        help="of CloudWatch alarms",
    )
    add("--seed", type=int, default=_DEFAULT.seed, metavar="NUMBER", help="of the transactions' amounts")
    add("--report", type=Path, default=Path("build/drill"), metavar="FOLDER", help="each run has a folder below it")
    add("--sign-with", type=Path, metavar="KEY.pem", help="sign the manifest with this private Ed25519 key")
    text = "many short, random drills in a row in an embedded AWS, all from one seed"
    add = add_command(commands, "campaign", text, run=_campaign, deployed=False).add_argument
    add("--drills", type=number(1, 10_000), default=100, metavar="NUMBER")
    add("--seed", type=int, default=0, metavar="NUMBER", help="of everything that is random")
    add("--report", type=Path, default=Path("build/campaign"), metavar="FOLDER")


def _need_checkout() -> None:
    """Raise WrongInputError in an installed wheel, which holds neither the CDK app nor the CDK CLI."""
    if not (ROOT / "app.py").is_file():
        raise WrongInputError(f"a drill deploys the CDK app, and {ROOT} holds none: run it in a checkout")


def _drill(invocation: Invocation) -> int:
    _need_checkout()
    invocation.need_two_regions()
    arguments = invocation.arguments
    need_domain(arguments.stage, SETTINGS)
    options = DrillOptions(
        rate=arguments.rate,
        seed=arguments.seed,
        lag_milliseconds=int(arguments.lag),
        before_seconds=arguments.before,
        during_seconds=arguments.during,
        after_seconds=arguments.after,
        patience_seconds=arguments.patience,
        routing_time_scale=arguments.routing_time_scale,
        alarm_period_scale=arguments.alarm_period_scale,
    )
    return run_drill(
        arguments.stage,
        invocation.regions,
        options,
        scenario=SCENARIOS[arguments.scenario],
        folder=arguments.report,
        url=arguments.endpoint_url,
        console=invocation.console,
        key=arguments.sign_with,
    )


def _campaign(invocation: Invocation) -> int:
    _need_checkout()
    invocation.need_two_regions()
    arguments = invocation.arguments
    need_domain(arguments.stage, SETTINGS)
    return run_campaign(
        arguments.stage,
        invocation.regions,
        drills=int(arguments.drills),
        seed=arguments.seed,
        folder=arguments.report,
        url=arguments.endpoint_url,
        console=invocation.console,
    )
