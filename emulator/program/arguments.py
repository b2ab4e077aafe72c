"""The command line of the embedded AWS. What is wrong with it is one line, and exit status 2."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.program.configuration import GATE_MODES, Configuration

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_PORT = 4566
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_MOST_REGIONS = 254


class _Parser(argparse.ArgumentParser):
    """Says what is wrong, without the usage in front of it."""

    def error(self, message: str) -> None:  # type: ignore[override] # it never returns there either
        """Say it in one line."""
        self.exit(2, f"{message}\n")


def parse(arguments: Sequence[str]) -> Configuration:
    """Read the command line; exits with status 2 and one line when it is wrong."""
    parser = _Parser(
        prog="python -m emulator",
        description="Start the embedded AWS.",
        epilog="Once it is ready, GET /_emulator/ lists its controls: what loses a Region, cuts a link or tells state.",
        allow_abbrev=False,
    )
    parser.add_argument("--state-dir", type=Path, required=True, help="a folder that this program may empty")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--regions", default="us-east-1,us-west-2", help="comma-separated, the primary first")
    parser.add_argument("--lag-milliseconds", type=int, default=0, help="delay of everything between Regions")
    parser.add_argument(
        "--read-lag-milliseconds", type=int, default=0, help="how late reads without ConsistentRead are"
    )
    parser.add_argument("--alarm-period-scale", type=float, default=1.0, help="of alarms' periods, from 0.001 to 1")
    parser.add_argument(
        "--routing-time-scale",
        type=float,
        default=1.0,
        help="multiplies health checks' intervals, for clients that scale TTLs alike",
    )
    parser.add_argument("--retry-time-scale", type=float, default=1.0, help="of waits between asynchronous attempts")
    parser.add_argument(
        "--cold-start-milliseconds", type=int, default=200, help="what a new environment takes before its code starts"
    )
    parser.add_argument("--concurrency-limit", type=int, default=1000, help="invocations at once, in each Region")
    parser.add_argument("--shards", type=int, default=1, help="shards of each table's stream, from 1 to 256")
    parser.add_argument(
        "--gate", choices=GATE_MODES, default="refuse", help="what happens to what AWS's own models refuse"
    )
    given = parser.parse_args(arguments)
    regions = tuple(given.regions.split(","))
    wrong = [region for region in regions if not _REGION.fullmatch(region)]
    if wrong:
        parser.error(f"--regions {given.regions}: {wrong[0]!r} is not a Region: use names like us-east-1,us-west-2")
    if len(set(regions)) < len(regions):
        parser.error(f"--regions {given.regions}: a Region is there twice: name each once")
    if len(regions) > _MOST_REGIONS:
        parser.error(f"--regions names {len(regions)}: each has a loopback address of its own, use {_MOST_REGIONS}")
    if given.lag_milliseconds < 0:
        parser.error(f"--lag-milliseconds {given.lag_milliseconds}: use 0 or more")
    if given.read_lag_milliseconds < 0:
        parser.error(f"--read-lag-milliseconds {given.read_lag_milliseconds}: use 0 or more")
    if not 0.001 <= given.alarm_period_scale <= 1:  # noqa: PLR2004 - as the help says
        parser.error(f"--alarm-period-scale {given.alarm_period_scale}: use 0.001 to 1")
    if not 0 < given.routing_time_scale <= 1:
        parser.error(f"--routing-time-scale {given.routing_time_scale}: use more than 0, at most 1")
    _check_functions(parser, given)
    if not 1024 <= given.port <= 65535:  # noqa: PLR2004 - the unprivileged ports
        parser.error(f"--port {given.port}: use 1024 to 65535")
    return Configuration(
        state_dir=given.state_dir.absolute(),
        port=given.port,
        regions=regions,
        lag_milliseconds=given.lag_milliseconds,
        read_lag_milliseconds=given.read_lag_milliseconds,
        alarm_period_scale=given.alarm_period_scale,
        routing_time_scale=given.routing_time_scale,
        retry_time_scale=given.retry_time_scale,
        cold_start_milliseconds=given.cold_start_milliseconds,
        concurrency_limit=given.concurrency_limit,
        shards=given.shards,
        gate=given.gate,
    )


def _check_functions(parser: _Parser, given: argparse.Namespace) -> None:
    """Refuse what functions cannot be run by."""
    if not 0 < given.retry_time_scale <= 1:
        parser.error(f"--retry-time-scale {given.retry_time_scale}: use more than 0, at most 1")
    if given.cold_start_milliseconds < 0:
        parser.error(f"--cold-start-milliseconds {given.cold_start_milliseconds}: use 0 or more")
    if given.concurrency_limit < 1:
        parser.error(f"--concurrency-limit {given.concurrency_limit}: use 1 or more")
    if not 1 <= given.shards <= 256:  # noqa: PLR2004 - as the help says
        parser.error(f"--shards {given.shards}: use 1 to 256")
