"""What each function is told: frozen records, which its construct writes and its handler reads once.

A record's field `journal_table` is the environment variable `TANDEM_JOURNAL_TABLE`. Nothing else spells one.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREFIX = "TANDEM_"
_REGION = "AWS_REGION"
"""Lambda sets it itself (Lambda Developer Guide, defined runtime environment variables)."""

_TRUE, _FALSE = "true", "false"


def region_of(environment: Mapping[str, str]) -> str:
    """The Region that a function runs in; raises `ValueError` where Lambda has not named one."""
    region = environment.get(_REGION, "")
    if not region:
        raise ValueError(f"environment variable {_REGION} is missing: Lambda sets it where a function runs")
    return region


def variable(field: str) -> str:
    """The environment variable of a record's field."""
    return _PREFIX + field.upper()


@dataclass(frozen=True, kw_only=True)
class Record:
    """A part of a function's environment: each field is a text, a whole number or a truth value, or None.

    A value that CloudFormation knows only when it deploys is text. None is written as an empty variable.
    """

    def variables(self) -> dict[str, str]:
        """The record as environment variables."""
        return {variable(field.name): _written(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read the record; raises `ValueError` that names the variable when one is missing or not of its kind."""
        return cls(**{field.name: _read(str(field.type), field.name, environment) for field in fields(cls)})


def _written(value: str | int | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    return str(value)


def _read(kind: str, field: str, environment: Mapping[str, str]) -> Any:
    name = variable(field)
    text = environment.get(name, "")
    kind, _, optional = kind.partition(" | ")
    if not text:
        if optional:
            return None
        raise ValueError(f"environment variable {name} is missing: the stack that deploys this function sets it")
    if kind == "bool":
        if text not in (_TRUE, _FALSE):
            raise ValueError(f"environment variable {name} is {text!r}: it must be {_TRUE} or {_FALSE}")
        return text == _TRUE
    try:
        return {"str": str, "int": int}[kind](text)
    except ValueError as error:
        raise ValueError(f"environment variable {name} is {text!r}: it must be a whole number") from error


@dataclass(frozen=True, kw_only=True)
class Place(Record):
    """What every function is told about its place in the deployment.

    `other_region` is None in a stage of one Region. `service` names the function in logs and metrics.
    """

    stage: str
    region_role: str
    other_region: str | None
    journal_table: str
    operational_table: str
    service: str


@dataclass(frozen=True, kw_only=True)
class LedgerAccess(Record):
    """Where the local Aurora cluster is and as whom to connect.

    `ledger_idle_seconds` is how long a connection may stay unused before it is closed, None for ever: an open
    connection keeps a scaling-to-zero cluster awake. `ledger_port` is text because CloudFormation names the port.
    """

    ledger_writer_host: str
    ledger_reader_host: str
    ledger_port: str
    ledger_database: str
    ledger_user: str
    ledger_idle_seconds: int | None


@dataclass(frozen=True, kw_only=True)
class Transactions(Record):
    """The bucket that documents lie in."""

    documents_bucket: str


@dataclass(frozen=True, kw_only=True)
class Health(Record):
    """Whether the journal is read consistently, which an isolated replica of a strong table refuses.

    `version` stands for the code and the settings that were deployed, and goes with each heartbeat.
    """

    strong_reads: bool
    version: str | None


@dataclass(frozen=True, kw_only=True)
class Sweeper(Record):
    """How many seconds old evidence must be before a mark may rise to it."""

    sweep_margin_seconds: int


@dataclass(frozen=True, kw_only=True)
class Compare(Record):
    """The other Region's Aurora cluster; its Region is the place's other one, database and user are the local ones."""

    far_writer_host: str
    far_reader_host: str
    far_port: str


@dataclass(frozen=True, kw_only=True)
class Capacity(Record):
    """The stream that the projector reads, and how many batches of each of its shards it gets at once."""

    journal_stream_arn: str
    projector_lanes: int


@dataclass(frozen=True, kw_only=True)
class Attest(Record):
    """The name of the restore testing plan whose restored ledgers are proven, and the function that proves them.

    Capacities of the instance that is made for a proof are Aurora capacity units.
    """

    restore_testing_plan: str
    prove_function: str
    minimum_capacity: str
    maximum_capacity: str


@dataclass(frozen=True, kw_only=True)
class Prove(Record):
    """As whom a restored ledger is connected to."""

    ledger_database: str
    ledger_user: str


@dataclass(frozen=True, kw_only=True)
class Canary(Record):
    """Where the canary keeps what it saw, None in the primary Region; and the API's own name where it has one.

    `api_target` is where the name leads to in this Region.
    """

    observations_table: str | None
    api_name: str | None
    api_target: str | None


@dataclass(frozen=True, kw_only=True)
class Recover(Record):
    """What recovers a stage: its plan, or the plan's steps where `plan_arn` is None.

    `evidence_table` has what is kept between two looks, and what the canary saw.
    """

    evidence_table: str
    heartbeat_limit_seconds: int
    sweeper_function: str
    takeover_function: str
    plan_arn: str | None
    global_cluster: str
    target_cluster_arn: str
    target_region: str


@dataclass(frozen=True, kw_only=True)
class Verify(Record):
    """What an activated Region is verified with."""

    global_cluster: str
    target_cluster_arn: str
    sweeper_function: str


@dataclass(frozen=True, kw_only=True)
class Takeover(Record):
    """Where the switch lies: in the secondary Region, whichever Region asks."""

    takeover_table: str
    takeover_region: str


@dataclass(frozen=True, kw_only=True)
class Migrate(Record):
    """The cluster that migrations are applied to through the Data API, and the secret of its administrator."""

    ledger_cluster_arn: str
    ledger_secret_arn: str
