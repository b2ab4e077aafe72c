"""The tables of a stage's settings, each of which checks what concerns it alone."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contract import scopes
from contract.game_days import ACTION_MINUTES
from contract.limits import SWEEP_INTERVAL_SECONDS
from stacks.settings.kinds import (  # noqa: TC001 - pydantic reads them
    Audience,
    DomainName,
    EngineVersion,
    HostedZoneId,
    Issuer,
    Region,
    Scope,
    Zone,
)

_NO_VPC = tuple(
    map(ipaddress.IPv4Network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4"))
)
"""What EC2 refuses: this network, loopback, link-local, multicast, reserved (VPC User Guide, VPC CIDR blocks)."""

_SCALES_TO_ZERO = {13: 15, 14: 12, 15: 7, 16: 3}
"""The minor version from which a major one takes a minimum of 0 ACU; later majors always do (Aurora User Guide,
Scaling to Zero ACUs)."""


class Group(BaseModel):
    """Keys that belong together: checked strictly, and never changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Network(Group):
    """One Region's VPC. Zones are listed, not looked up: some carry no Lambda or Aurora, and synthesis asks nobody."""

    cidr: str
    availability_zones: Annotated[tuple[Zone, ...], Field(min_length=2, max_length=3, strict=False)]

    @model_validator(mode="after")
    def _cidr_is_a_network(self) -> Network:
        try:
            network = ipaddress.IPv4Network(self.cidr)
        except ValueError as error:
            raise ValueError(f"cidr {self.cidr!r} is not an IPv4 network: use one such as 10.0.0.0/16") from error
        if not 16 <= network.prefixlen <= 22:  # noqa: PLR2004 - what a VPC allows, and three zones need
            raise ValueError(f"cidr {self.cidr!r} must have a prefix of /16 to /22")
        if any(network.overlaps(special) for special in _NO_VPC):
            raise ValueError(f"cidr {self.cidr!r} is no range of a VPC: use a private one such as 10.0.0.0/16")
        return self

    @model_validator(mode="after")
    def _zones_differ(self) -> Network:
        for zone in self.availability_zones:
            if self.availability_zones.count(zone) > 1:
                raise ValueError(f"availability zone {zone!r} is listed twice: choose another zone")
        return self


class Regions(Group):
    """Where the stage lives. `secondary` and `witness` stay unset in the single topology."""

    primary: Region
    secondary: Region | None = None
    witness: Region | None = None


class Networks(Group):
    """The VPCs."""

    primary: Network
    secondary: Network | None = None


class Journal(Group):
    """The journal's consistency between Regions: it never changes after creation."""

    consistency: Literal["eventual", "strong"]


class Ledger(Group):
    """Aurora. Capacities in ACUs; zero minimum scales to zero when idle."""

    engine_version: EngineVersion
    readers: Annotated[int, Field(ge=0, le=15)] = 0
    minimum_capacity: Annotated[float, Field(ge=0, le=256, multiple_of=0.5, allow_inf_nan=False)] = 0.5
    maximum_capacity: Annotated[float, Field(ge=1, le=256, multiple_of=0.5, allow_inf_nan=False)] = 4.0
    backup_days: Annotated[int, Field(ge=1, le=35)] = 7
    idle_seconds: Annotated[int, Field(ge=1, le=300)] | None = None

    @model_validator(mode="after")
    def _engine_can_pause(self) -> Ledger:
        major, minor = (int(part) for part in self.engine_version.split("."))
        if self.minimum_capacity == 0 and (major < min(_SCALES_TO_ZERO) or minor < _SCALES_TO_ZERO.get(major, 0)):
            least = ", ".join(f"{known}.{first}" for known, first in _SCALES_TO_ZERO.items())
            raise ValueError(
                f"engine_version {self.engine_version!r} does not scale to 0.0: raise minimum_capacity, or use one of "
                f"{least} or a later minor or major version"
            )
        return self

    @model_validator(mode="after")
    def _capacities_are_a_range(self) -> Ledger:
        if self.minimum_capacity > self.maximum_capacity:
            raise ValueError(
                f"minimum_capacity {self.minimum_capacity} is above maximum_capacity {self.maximum_capacity}: "
                "lower the one or raise the other"
            )
        return self


class Documents(Group):
    """Replication of documents; `time-control` promises 15 minutes and costs per GB."""

    replication: Literal["none", "basic", "time-control"]


class Api(Group):
    """Who may call, and how often (requests per second).

    With `jwt`, a token needs the scope of what it asks for: one to post, one to read what its caller posted, and one to
    read accounts, which are everybody's.
    """

    authorization: Literal["iam", "jwt"] = "iam"
    jwt_issuer: Issuer | None = None
    jwt_audience: Audience | None = None
    jwt_write_scope: Scope = scopes.WRITE
    jwt_read_scope: Scope = scopes.READ
    jwt_accounts_scope: Scope = scopes.ACCOUNTS
    rate: Annotated[int, Field(ge=1, le=10_000)] = 500
    burst: Annotated[int, Field(ge=1, le=5_000)] = 1_000

    @model_validator(mode="after")
    def _jwt_is_complete(self) -> Api:
        given = [name for name in ("jwt_issuer", "jwt_audience") if getattr(self, name)]
        unused = [*given, *sorted(name for name in self.model_fields_set if name.endswith("_scope"))]
        if self.authorization == "jwt" and len(given) < 2:  # noqa: PLR2004 - issuer and audience
            raise ValueError(
                f"authorization 'jwt' needs jwt_issuer and jwt_audience: {given[0] if given else 'none'} is given"
            )
        if self.authorization == "iam" and unused:
            raise ValueError(f"authorization 'iam' uses no {unused[0]}: remove it, or set authorization = 'jwt'")
        return self


class Domain(Group):
    """The zone; a stage without this table has none, and its clients call the URLs of its Regions.

    `created`: nobody has delegated it, so it has no certificate. `delegated`: it was created so, and its parent names
    its name servers by now. `imported`: it exists and is delegated. `child`: it is created, and delegated from the
    imported parent zone.
    """

    name: DomainName
    zone: Literal["created", "delegated", "imported", "child"] = "created"
    hosted_zone_id: HostedZoneId | None = None
    parent_name: DomainName | None = None

    @model_validator(mode="after")
    def _zone_is_complete(self) -> Domain:
        own = self.zone in ("created", "delegated")
        if not own and not self.hosted_zone_id:
            raise ValueError(f"zone {self.zone!r} needs hosted_zone_id, the id of the imported zone")
        if self.zone == "child" and not (self.parent_name and self.name.endswith(f".{self.parent_name}")):
            raise ValueError(f"zone 'child' needs parent_name, of which {self.name!r} is a subdomain")
        if own and self.hosted_zone_id:
            yet = " yet" if self.zone == "created" else ""
            raise ValueError(
                f"zone {self.zone!r} has no hosted_zone_id{yet}: remove it, or use zone 'imported' or 'child'"
            )
        if self.zone != "child" and self.parent_name:
            raise ValueError(f"zone {self.zone!r} has no parent_name: remove it, or use zone 'child'")
        return self

    @model_validator(mode="after")
    def _api_name_fits(self) -> Domain:
        """A name has 253 characters at most (RFC 1035), a certificate's 64 (ACM API, RequestCertificate)."""
        limit = 64 if self.delegated else 253
        if len(self.api_name) > limit:
            what = "a certificate's name" if self.delegated else "a name"
            raise ValueError(
                f"name {self.name!r} makes {self.api_name!r} of {len(self.api_name)} characters, "
                f"and {what} has {limit} at most: choose a shorter one"
            )
        return self

    @property
    def api_name(self) -> str:
        """The name that clients call."""
        return f"api.{self.name}"

    @property
    def delegated(self) -> bool:
        """Whether a certificate in this zone can be validated."""
        return self.zone != "created"

    @property
    def owned(self) -> bool:
        """Whether the stage makes the zone, so that it goes with the stage."""
        return self.zone != "imported"


class Backup(Group):
    """AWS Backup. Daily points are kept for 35 days and copied to the other Region; hourly ones are kept for a day.

    `copy_hourly` copies the hourly points too, for whoever must; each copy is full and charged as such. `lock` locks
    the vaults for good: nobody, AWS's support included, can take a lock off once three days have passed.
    `tell_completed` sends a message for each job that succeeds, too; failures are always told.
    """

    copy_hourly: bool = False
    lock: bool = False
    tell_completed: bool = False


class Functions(Group):
    """Lambda. Reserved concurrencies need an account limit above their sum plus 100; unset reserves none."""

    health_concurrency: Annotated[int, Field(ge=1, le=10_000)] | None = None
    projector_concurrency: Annotated[int, Field(ge=1, le=10_000)] | None = None
    log_retention_days: Literal[7, 30, 90, 365, 400] = 30
    sweep_margin_seconds: Annotated[int, Field(ge=SWEEP_INTERVAL_SECONDS, le=2_592_000)] = 3600


class GameDays(Group):
    """AWS FIS templates of a stage with two Regions; a stage with one has none. They cost while an experiment runs."""

    experiments: bool = True
    action_minutes: Annotated[int, Field(ge=ACTION_MINUTES[0], le=ACTION_MINUTES[1])] = 10


class Recovery(Group):
    """The Region switch plan, which costs per month."""

    plan: bool = False
    objective_minutes: Annotated[int, Field(ge=1, le=10_080)] = 15
