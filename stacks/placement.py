"""What every stack of a stage derives from its settings in the same way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Environment
from aws_cdk import aws_logs as logs

from contract import parameters
from contract.limits import HEARTBEAT_LIMIT_SECONDS, SCHEDULED_HEARTBEAT_LIMIT_SECONDS
from contract.names import Names
from tandem.functions import FunctionDefaults

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

    from stacks.settings.stage import Settings

_RETENTION = {
    7: logs.RetentionDays.ONE_WEEK,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
    400: logs.RetentionDays.THIRTEEN_MONTHS,
}


@dataclass(frozen=True)
class Placement:
    """Names, Regions and environments of a stage."""

    settings: Settings

    @property
    def names(self) -> Names:
        """The physical names."""
        return Names(stage=self.settings.stage, account=self.settings.account)

    @property
    def primary(self) -> str:
        """The primary Region."""
        return self.settings.regions.primary

    @property
    def secondary(self) -> str:
        """The secondary Region; the primary itself in the single topology."""
        return self.settings.regions.secondary or self.primary

    @property
    def dual(self) -> bool:
        """Whether there is a second Region."""
        return self.settings.topology == "dual"

    @property
    def replicates_documents(self) -> bool:
        """Whether documents are copied to the other Region, and from it."""
        return self.dual and self.settings.documents.replication != "none"

    @property
    def documents_in_time(self) -> bool:
        """Whether S3 promises how soon documents are copied, and emits the metrics of it."""
        return self.settings.documents.replication == "time-control"

    @property
    def log_retention(self) -> logs.RetentionDays:
        """How long logs are kept."""
        return _RETENTION[self.settings.functions.log_retention_days]

    @property
    def api_name(self) -> str | None:
        """The API's name in the zone; None in a stage without a domain."""
        return self.settings.domain.api_name if self.settings.domain else None

    @property
    def checked_part(self) -> str | None:
        """The part of checked paths as a Region's stack refers to it; None where there is no domain, hence no check.

        CloudFormation reads the parameter when it deploys (User Guide, dynamic references).
        """
        if self.settings.domain is None:
            return None
        return f"{{{{resolve:ssm:{self.names.parameter(parameters.CHECKED_PART)}}}}}"

    @property
    def heartbeat_limit_seconds(self) -> int:
        """The age from which a heartbeat is missing: without a domain a schedule beats the heart, which is slower."""
        return HEARTBEAT_LIMIT_SECONDS if self.settings.domain else SCHEDULED_HEARTBEAT_LIMIT_SECONDS

    @property
    def role_prefixes(self) -> list[str]:
        """How the names of the roles of this stage's stacks begin."""
        return [self.stack_name(which) for which in ("global", "primary", "secondary")]

    def stack_name(self, which: str) -> str:
        """A stack's physical name: two stages live in one account."""
        return self.names.stack(which)

    def environment(self, region: str) -> Environment:
        """Account and Region of a stack."""
        return Environment(account=self.settings.account, region=region)

    def function_defaults(self, *, role: str, key: kms.IKey) -> FunctionDefaults:
        """What a Region's functions share; `role` is `primary` or `secondary`."""
        here, there = (self.primary, self.secondary) if role == "primary" else (self.secondary, self.primary)
        return FunctionDefaults(
            names=self.names,
            region=here,
            region_role=role,
            other_region=there if self.dual else "",
            key=key,
            log_retention=self.log_retention,
            retain=self.settings.retain,
        )
