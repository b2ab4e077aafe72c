"""The `tandem` command: what an operator runs, against AWS or, with `--endpoint-url`, an embedded one alike."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape

from contract.patterns import STAGE_RULE, is_region, is_stage
from drills.campaign import run_campaign
from drills.prepare import run_drill
from drills.result import DrillOptions
from drills.scenarios.catalogue import SCENARIOS
from operations.deployment import SETTINGS, Deployment, Regions, find_deployment, regions_of
from operations.endpoint import Endpoint
from operations.errors import OperationError, RealAwsError, WrongInputError
from operations.failback import fail_back
from operations.failover import fail_over
from operations.invocations import swept
from operations.quarantine import run as run_quarantine
from operations.reconcile import parse_since, reconcile
from operations.status import gather, show, verdict
from operations.stopping import POINTS, stop_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["main"]

LEFT_TO_DO = 3
STATUSES = (
    "exit status: 0 done or healthy; 1 failed or unknown; 2 cannot start (usage, credentials, settings); "
    "3 degraded, or part of it is left to do; 130 interrupted"
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say one line and leave with exit status 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def _stage(text: str) -> str:
    if not is_stage(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a stage: use {STAGE_RULE}")
    return text


def _region(text: str) -> str:
    if not is_region(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a Region: give one like us-east-1")
    return text


def _number(low: float, high: float) -> Any:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {low:g} to {high:g}")
        return value

    return parse


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="tandem", description="Operate a stage of Tandem: its state, its failover, its drill.", epilog=STATUSES
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    def add(name: str, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text, epilog=STATUSES)
        command.add_argument("--stage", type=_stage, default="staging", help="stage to work on (default: %(default)s)")
        command.add_argument("--endpoint-url", metavar="URL", help="an embedded AWS instead of the real one")
        if name not in ("drill", "campaign"):  # they deploy what the checkout says
            command.add_argument(
                "--settings", type=Path, default=SETTINGS, metavar="FOLDER", help="default: those of this checkout"
            )
        command.add_argument("--primary-region", type=_region, metavar="REGION", help="default: the stage's settings")
        command.add_argument("--secondary-region", type=_region, metavar="REGION", help="default: the stage's settings")
        return command

    status = add("status", "show which Region serves, which one writes, and what the surviving Region knows")
    status.add_argument("--json", action="store_true", help="print JSON")
    for name, text in (
        ("failover", "leave the primary Region: pull the takeover switch, promote the secondary ledger"),
        ("failback", "return to the primary Region without loss, then release the takeover switch"),
    ):
        command = add(name, text)
        command.add_argument("--reason", default=f"operator ran tandem {name}", help="recorded with the switch")
        command.add_argument("--timeout", type=_number(1, 86_400), default=900, metavar="SECONDS")
        if name == "failover":
            how = command.add_mutually_exclusive_group()
            how.add_argument("--planned", action="store_true", help="switch over without loss: needs both Regions")
            how.add_argument("--ledger-only", action="store_true", help="leave the traffic where it is")
            command.add_argument("--stop-at", choices=POINTS, help=argparse.SUPPRESS)  # for drills: SIGSTOP to itself
            command.add_argument("--to", type=_region, metavar="REGION", help="default: the secondary Region")
        else:
            command.add_argument("--wait", type=_number(0, 86_400), default=0, metavar="SECONDS", help="for obstacles")
    again = add("reconcile", "insert into the ledger whatever the journal holds and the ledger does not")
    again.add_argument("--since", metavar="TIME", help="only what was recorded from this RFC 3339 time on")
    quarantine = add("quarantine", "show what the ledger cannot take, or have it looked at again")
    quarantine.add_argument("action", choices=("list", "release"), nargs="?", default="list")
    quarantine.add_argument("keys", nargs="*", metavar="KEY", help="a journal item's key, or its transaction's id")
    quarantine.add_argument("--all", action="store_true", help="release everything that is right by now")
    drill = add("drill", "lose the primary Region of an embedded AWS under load, recover, verify, report")
    drill.add_argument("--scenario", choices=sorted(SCENARIOS), default="region-loss")
    drill.add_argument("--rate", type=_number(1, 1000), default=100, metavar="PER_SECOND")
    drill.add_argument("--lag", type=_number(0, 60_000), default=80, metavar="MILLISECONDS", help="replication lag")
    drill.add_argument("--before", type=_number(1, 600), default=5, metavar="SECONDS", help="load before the outage")
    drill.add_argument("--during", type=_number(1, 600), default=2, metavar="SECONDS", help="load on the secondary")
    drill.add_argument("--after", type=_number(1, 600), default=3, metavar="SECONDS", help="load after failing back")
    drill.add_argument("--patience", type=_number(5, 600), default=120, metavar="SECONDS", help="limit of each wait")
    drill.add_argument(
        "--routing-time-scale",
        type=_number(0.01, 1),
        default=1,
        metavar="FACTOR",
        help="of health-check intervals and TTLs, for CI",
    )
    drill.add_argument(
        "--alarm-period-scale", type=_number(0.001, 1), default=1, metavar="FACTOR", help="of CloudWatch alarms"
    )
    drill.add_argument("--seed", type=int, default=0, metavar="NUMBER", help="of the transactions' amounts")
    drill.add_argument("--report", type=Path, default=Path("build/drill"), metavar="FOLDER")
    campaign = add("campaign", "many short, random drills in a row in an embedded AWS, all from one seed")
    campaign.add_argument("--drills", type=_number(1, 10_000), default=100, metavar="NUMBER")
    campaign.add_argument("--seed", type=int, default=0, metavar="NUMBER", help="of everything that is random")
    campaign.add_argument("--report", type=Path, default=Path("build/campaign"), metavar="FOLDER")
    return parser


def _regions(arguments: argparse.Namespace) -> tuple[Regions, str]:
    regions, topology = regions_of(arguments.stage, getattr(arguments, "settings", SETTINGS))
    primary = arguments.primary_region or regions.primary
    if topology == "single":
        if arguments.secondary_region:
            raise WrongInputError(f"stage {arguments.stage!r} has one Region: leave out --secondary-region")
        return Regions(primary=primary, secondary=primary), topology
    regions = Regions(primary=primary, secondary=arguments.secondary_region or regions.secondary)
    if regions.single:
        raise WrongInputError(f"primary and secondary Region are both {regions.primary}: give two different ones")
    return regions, topology


def _target(to: str | None, regions: Regions) -> str:
    if to is not None and to not in regions.both:
        raise WrongInputError(f"--to {to} is not a Region of the stage: give {' or '.join(regions.both)}")
    return to or regions.secondary


def _run(arguments: argparse.Namespace, console: Console) -> int:
    def say(line: str) -> None:
        console.print(escape(line), soft_wrap=True)

    regions, topology = _regions(arguments)
    if topology == "single" and arguments.command in ("drill", "campaign", "failover", "failback"):
        raise WrongInputError(f"stage {arguments.stage!r} has one Region, nothing to fail over to: use --stage staging")
    if arguments.command in ("drill", "campaign"):
        if arguments.command == "campaign":
            return run_campaign(
                arguments.stage,
                regions,
                drills=int(arguments.drills),
                seed=arguments.seed,
                folder=arguments.report,
                url=arguments.endpoint_url,
                console=console,
            )
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
            regions,
            options,
            scenario=SCENARIOS[arguments.scenario],
            folder=arguments.report,
            url=arguments.endpoint_url,
            console=console,
        )
    if arguments.command == "failover" and arguments.stop_at and not arguments.endpoint_url:
        raise WrongInputError(f"--stop-at {arguments.stop_at} is for drills: give --endpoint-url, or leave it out")
    since = parse_since(arguments.since) if arguments.command == "reconcile" and arguments.since else None
    # the variable means to every AWS tool what the option means here
    endpoint = Endpoint(arguments.endpoint_url or os.environ.get("AWS_ENDPOINT_URL") or None)
    endpoint.credentials()
    # a forced failover asks nothing of the Region that it leaves, which may keep one waiting instead of refusing
    forced = arguments.command == "failover" and not arguments.planned
    ask = [_target(arguments.to, regions)] if forced else None

    def find() -> Deployment:
        return find_deployment(endpoint, arguments.stage, regions, ask=ask)

    if arguments.command == "failback":
        fail_back(
            endpoint,
            Deployment(stage=arguments.stage, regions=regions, parameters={}),
            reason=arguments.reason,
            wait_seconds=arguments.wait,
            timeout_seconds=arguments.timeout,
            say=say,
            find=find,
        )
        return 0
    target = _target(getattr(arguments, "to", None), regions)
    return _operate(arguments, endpoint, find(), target=target, since=since, say=say)


def _operate(
    arguments: argparse.Namespace,
    endpoint: Endpoint,
    deployment: Deployment,
    *,
    target: str,
    since: str | None,
    say: Callable[[str], None],
) -> int:
    if arguments.command == "status":
        state = gather(endpoint, deployment)
        show(state, as_json=arguments.json)
        return verdict(state)
    if arguments.command == "failover":
        done = fail_over(
            endpoint,
            deployment,
            reason=arguments.reason,
            planned=arguments.planned,
            ledger_only=arguments.ledger_only,
            to=target,
            timeout_seconds=arguments.timeout,
            say=say,
            reached=stop_at(arguments.stop_at),
        )
        return 0 if done else LEFT_TO_DO
    if arguments.command == "quarantine":
        return run_quarantine(endpoint, deployment, arguments.action, arguments.keys, everything=arguments.all, say=say)
    return _reconcile(endpoint, deployment, since, say)


def _reconcile(endpoint: Endpoint, deployment: Deployment, since: str | None, say: Callable[[str], None]) -> int:
    answer = reconcile(endpoint, deployment, since=since)
    why = swept(answer)
    if why is not None:
        raise OperationError(f"the sweep in {answer['region']} did not run ({why}): run tandem status, then this again")
    say(f"swept in {answer['region']}: read {answer.get('read', '?')}, inserted {answer['inserted']}")
    if answer.get("held"):
        say(f"{answer['held']} held in quarantine: tandem quarantine list shows them")
        return LEFT_TO_DO
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status as `STATUSES` says, or exit with 2 when the input is wrong."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is ended first
    try:
        return _run(_parser().parse_args(arguments), Console())
    except RealAwsError as error:
        print(f"tandem: {error}", file=sys.stderr)
        return 2
    except (WrongInputError, OperationError) as error:
        print(f"tandem: {' '.join(str(error).split())}", file=sys.stderr)
        return 2 if isinstance(error, WrongInputError) else 1
    except (BotoCoreError, ClientError) as error:  # of a call whose failure nobody has a better word for
        print(f"tandem: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tandem: interrupted: running the command again continues it", file=sys.stderr)
        return 130
    finally:
        signal.signal(signal.SIGTERM, before)


if __name__ == "__main__":
    sys.exit(main())
