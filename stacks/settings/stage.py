"""What a stage may set: frozen models, read from TOML and checked before anything is synthesized."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationError, model_validator

from contract.patterns import EMBEDDED_ACCOUNT, STAGE_RULE, is_stage
from contract.settings_file import UnreadableSettingsError, values_of
from stacks.settings.kinds import Account, Contact, Environment, Stage  # noqa: TC001 - pydantic reads them
from stacks.settings.messages import explain, shown
from stacks.settings.tables import (
    Api,
    Backup,
    Documents,
    Domain,
    Functions,
    GameDays,
    Group,
    Journal,
    Ledger,
    Networks,
    Recovery,
    Regions,
)

if TYPE_CHECKING:
    from pathlib import Path

_WITNESS_SETS = (
    frozenset({"us-east-1", "us-east-2", "us-west-2"}),
    frozenset({"eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"}),
    frozenset({"ap-northeast-1", "ap-northeast-2", "ap-northeast-3"}),
)
"""Region sets of strongly consistent tables (CloudFormation, GlobalTableWitness)."""

_RESERVED_DOMAINS = ("example.com", "example.net", "example.org", "example", "invalid", "localhost", "test")
"""RFC 2606 and RFC 6761."""


class SettingsError(Exception):
    """A setting that cannot be: one line that names the file, the key, the value and what is allowed."""


class Settings(Group):
    """Everything a stage sets."""

    stage: Stage
    environment: Environment
    topology: Literal["single", "dual"]
    account: Account
    retain: bool
    notify: tuple[Contact, ...] = Field(default=(), strict=False)
    notify_nobody: bool = False
    regions: Regions
    networks: Networks
    journal: Journal
    ledger: Ledger
    documents: Documents
    domain: Domain | None = None
    api: Api = Api()
    backup: Backup = Backup()
    functions: Functions = Functions()
    game_days: GameDays = GameDays()
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
    def _everybody_is_told_once(self) -> Settings:
        seen: set[str] = set()
        for contact in self.notify:
            if contact.lower() in seen:
                raise ValueError(f"notify names {contact!r} twice: SNS has one subscription for it, remove the other")
            seen.add(contact.lower())
        return self

    @model_validator(mode="after")
    def _vaults_fit(self) -> Settings:
        if self.backup.lock and not self.retain:
            raise ValueError("backup.lock = true keeps every vault for good: set retain = true, or leave lock out")
        if self.backup.copy_hourly and self.topology == "single":
            raise ValueError("backup.copy_hourly needs topology 'dual': there is no other region to copy to")
        return self

    @model_validator(mode="after")
    def _zones_are_in_their_region(self) -> Settings:
        places = [(self.networks.primary, self.regions.primary), (self.networks.secondary, self.regions.secondary)]
        for network, region in places:
            for zone in network.availability_zones if network and region else ():
                if zone[:-1] != region:
                    raise ValueError(f"availability zone {zone!r} is not in {region}: choose zones of that region")
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
            given = repr(regions.witness) if regions.witness else "is missing: it"
            allowed = "; ".join(", ".join(sorted(known)) for known in _WITNESS_SETS)
            raise ValueError(f"regions.witness {given} must be a third region of the same set as the others: {allowed}")
        return self

    @model_validator(mode="after")
    def _domain_can_be_served(self) -> Settings:
        """Route 53 refuses a zone at or below example.com, and nobody delegates what RFC 2606 and RFC 6761 reserve."""
        if self.domain is None:
            return self
        name = self.domain.name
        if self.account != EMBEDDED_ACCOUNT and any(f".{name}".endswith(f".{each}") for each in _RESERVED_DOMAINS):
            raise ValueError(
                f"domain.name {name!r} is reserved and works in the embedded AWS only: "
                f"set a domain of yours to deploy to account {self.account}, or leave out [domain]"
            )
        return self

    @model_validator(mode="after")
    def _somebody_is_told(self) -> Settings:
        """What is worth retaining is worth an alarm that somebody hears; the embedded AWS wakes nobody."""
        if self.notify_nobody and self.notify:
            raise ValueError(f"notify_nobody = true, and notify names {self.notify[0]!r}: leave one of them out")
        if self.retain and not self.notify and not self.notify_nobody and self.account != EMBEDDED_ACCOUNT:
            raise ValueError(
                "notify = []: a stage with retain = true tells somebody of its alarms: "
                "add a contact, or set notify_nobody = true"
            )
        return self


def load(stage: str, folder: Path, *, account: str | None = None, delegated: bool = False) -> Settings:
    """Read `<folder>/<stage>.toml`; `account` overrides the file's. Raises `SettingsError`.

    `delegated` says that a zone which the stage creates is delegated from the beginning, as it is in an embedded AWS,
    whose DNS answers for every zone.
    """
    if not is_stage(stage):
        raise SettingsError(f"stage {shown(stage)} is not a name: use {STAGE_RULE}")
    file = folder / f"{stage}.toml"
    values = _read(file)
    if account is not None:
        values["account"] = account
    domain = values.get("domain")
    if delegated and isinstance(domain, dict) and domain.get("zone", "created") == "created":
        domain["zone"] = "delegated"
    if "account" not in values:
        raise SettingsError(
            f"{file}: account is missing: give the 12 digits of the AWS account here, or ACCOUNT=... to make"
        )
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(f"{file}: {explain(error, Settings)}") from error
    if settings.stage != stage:
        raise SettingsError(f"{file}: stage = {settings.stage!r}: it must be {stage!r}, as the file is named")
    return settings


def _read(file: Path) -> dict[str, Any]:
    try:
        return values_of(file)
    except FileNotFoundError as error:
        known = ", ".join(sorted(path.stem for path in file.parent.glob("*.toml")))
        remedy = f"use one of {known}, or write the file" if known else "write the file"
        raise SettingsError(f"{file}: stage {file.stem!r} has no settings: {remedy}") from error
    except UnreadableSettingsError as error:
        raise SettingsError(str(error)) from error
