"""What a million transactions add, and what a gigabyte of them costs for a month."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contract.limits import SWEEP_OVERLAP_SECONDS
from costs.idle import MILLION, Stage
from costs.line import Line
from costs.restore_tests import journal_read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from costs.prices import Prices
    from costs.template import Resource

READ_UNIT_KB = 4
MAPPING = "AWS::Lambda::EventSourceMapping"
PLAN = "AWS::Backup::BackupPlan"


def per_million(resources: Sequence[Resource], prices: Prices, *, rate: float) -> list[Line]:
    """Return what a million transactions add when they come at `rate` a second."""
    stage = Stage(resources)
    mappings = stage.of_type(MAPPING)
    lines = [*_request(stage, prices), _journal(stage, prices), _ledger(stage, prices)]
    for mapping in mappings:
        lines += [_projector(stage, prices, mapping, rate), _sweeps(stage, prices, mapping.region)]
    return lines


def _request(stage: Stage, prices: Prices) -> list[Line]:
    region = stage.of_type(MAPPING)[0].region
    memory, seconds = stage.memory_gb(region, "transactions"), prices.use("transaction_seconds")
    function = prices.of("lambda", "request_million") + memory * seconds * prices.of("lambda", "gb_second") * MILLION
    logs = prices.use("log_kb") / 1e6 * MILLION * prices.of("cloudwatch", "log_gb")
    traces = prices.use("traced_share") * prices.of("xray", "trace_million")
    return [
        Line(region="serving", service="API", dollars=prices.of("api", "request_million"), counted="HTTP API requests"),
        Line(
            region="serving",
            service="transactions function",
            dollars=function,
            counted=f"{memory:g} GB for {seconds * 1000:g} ms",
        ),
        Line(region="serving", service="logs and traces", dollars=logs + traces, counted="5 % of requests traced"),
    ]


def _journal(stage: Stage, prices: Prices) -> Line:
    replicas = stage.replicas()
    units = -(-prices.use("transaction_kb") // 1) + 1  # the table's item, and its entry in the time index
    transfer = (replicas - 1) * prices.use("transaction_kb") * prices.of("transfer", "between_regions_gb")
    return Line(
        region="all",
        service="journal",
        dollars=units * replicas * prices.of("dynamodb", "write_million") + transfer,
        counted=f"{units:g} write units in {replicas} Region{'s' if replicas > 1 else ''}, and the transfer",
    )


def _projector(stage: Stage, prices: Prices, mapping: Resource, rate: float) -> Line:
    window = max(float(mapping.properties.get("MaximumBatchingWindowInSeconds", 0)), 0.1)
    batch = max(1.0, min(float(mapping.properties["BatchSize"]), rate * window))
    seconds = prices.use("projector_batch_seconds") + batch * prices.use("projector_row_seconds")
    memory = stage.memory_gb(mapping.region, "projector")
    each = prices.of("lambda", "request_million") / MILLION + memory * seconds * prices.of("lambda", "gb_second")
    return Line(
        region=mapping.region,
        service="projector",
        dollars=MILLION / batch * each,
        counted=f"{memory:g} GB, about {batch:g} a batch",
    )


def _ledger(stage: Stage, prices: Prices) -> Line:
    writes, readers = prices.use("ledger_writes"), len(stage.of_type("AWS::RDS::DBCluster")) - 1
    price = prices.of("acu", "write_io_million") + readers * prices.of("acu", "replicated_write_io_million")
    return Line(
        region="all",
        service="ledger I/O and replication" if readers else "ledger I/O",
        dollars=writes * price,
        counted=f"{writes:g} pages a transaction; capacity above the minimum is not counted",
    )


def _sweeps(stage: Stage, prices: Prices, region: str) -> Line:
    """Each item is read in the index when it is new, again in the overlap, and once below the mark."""
    interval = _interval_seconds(stage, region)
    looks = 1 + (interval + SWEEP_OVERLAP_SECONDS) / interval
    units = looks * prices.use("index_kb") / READ_UNIT_KB / 2
    return Line(
        region=region,
        service="sweeps",
        dollars=units * prices.of("dynamodb", "read_million"),
        counted=f"{looks:g} looks at an index entry",
    )


def _interval_seconds(stage: Stage, region: str) -> float:
    for rule in stage.of_type("AWS::Events::Rule", region):
        every = re.fullmatch(r"rate\((\d+) minutes?\)", rule.properties.get("ScheduleExpression", ""))
        if every and "weeper" in str(rule.properties["Targets"]):
            return int(every[1]) * 60.0
    raise ValueError(f"no schedule of the sweeper in {region}: correct costs/usage.py")


def per_gigabyte(resources: Sequence[Resource], prices: Prices) -> list[Line]:
    """Return what each gigabyte of journal and ledger costs for a month, copies and recovery points included."""
    stage = Stage(resources)
    replicas, points = stage.replicas(), points_kept(resources)
    kept = sum(points.values())
    return [
        Line(
            region="all",
            service="journal, stored",
            dollars=replicas * (prices.of("dynamodb", "storage_gb_month") + prices.of("dynamodb", "recovery_gb_month")),
            counted=f"{replicas} replicas, point-in-time recovery included",
        ),
        Line(
            region="all",
            service="journal, recovery points",
            dollars=kept * prices.of("dynamodb", "backup_gb_month"),
            counted=f"{kept:g} full points kept in all vaults",
        ),
        Line(
            region="all",
            service="ledger, recovery points",
            dollars=kept * prices.of("acu", "backup_gb_month"),
            counted=f"{kept:g} points kept, counted as full: an upper limit",
        ),
        *journal_read(resources, prices),
    ]


def points_kept(resources: Sequence[Resource]) -> dict[str, float]:
    """Return how many recovery points a resource has in the end, by Region of the plan; copies count like the rest."""
    kept: dict[str, float] = {}
    for plan in (each for each in resources if each.type == PLAN):
        for rule in plan.properties["BackupPlan"]["BackupPlanRule"]:
            if rule.get("EnableContinuousBackup"):
                continue
            runs = runs_a_day(rule["ScheduleExpression"])
            lifecycles = [rule["Lifecycle"], *(copy["Lifecycle"] for copy in rule.get("CopyActions", []))]
            kept[plan.region] = kept.get(plan.region, 0) + sum(runs * each["DeleteAfterDays"] for each in lifecycles)
    return kept


def runs_a_day(expression: str) -> float:
    """Return how often a day a backup rule's schedule runs; raises ValueError for one that is not read here."""
    fields: Mapping[int, str] = dict(enumerate(expression.removeprefix("cron(").removesuffix(")").split()))
    minutes, hours = fields.get(0, ""), fields.get(1, "")
    if not minutes.isdigit() or list(fields.values())[2:] != ["*", "*", "?", "*"]:
        raise ValueError(f"{expression!r} is no schedule that costs reads: correct runs_a_day in costs/usage.py")
    if hours == "*":
        return 24
    if hours.isdigit():
        return 1
    raise ValueError(f"{expression!r} is no schedule that costs reads: correct runs_a_day in costs/usage.py")
