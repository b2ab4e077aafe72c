"""What a stage may set: frozen models, read from TOML and checked before anything is synthesized."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Settings", "SettingsError", "load"]

_WITNESS_SETS = (
    frozenset({"us-east-1", "us-east-2", "us-west-2"}),
    frozenset({"eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"}),
    frozenset({"ap-northeast-1", "ap-northeast-2", "ap-northeast-3"}),
)
"""Region sets of strongly consistent tables (CloudFormation, GlobalTableWitness)."""

PLAN_NAME_LIMIT = 32
"""ARC Region switch, CreatePlan: a plan's name has at most 32 characters."""

BUCKET_NAME_LIMIT = 63
"""S3 User Guide, bucket naming rules."""

Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
Zone = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$")]
DomainName = Annotated[
    str, StringConstraints(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", max_length=253)
]


class SettingsError(Exception):
    """A setting that cannot be: one line that names the file, the key, the value and what is allowed."""


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Network(_Group):
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
        return self


class Regions(_Group):
    """Where the stage lives. `secondary` and `witness` stay unset in the single topology."""

    primary: Region
    secondary: Region | None = None
    witness: Region | None = None


class Networks(_Group):
    """The VPCs."""

    primary: Network
    secondary: Network | None = None


class Journal(_Group):
    """The journal's consistency between Regions: it never changes after creation."""

    consistency: Literal["eventual", "strong"]


class Ledger(_Group):
    """Aurora. Capacities in ACUs; zero minimum scales to zero when idle."""

    engine_version: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}\.[0-9]{1,2}$")]
    readers: Annotated[int, Field(ge=0, le=15)] = 0
    minimum_capacity: Annotated[float, Field(ge=0, le=256)] = 0.5
    maximum_capacity: Annotated[float, Field(ge=1, le=256)] = 4.0
    backup_days: Annotated[int, Field(ge=1, le=35)] = 7
    idle_seconds: Annotated[int, Field(ge=1, le=300)] | None = None


class Documents(_Group):
    """Replication of documents; `time-control` promises 15 minutes and costs per GB."""

    replication: Literal["none", "basic", "time-control"]


class Api(_Group):
    """Who may call, and how often (requests per second)."""

    authorization: Literal["iam", "jwt"] = "iam"
    jwt_issuer: Annotated[str, StringConstraints(pattern=r"^https://")] | None = None
    jwt_audience: str | None = None
    rate: Annotated[int, Field(ge=1, le=10_000)] = 500
    burst: Annotated[int, Field(ge=1, le=5_000)] = 1_000

    @model_validator(mode="after")
    def _jwt_is_complete(self) -> Api:
        if self.authorization == "jwt" and not (self.jwt_issuer and self.jwt_audience):
            raise ValueError("authorization 'jwt' needs jwt_issuer and jwt_audience")
        return self


class Domain(_Group):
    """The zone. `created`: nobody has delegated it, so it has no certificate. `imported`: it exists and is delegated.

    `child`: created, and delegated from the imported parent zone.
    """

    name: DomainName
    zone: Literal["created", "imported", "child"] = "created"
    hosted_zone_id: Annotated[str, StringConstraints(pattern=r"^Z[A-Z0-9]{3,31}$")] | None = None
    parent_name: DomainName | None = None

    @model_validator(mode="after")
    def _zone_is_complete(self) -> Domain:
        if self.zone != "created" and not self.hosted_zone_id:
            raise ValueError(f"zone {self.zone!r} needs hosted_zone_id, the id of the imported zone")
        if self.zone == "child" and not (self.parent_name and self.name.endswith(f".{self.parent_name}")):
            raise ValueError(f"zone 'child' needs parent_name, of which {self.name!r} is a subdomain")
        return self

    @property
    def delegated(self) -> bool:
        """Whether a certificate in this zone can be validated."""
        return self.zone != "created"


class Functions(_Group):
    """Lambda. Reserved concurrencies need an account limit above their sum plus 100; unset reserves none."""

    health_concurrency: Annotated[int, Field(ge=1)] | None = None
    projector_concurrency: Annotated[int, Field(ge=1)] | None = None
    log_retention_days: Literal[7, 30, 90, 365, 400] = 30
    sweep_margin_seconds: Annotated[int, Field(ge=600)] = 3600


class Recovery(_Group):
    """The Region switch plan, which costs per month."""

    plan: bool = False
    objective_minutes: Annotated[int, Field(ge=1, le=10_080)] = 15


class Settings(_Group):
    """Everything a stage sets."""

    stage: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
    environment: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    topology: Literal["single", "dual"]
    account: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
    retain: bool
    notify: tuple[Annotated[str, StringConstraints(pattern=r"^([^@\s]+@[^@\s]+|https://\S+)$")], ...] = Field(
        default=(), strict=False
    )
    regions: Regions
    networks: Networks
    journal: Journal
    ledger: Ledger
    documents: Documents
    domain: Domain
    api: Api = Api()
    functions: Functions = Functions()
    recovery: Recovery = Recovery()

    @model_validator(mode="after")
    def _topology_is_whole(self) -> Settings:
        regions, networks = self.regions, self.networks
        if self.topology == "single":
            if regions.secondary or networks.secondary or regions.witness:
                raise ValueError(
                    "topology 'single' has no secondary region: leave out secondary and witness, or use 'dual'"
                )
            if self.journal.consistency == "strong":
                raise ValueError("journal consistency 'strong' needs topology 'dual'")
            if self.documents.replication != "none" or self.recovery.plan:
                raise ValueError("documents replication and a recovery plan need topology 'dual'")
            return self
        if not regions.secondary or not networks.secondary:
            raise ValueError("topology 'dual' needs regions.secondary and networks.secondary")
        if regions.secondary == regions.primary:
            raise ValueError(f"regions.secondary {regions.secondary!r} is the primary: choose another region")
        if ipaddress.IPv4Network(networks.primary.cidr).overlaps(ipaddress.IPv4Network(networks.secondary.cidr)):
            raise ValueError(
                f"networks.secondary.cidr {networks.secondary.cidr!r} overlaps {networks.primary.cidr!r}: "
                "peered networks must not"
            )
        return self

    @model_validator(mode="after")
    def _zones_are_in_their_region(self) -> Settings:
        places = [(self.networks.primary, self.regions.primary), (self.networks.secondary, self.regions.secondary)]
        for network, region in places:
            for zone in network.availability_zones if network and region else ():
                if zone[:-1] != region:
                    raise ValueError(f"availability zone {zone!r} is not in {region}")
        return self

    @model_validator(mode="after")
    def _witness_fits(self) -> Settings:
        regions = self.regions
        if self.journal.consistency != "strong":
            if regions.witness:
                raise ValueError("regions.witness is for journal consistency 'strong' only")
            return self
        members = {regions.primary, regions.secondary, regions.witness}
        if regions.witness is None or len(members) != 3 or not any(members <= known for known in _WITNESS_SETS):  # noqa: PLR2004 - two replicas and a witness
            allowed = "; ".join(", ".join(sorted(known)) for known in _WITNESS_SETS)
            raise ValueError(
                f"regions.witness {regions.witness!r} must be a third region of the same set as the others: {allowed}"
            )
        return self

    @model_validator(mode="after")
    def _plan_name_fits(self) -> Settings:
        name = f"tandem-{self.stage}"
        if self.recovery.plan and len(name) > PLAN_NAME_LIMIT:
            raise ValueError(
                f"stage {self.stage!r} makes the plan name {name!r} of {len(name)} characters: shorten it, "
                f"{PLAN_NAME_LIMIT} are allowed"
            )
        return self

    @model_validator(mode="after")
    def _bucket_names_fit(self) -> Settings:
        for region in (self.regions.primary, self.regions.secondary or self.regions.primary):
            name = f"tandem-documents-{self.stage}-{region}-{self.account}"
            if len(name) > BUCKET_NAME_LIMIT:
                raise ValueError(
                    f"stage {self.stage!r} makes the bucket name {name!r} of {len(name)} characters: shorten it, "
                    f"{BUCKET_NAME_LIMIT} are allowed"
                )
        return self


def load(stage: str, folder: Path, *, account: str | None = None) -> Settings:
    """Read `<folder>/<stage>.toml`; `account` overrides the file's. Raises `SettingsError`."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,30}", stage):
        raise SettingsError(f"stage {stage!r} is not a name: use lower-case letters, digits and hyphens")
    file = folder / f"{stage}.toml"
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        known = ", ".join(sorted(path.stem for path in folder.glob("*.toml")))
        raise SettingsError(
            f"{file}: stage {stage!r} has no settings: use one of {known}, or write the file"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not TOML: {error}") from error
    if account is not None:
        values["account"] = account
    if "account" not in values:
        raise SettingsError(
            f"{file}: account is missing: give the 12 digits of the AWS account here, or ACCOUNT=... to make"
        )
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(f"{file}: {_explain(error)}") from error
    if settings.stage != stage:
        raise SettingsError(f"{file}: stage = {settings.stage!r}: it must be {stage!r}, as the file is named")
    return settings


def _explain(error: ValidationError) -> str:
    """The first mistake, in one line."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{key} is not a known key: remove it or correct its name"
    if first["type"] == "missing":
        return f"{key} is missing"
    message = str(first["msg"]).removeprefix("Value error, ").replace("\n", " ")
    value = "" if first["type"] == "value_error" else f" = {first['input']!r}"
    return f"{key}{value}: {message[:1].lower()}{message[1:]}" if key else message
