"""The scales that a drill and a played stage share: how much faster than deployed the embedded AWS works."""

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from cyclopts import Parameter

from command.values import number
from drills.options import DrillOptions

DEFAULT = DrillOptions()

Lag: TypeAlias = Annotated[float, number(0, 60_000), Parameter(help="replication lag between Regions, in milliseconds")]
RoutingTimeScale: TypeAlias = Annotated[
    float, number(0.01, 1), Parameter(help="of health-check intervals and TTLs; 1 waits as deployed")
]
AlarmPeriodScale: TypeAlias = Annotated[
    float, number(0.001, 1), Parameter(help="of CloudWatch alarms, by which a stage recovers by itself")
]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Scales:
    """As deployed, unless one is given."""

    lag: Lag = DEFAULT.lag_milliseconds
    routing_time_scale: RoutingTimeScale = DEFAULT.routing_time_scale
    alarm_period_scale: AlarmPeriodScale = DEFAULT.alarm_period_scale


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class PlayScales(Scales):
    """A tenth of the deployed intervals and TTLs: clients move within some seconds, while somebody watches."""

    routing_time_scale: RoutingTimeScale = 0.1
