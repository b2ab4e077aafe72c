"""What constructs read of a stage's settings: the tables of `stacks/settings` have it, and reach them whole.

A construct takes the table and never its keys one by one, so a new setting is written in the stage's file, in its
table, here, and where it is used. Protocols stand here because constructs import no stacks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class NetworkSettings(Protocol):
    """A Region's VPC."""

    @property
    def cidr(self) -> str:
        """The VPC's addresses, such as 10.0.0.0/16."""

    @property
    def availability_zones(self) -> Sequence[str]:
        """The zones that hold a subnet each."""


class LedgerSettings(Protocol):
    """A Region's Aurora cluster; capacities in ACUs."""

    @property
    def engine_version(self) -> str:
        """The version of Aurora PostgreSQL, such as 16.8."""

    @property
    def readers(self) -> int:
        """How many instances there are beside the writer."""

    @property
    def minimum_capacity(self) -> float:
        """The capacity when idle; zero pauses the cluster."""

    @property
    def maximum_capacity(self) -> float:
        """The capacity that is never exceeded."""

    @property
    def backup_days(self) -> int:
        """How many days Aurora's own backups are kept."""

    @property
    def idle_seconds(self) -> int | None:
        """After how many idle seconds a function closes its connection; None leaves the function's default."""


class FunctionSettings(Protocol):
    """A Region's functions."""

    @property
    def health_concurrency(self) -> int | None:
        """The reserved concurrency of `health`; None reserves none."""

    @property
    def projector_concurrency(self) -> int | None:
        """The reserved concurrency of `projector`; None reserves none."""

    @property
    def sweep_margin_seconds(self) -> int:
        """How many seconds old the evidence must be on which a sweep raises its mark."""


class ApiSettings(Protocol):
    """Who may call the API, and how often; without an issuer, IAM decides."""

    @property
    def jwt_issuer(self) -> str | None:
        """The https:// address of the tokens' issuer."""

    @property
    def jwt_audience(self) -> str | None:
        """The audience that the tokens must name."""

    @property
    def jwt_write_scope(self) -> str:
        """The scope of tokens that post transactions and documents."""

    @property
    def jwt_read_scope(self) -> str:
        """The scope of tokens that read what their caller posted."""

    @property
    def jwt_accounts_scope(self) -> str:
        """The scope of tokens that read accounts."""

    @property
    def rate(self) -> int:
        """Requests per second, on average."""

    @property
    def burst(self) -> int:
        """Requests at once."""


class DomainSettings(Protocol):
    """The zone of the API's name."""

    @property
    def name(self) -> str:
        """The zone's name."""

    @property
    def hosted_zone_id(self) -> str | None:
        """The id of the imported zone, or of the imported parent where `parent_name` is given."""

    @property
    def parent_name(self) -> str | None:
        """The name of the imported zone that delegates this one."""

    @property
    def delegated(self) -> bool:
        """Whether a certificate in this zone can be validated."""

    @property
    def owned(self) -> bool:
        """Whether the stage makes the zone, so that it goes with the stage."""
