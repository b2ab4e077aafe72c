"""What the weekly restore tests cost: the instance that a restored ledger is asked by, and the read of the journal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from costs.line import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from costs.prices import Prices
    from costs.template import Resource

PLAN = "AWS::Backup::RestoreTestingPlan"
WEEKLY = re.compile(r"cron\(\d+ \d+ \? \* [A-Z]{3} \*\)")
DAYS_OF_WEEK = 7
READ_UNIT_KB = 4


class Capacities(Protocol):
    """What a rule asks of a stage."""

    def minimum_capacity(self, region: str) -> float:
        """The ACUs of an instance of the Region's cluster at least."""
        ...


def tests_a_month(plan: Resource, prices: Prices) -> float:
    """Return how often a plan's tests begin; raises ValueError for a schedule that is not weekly."""
    schedule = str(plan.properties["ScheduleExpression"])
    if not WEEKLY.fullmatch(schedule):
        raise ValueError(f"{schedule!r} is not weekly: correct costs/restore_tests.py")
    return prices.hours / 24 / DAYS_OF_WEEK


def instance(plan: Resource, prices: Prices, stage: Capacities) -> Iterator[Line]:
    """Tell what the instances cost that restored ledgers are given; a ledger that pauses is woken, at half a unit."""
    hours, times = prices.use("restore_test_hours"), tests_a_month(plan, prices)
    capacity = max(stage.minimum_capacity(plan.region), prices.use("restore_test_capacity"))
    yield Line(
        region=plan.region,
        service="weekly restore tests",
        dollars=times * hours * capacity * prices.of("acu", "hour"),
        counted=f"{hours:g} h at {capacity:g} ACU; what AWS Backup charges for a test is not counted",
    )


def journal_read(resources: Sequence[Resource], prices: Prices) -> list[Line]:
    """Tell what reading a gigabyte of the journal costs, consistently and once in each test."""
    units = 1e6 / READ_UNIT_KB
    return [
        Line(
            region=plan.region,
            service="weekly restore tests",
            dollars=tests_a_month(plan, prices) * units / 1e6 * prices.of("dynamodb", "read_million"),
            counted="one read of the whole journal a week",
        )
        for plan in resources
        if plan.type == PLAN
    ]
