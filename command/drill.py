"""`tandem drill` and `tandem campaign`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from command.arguments import Drilled, Invocation, invocation
from command.scales import DEFAULT, Scales
from command.values import AnyInteger, Folder, number, one_of, whole_number
from drills.campaign import run_campaign
from drills.embedded.isolation import ROOT
from drills.options import DrillOptions
from drills.prepare import run_drill
from drills.scenarios.catalogue import SCENARIOS
from operations.deployment import SETTINGS, need_domain
from operations.errors import WrongInputError

MOST_SECONDS = 10 * 60
"""The longest part of a drill that may be asked for."""

_MOST = number(1, MOST_SECONDS)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Load:
    """How much is sent, and for how long."""

    rate: Annotated[float, number(1, 1000), Parameter(help="transactions per second")] = DEFAULT.rate
    before: Annotated[float, _MOST, Parameter(help="seconds of load before the outage")] = DEFAULT.before_seconds
    during: Annotated[float, _MOST, Parameter(help="seconds of load on the secondary")] = DEFAULT.during_seconds
    after: Annotated[float, _MOST, Parameter(help="seconds of load after failing back")] = DEFAULT.after_seconds
    seed: Annotated[AnyInteger, Parameter(help="of the transactions' amounts")] = DEFAULT.seed


def drill(
    *,
    place: Drilled = Drilled(),
    scenario: Annotated[str, one_of(sorted(SCENARIOS)), Parameter(help="what is lost, and how")] = "region-loss",
    load: Load = Load(),
    scales: Scales = Scales(),
    patience: Annotated[
        float, number(5, MOST_SECONDS), Parameter(help="seconds that each wait may take")
    ] = DEFAULT.patience_seconds,
    report: Annotated[Folder, Parameter(help="each run has a folder below it")] = Path("build/drill"),
    sign_with: Annotated[Folder | None, Parameter(help="sign the manifest with this private Ed25519 key (PEM)")] = None,
) -> int:
    """Run one drill."""
    run = _ready(place)
    options = DrillOptions(
        rate=load.rate,
        seed=load.seed,
        lag_milliseconds=int(scales.lag),
        before_seconds=load.before,
        during_seconds=load.during,
        after_seconds=load.after,
        patience_seconds=patience,
        routing_time_scale=scales.routing_time_scale,
        alarm_period_scale=scales.alarm_period_scale,
    )
    return run_drill(
        place.stage,
        run.regions,
        options,
        scenario=SCENARIOS[scenario],
        folder=report,
        url=place.endpoint_url,
        console=run.console,
        key=sign_with,
    )


def campaign(
    *,
    place: Drilled = Drilled(),
    drills: Annotated[int, whole_number(1, 10_000), Parameter(help="how many")] = 100,
    seed: Annotated[AnyInteger, Parameter(help="of everything that is random")] = 0,
    report: Annotated[Folder, Parameter(help="where report.json is written")] = Path("build/campaign"),
) -> int:
    """Run many drills."""
    run = _ready(place)
    return run_campaign(
        place.stage,
        run.regions,
        drills=drills,
        seed=seed,
        folder=report,
        url=place.endpoint_url,
        console=run.console,
    )


def _ready(place: Drilled) -> Invocation:
    """Return what a drill works with.

    Raises WrongInputError for a stage that cannot be drilled, and in an installed wheel, which holds neither the CDK
    app nor the CDK CLI.
    """
    if not (ROOT / "app.py").is_file():
        raise WrongInputError(f"a drill deploys the CDK app, and {ROOT} holds none: run it in a checkout")
    run = invocation(place)
    run.need_two_regions()
    need_domain(place.stage, SETTINGS)
    return run
