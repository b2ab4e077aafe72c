"""`tandem drill`: an embedded AWS, the stage deployed into it, the drill, the report."""

from __future__ import annotations

import contextlib
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from drills.embedded.alone import alone
from drills.embedded.cdk import CdkCli, Synthesis
from drills.embedded.control import Control
from drills.embedded.isolation import ROOT
from drills.embedded.process import EmbeddedAws
from drills.embedded.room import naming_a_full_disk, require_room
from drills.evidence.manifest import private_key, seal
from drills.evidence.provenance import provenance
from drills.evidence.runs import new_folder
from drills.game_day import guide
from drills.history.events import StageReady, TornDown
from drills.history.history import FILE, History
from drills.measure.gauge import gauge
from drills.progress import Progress
from drills.report import build_report, print_summary, write_report
from drills.runner import Drill
from drills.scenarios.catalogue import REGION_LOSS
from drills.scenarios.scenario import ALL_STACKS
from operations.deployment import find_deployment
from operations.endpoint import Endpoint
from operations.errors import OperationError, RealAwsError, WrongInputError
from operations.loopback import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import Console

    from drills.options import DrillOptions
    from drills.scenarios.scenario import Scenario
    from operations.deployment import Deployment, Regions


def run_drill(
    stage: str,
    regions: Regions,
    options: DrillOptions,
    *,
    folder: Path,
    url: str | None,
    console: Console,
    scenario: Scenario = REGION_LOSS,
    key: Path | None = None,
) -> int:
    """Run the drill and write its report into a folder of its own below `folder`; return 0, or 1 when it did not pass.

    The folder is sealed at the end, and signed with a private `key` where there is one.

    With `url` an embedded AWS that already runs is used, and deployed into when the stage is not there; the real AWS is
    refused. Otherwise one is started and stopped.
    """
    if url is not None and not is_loopback(url):
        raise RealAwsError(guide(url, stage, regions))
    if key is not None:
        private_key(key)  # minutes later would be too late to say that it is none
    began = time.monotonic()
    setup: dict[str, float] = {}
    if url is None:
        console.print(_intervals(options.routing_time_scale))
    with contextlib.ExitStack() as files:
        with (
            Progress(console) as progress,
            prepared_stage(
                stage,
                regions,
                url=url,
                lag_milliseconds=options.lag_milliseconds,
                routing_time_scale=options.routing_time_scale,
                alarm_period_scale=options.alarm_period_scale,
                work=ROOT / "build" / "drill",
                progress=progress,
                scenario=scenario,
                setup=setup,
            ) as ready,
        ):
            run = uuid.uuid4().hex[:8]
            folder = new_folder(folder, scenario=scenario.name, began=datetime.now(tz=UTC), run=run)
            history = files.enter_context(History(folder / FILE))
            history.append(provenance(ready.cli.assembly, at=time.monotonic()))
            history.append(StageReady(at=time.monotonic(), setup=setup))
            drill = Drill(
                ready.endpoint,
                ready.deployment,
                ready.control,
                options,
                run=run,
                say=progress.say,
                scenario=scenario,
                stacks=ready.cli,
                strong=ready.strong,
                history=history,
                over=progress.end,
            )
            try:
                with progress.watching(lambda: gauge(drill.context)):
                    drill.run()
            except OperationError as error:
                progress.say(f"failed: {' '.join(str(error).split())}")
        history.append(TornDown(at=time.monotonic(), total_seconds=round(time.monotonic() - began, 1)))
    report = build_report(drill.result)
    write_report(report, folder)
    seal(folder, key=key)
    print_summary(report, folder, console)
    console.print(f"total {report['total_seconds']} s")
    return 0 if report["passed"] else 1


def _intervals(scale: float) -> str:
    """Say how long clients and health checks wait, because a drill's times are read with it."""
    if scale == 1:
        return "health checks and DNS answers wait as long as deployed"
    return f"health checks and DNS answers wait {scale:g} of what is deployed: --routing-time-scale 1 waits as deployed"


@dataclass(frozen=True, kw_only=True)
class PreparedStage:
    """A stage deployed in an embedded AWS."""

    endpoint: Endpoint
    deployment: Deployment
    control: Control
    cli: CdkCli
    strong: bool


@contextlib.contextmanager
def prepared_stage(
    stage: str,
    regions: Regions,
    *,
    url: str | None,
    lag_milliseconds: int,
    work: Path,
    progress: Progress,
    routing_time_scale: float = 1,
    alarm_period_scale: float = 1,
    scenario: Scenario = REGION_LOSS,
    setup: dict[str, float] | None = None,
) -> Iterator[PreparedStage]:
    """Start an embedded AWS unless `url` names one, and deploy the stacks that the scenario begins with.

    `setup` receives the seconds of each step; raises WrongInputError when `url` is not an embedded AWS, and BusyError
    when another drill of this checkout is running, and NoRoomError when the disk has no room for a stage.
    """
    setup = {} if setup is None else setup
    with contextlib.ExitStack() as stack:
        stack.enter_context(alone(ROOT / "build" / "drill.running"))
        stack.enter_context(naming_a_full_disk(ROOT / "build"))
        synthesis = None
        if url is None:
            require_room(ROOT / "build")
            synthesis = Synthesis(stage, work)
            stack.callback(synthesis.stop)
            with (
                _timed("start the embedded AWS, synthesize meanwhile", setup, progress),
                progress.watching(lambda: "the embedded AWS is not ready yet"),
            ):
                aws = EmbeddedAws(
                    regions,
                    state=ROOT / "build" / "emulator",
                    lag_milliseconds=lag_milliseconds,
                    routing_time_scale=routing_time_scale,
                    alarm_period_scale=alarm_period_scale,
                )
                url = stack.enter_context(aws).url
        control = Control(url)
        endpoint = Endpoint(url)
        cli = CdkCli(url, work, progress=progress)
        deployment = _deployed(endpoint, stage, regions)
        partly = scenario.stacks != ALL_STACKS
        if deployment is not None and partly:
            raise WrongInputError(
                f"scenario {scenario.name} begins with {' and '.join(scenario.stacks)} only, and stage {stage!r} is "
                "deployed whole already: run it without --endpoint-url"
            )
        if deployment is None:
            which = " and ".join(scenario.stacks) if partly else "all stacks"
            with _timed("bootstrap both Regions", setup, progress):
                cli.prepare(stage, regions, synthesis=synthesis)
            with _timed(f"deploy {which} with the CDK CLI", setup, progress):
                cli.deploy(*(scenario.stacks if partly else ()))
            deployment = find_deployment(endpoint, stage, regions)
        yield PreparedStage(
            endpoint=endpoint, deployment=deployment, control=control, cli=cli, strong=_strong(endpoint, deployment)
        )


@contextlib.contextmanager
def _timed(name: str, setup: dict[str, float], progress: Progress) -> Iterator[None]:
    start = time.monotonic()
    with progress.phase(name):
        yield
    setup[name] = round(time.monotonic() - start, 3)


def _deployed(endpoint: Endpoint, stage: str, regions: Regions) -> Deployment | None:
    try:
        deployment = find_deployment(endpoint, stage, regions)
    except WrongInputError:
        return None
    return deployment if all(region in deployment.api_urls for region in regions.both) else None


def _strong(endpoint: Endpoint, deployment: Deployment) -> bool:
    region = deployment.regions.secondary
    table = deployment.journal_table(region)
    try:
        description = endpoint.dynamodb(region).describe_table(TableName=table)["Table"]
    except (BotoCoreError, ClientError):
        return False
    return description.get("MultiRegionConsistency") == "STRONG"
