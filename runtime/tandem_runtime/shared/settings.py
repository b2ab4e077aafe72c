"""The environment of a function, read once at its edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LedgerSettings", "Settings"]


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise ValueError(f"environment variable {name} is empty: the stack that deploys this function sets it")
    return value


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What every function is told about its place in the deployment."""

    stage: str
    region: str
    region_role: str
    other_region: str
    journal_table: str
    operational_table: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings; raises `ValueError` that names the variable when one is missing."""
        return cls(
            stage=_required(environment, "TANDEM_STAGE"),
            region=_required(environment, "AWS_REGION"),
            region_role=_required(environment, "TANDEM_REGION_ROLE"),
            other_region=environment.get("TANDEM_OTHER_REGION", ""),
            journal_table=_required(environment, "TANDEM_JOURNAL_TABLE"),
            operational_table=_required(environment, "TANDEM_OPERATIONAL_TABLE"),
        )

    @property
    def origins(self) -> tuple[str, ...]:
        """The Regions whose journal items this ledger must hold."""
        return (self.region, self.other_region) if self.other_region else (self.region,)


@dataclass(frozen=True, kw_only=True)
class LedgerSettings:
    """Where the local Aurora cluster is and as whom to connect.

    `idle_seconds` is how long a connection may stay unused before it is closed, None for ever: an open connection keeps
    a scaling-to-zero cluster awake.
    """

    region: str
    writer_host: str
    reader_host: str
    port: int
    database: str
    user: str
    idle_seconds: float | None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> LedgerSettings:
        """Read the settings; raises `ValueError` that names the variable when one is missing."""
        idle = environment.get("TANDEM_LEDGER_IDLE_SECONDS", "")
        return cls(
            region=_required(environment, "AWS_REGION"),
            writer_host=_required(environment, "TANDEM_LEDGER_WRITER_HOST"),
            reader_host=_required(environment, "TANDEM_LEDGER_READER_HOST"),
            port=int(_required(environment, "TANDEM_LEDGER_PORT")),
            database=_required(environment, "TANDEM_LEDGER_DATABASE"),
            user=_required(environment, "TANDEM_LEDGER_USER"),
            idle_seconds=float(idle) if idle else None,
        )
