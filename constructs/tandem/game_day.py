"""The experiments of a game day: AWS FIS templates that do to the primary Region what FIS can do to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_fis as fis
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from contract.game_days import (
    ALARM_SOURCE,
    CROSS_REGION,
    CUT_REGION,
    CUT_SUBNETS,
    DYNAMODB,
    EXPERIMENTS,
    NAME_TAG,
    PAUSE_REPLICATION,
    REPLICATION,
    SERVICE,
)
from contract.names import arn
from tandem.game_day_permissions import permissions
from tandem.retention import removal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch

    from contract.names import Names
    from tandem.network import RegionNetwork
    from tandem.retention import Keeping

__all__ = ["GameDay", "Reach"]

_Action = fis.CfnExperimentTemplate.ExperimentTemplateActionProperty
_Target = fis.CfnExperimentTemplate.ExperimentTemplateTargetProperty
_SUBNETS, _TABLES = "Subnets", "Tables"
"""What the actions call their targets (AWS FIS User Guide, action targets)."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What the experiments touch: the subnets of the functions, and the Region's replicas of the global tables."""

    network: RegionNetwork
    tables: Sequence[str]
    other_region: str
    strong: bool


class GameDay(Construct):
    """One template for each experiment, their role, and the log group that FIS writes to.

    FIS can neither fail an Aurora global database over nor cut functions off that are outside a VPC: that part of a
    game day is `tandem failover`, or the plan. `stops` are alarms of this Region, because FIS refuses to start an
    experiment whose alarm is in another one. Every target is named by its ARN, so no tag of somebody else's resource
    can bring it into an experiment. L1: CDK has no L2 for it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        region: str,
        reach: Reach,
        stops: Sequence[cloudwatch.IAlarm],
        minutes: int,
        keeping: Keeping,
    ) -> None:
        super().__init__(scope, construct_id)
        self._names, self._region, self._reach, self._duration = names, region, reach, f"PT{minutes}M"
        self._stops = stops
        self.logs = logs.LogGroup(
            self,
            "Logs",
            encryption_key=keeping.key,
            retention=keeping.log_retention,
            removal_policy=removal(retain=keeping.retain),
        )
        self.role = self._add_role()
        vpc, subnets = reach.network.vpc, [each.subnet_id for each in reach.network.vpc.isolated_subnets]
        endpoints = [each for each in vpc.node.find_all() if isinstance(each, ec2.GatewayVpcEndpoint)]
        for statement in permissions(
            account=names.account,
            region=region,
            vpc=vpc.vpc_id,
            subnets=subnets,
            endpoints=[each.vpc_endpoint_id for each in endpoints],
            tables=reach.tables,
            strong=reach.strong,
        ):
            self.role.add_to_policy(statement)
        places = [arn("ec2", f"subnet/{each}", region=region, account=names.account) for each in subnets]
        targets = {
            _SUBNETS: _Target(resource_type="aws:ec2:subnet", resource_arns=places, selection_mode="ALL"),
            _TABLES: _Target(
                resource_type="aws:dynamodb:global-table", resource_arns=list(reach.tables), selection_mode="ALL"
            ),
        }
        pause = self._action(PAUSE_REPLICATION, _TABLES)
        actions = {
            CROSS_REGION: {
                "CutRegion": self._action(CUT_REGION, _SUBNETS, region=reach.other_region),
                "PauseReplication": pause,
            },
            REPLICATION: {"PauseReplication": pause},
            DYNAMODB: {"CutDynamoDb": self._action(CUT_SUBNETS, _SUBNETS, scope="dynamodb")},
        }
        self.templates = {name: self._template(name, actions[name], targets) for name in EXPERIMENTS}

    def _add_role(self) -> iam.Role:
        """What FIS acts with; only experiments of this account and Region may assume it (FIS User Guide, IAM roles)."""
        account = self._names.account
        experiments = arn("fis", "experiment/*", region=self._region, account=account)
        return iam.Role(
            self,
            "Role",
            description="AWS FIS: what the experiments of Tandem's game days may do",
            assumed_by=iam.ServicePrincipal(
                SERVICE,
                conditions={
                    "StringEquals": {"aws:SourceAccount": account},
                    "ArnLike": {"aws:SourceArn": experiments},
                },
            ),
        )

    def _action(self, action: str, target: str, **parameters: str) -> _Action:
        return _Action(
            action_id=action, parameters={"duration": self._duration, **parameters}, targets={target: target}
        )

    def _template(
        self, name: str, actions: Mapping[str, _Action], targets: Mapping[str, _Target]
    ) -> fis.CfnExperimentTemplate:
        template = fis.CfnExperimentTemplate
        used = {target for action in actions.values() for target in (action.targets or {})}  # type: ignore[union-attr]
        made = template(
            self,
            "".join(part.capitalize() for part in name.split("-")),
            description=f"{self._region}: {EXPERIMENTS[name]}",
            role_arn=self.role.role_arn,
            actions=dict(actions),
            targets={key: target for key, target in targets.items() if key in used},
            stop_conditions=[
                template.ExperimentTemplateStopConditionProperty(source=ALARM_SOURCE, value=each.alarm_arn)
                for each in self._stops
            ],
            log_configuration=template.ExperimentTemplateLogConfigurationProperty(
                log_schema_version=2,
                # a property that CDK takes for plain JSON and writes as it is given
                cloud_watch_logs_configuration={"LogGroupArn": self.logs.log_group_arn},
            ),
            experiment_options=template.ExperimentTemplateExperimentOptionsProperty(
                account_targeting="single-account", empty_target_resolution_mode="fail"
            ),
            tags={NAME_TAG: self._names.experiment(name)},
        )
        made.node.add_dependency(self.role)
        return made
