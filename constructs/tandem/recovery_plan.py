"""The Region switch plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_arcregionswitch as arc
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from contract.limits import PLAN_NAME_LIMIT
from tandem.retention import removal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_kms as kms

    from contract.names import Names

__all__ = ["RecoveryPlan"]

LEDGER_TIMEOUT_MINUTES = 60
ACTION_TIMEOUT_MINUTES = 10
VERIFICATION_TIMEOUT_MINUTES = 60
RETRY_INTERVAL_MINUTES = 1
KEEP_REPORTS = Duration.days(400)


class RecoveryPlan(Construct):
    """One workflow per Region that can be activated, which moves traffic first, the writer second, and verifies.

    Traffic first, because the standby takes writes before Aurora has moved: the journal is the truth. Towards the
    primary the writer moves first and the switch is released last, so that balances are never read far behind.

    It has no trigger: a trigger names no mode (ARC CreatePlan), and `recover` asks three signals before it starts it.
    Each execution leaves a report in a bucket of this Region, which is not the one that is being left.

    Every ARN is literal: the plan precedes the clusters and functions that it names, and must outlive them. L1: CDK has
    no L2 for it. `objective_minutes` is the recovery time objective that ARC reports against.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        primary_region: str,
        secondary_region: str,
        objective_minutes: int,
        key: kms.IKey,
        access_logs: s3.IBucket,
        retain: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        if len(names.plan) > PLAN_NAME_LIMIT:
            raise ValueError(
                f"plan name {names.plan!r} is {len(names.plan)} characters long: shorten the stage, "
                f"{PLAN_NAME_LIMIT} are allowed"
            )
        self._names = names
        self._regions = (primary_region, secondary_region)
        self._alarms = [names.alarm_arn(names.api_errors_alarm, region) for region in self._regions]
        self.reports = self._add_reports(key, access_logs, retain=retain)
        self.role = self._add_role(key)
        self.plan = arc.CfnPlan(
            self,
            "Plan",
            name=names.plan,
            description="Moves Tandem to the activated Region: traffic, then the ledger's writer",
            execution_role=self.role.role_arn,
            recovery_approach="activePassive",
            regions=list(self._regions),
            primary_region=primary_region,
            recovery_time_objective_minutes=objective_minutes,
            associated_alarms=self._associated_alarms(),
            report_configuration=arc.CfnPlan.ReportConfigurationProperty(
                report_output=[
                    arc.CfnPlan.ReportOutputConfigurationProperty(
                        s3_configuration=arc.CfnPlan.S3ReportOutputConfigurationProperty(
                            bucket_owner=names.account, bucket_path=self.reports.bucket_name
                        )
                    )
                ]
            ),
            workflows=[
                self._workflow(
                    secondary_region, [self._takeover("set-takeover"), self._ledger(), self._verification()]
                ),
                self._workflow(
                    primary_region, [self._ledger(), self._verification(), self._takeover("release-takeover")]
                ),
            ],
        )
        self.plan.node.add_dependency(self.role)
        self.plan_arn = self.plan.attr_arn

    def _associated_alarms(self) -> dict[str, arc.CfnPlan.AssociatedAlarmProperty]:
        """The alarm on each Region's API: ARC counts the actual recovery time until it is green (Developer Guide)."""
        return {
            f"api-errors-{region}": arc.CfnPlan.AssociatedAlarmProperty(
                alarm_type="applicationHealth", resource_identifier=alarm
            )
            for region, alarm in zip(self._regions, self._alarms, strict=True)
        }

    def _workflow(self, region: str, steps: Sequence[arc.CfnPlan.StepProperty]) -> arc.CfnPlan.WorkflowProperty:
        return arc.CfnPlan.WorkflowProperty(
            workflow_target_action="activate",
            workflow_target_region=region,
            workflow_description=f"Activates {region}",
            steps=list(steps),
        )

    def _takeover(self, name: str) -> arc.CfnPlan.StepProperty:
        """Run in the activated Region, whose function knows from its role whether to set or to release."""
        return self._action(
            name, "takeover", "Moves the API's name by the takeover switch", timeout_minutes=ACTION_TIMEOUT_MINUTES
        )

    def _verification(self) -> arc.CfnPlan.StepProperty:
        """A forced failover's new writer may still be starting: the action is tried again until it answers."""
        return self._action(
            "verify-ledger",
            "verify",
            "Sweeps the journal into the ledger of the activated Region's writer",
            timeout_minutes=VERIFICATION_TIMEOUT_MINUTES,
        )

    def _action(self, name: str, function: str, description: str, *, timeout_minutes: int) -> arc.CfnPlan.StepProperty:
        functions = [self._names.function_arn(function, region) for region in self._regions]
        return arc.CfnPlan.StepProperty(
            name=name,
            description=description,
            execution_block_type="CustomActionLambda",
            execution_block_configuration=arc.CfnPlan.ExecutionBlockConfigurationProperty(
                custom_action_lambda_config=arc.CfnPlan.CustomActionLambdaConfigurationProperty(
                    lambdas=[arc.CfnPlan.LambdasProperty(arn=arn) for arn in functions],
                    region_to_run="activatingRegion",
                    retry_interval_minutes=RETRY_INTERVAL_MINUTES,
                    timeout_minutes=timeout_minutes,
                )
            ),
        )

    def _ledger(self) -> arc.CfnPlan.StepProperty:
        """Switch over without loss; when executed ungracefully, fail over: projector and sweep insert what was lost."""
        return arc.CfnPlan.StepProperty(
            name="move-ledger-writer",
            description="Makes the activated Region's cluster the writer",
            execution_block_type="AuroraGlobalDatabase",
            execution_block_configuration=arc.CfnPlan.ExecutionBlockConfigurationProperty(
                global_aurora_config=arc.CfnPlan.GlobalAuroraConfigurationProperty(
                    behavior="switchoverOnly",
                    global_cluster_identifier=self._names.global_cluster,
                    database_cluster_arns=[self._names.cluster_arn(region) for region in self._regions],
                    timeout_minutes=LEDGER_TIMEOUT_MINUTES,
                    ungraceful=arc.CfnPlan.GlobalAuroraUngracefulProperty(ungraceful="failover"),
                )
            ),
        )

    def _add_reports(self, key: kms.IKey, access_logs: s3.IBucket, *, retain: bool) -> s3.Bucket:
        return s3.Bucket(
            self,
            "Reports",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            enforce_ssl=True,
            versioned=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix="recovery-reports/",
            lifecycle_rules=[
                s3.LifecycleRule(expiration=KEEP_REPORTS, noncurrent_version_expiration=Duration.days(30))
            ],
            removal_policy=removal(retain=retain),
            auto_delete_objects=not retain,
        )

    def _add_role(self, key: kms.IKey) -> iam.Role:
        """What the plan's own steps need, by name; the plan's ARN ends in an id that AWS chooses."""
        names = self._names
        clusters = [names.cluster_arn(region) for region in self._regions]
        role = iam.Role(
            self,
            "Role",
            description="Executes the Tandem recovery plan",
            # without a condition: AWS documents none, and does not say which keys it sends (ARC Developer Guide, plan
            # execution role trust policy)
            assumed_by=iam.ServicePrincipal("arc-region-switch.amazonaws.com"),
        )
        grants = {
            "Actions": (
                ["lambda:InvokeFunction", "lambda:GetFunction"],
                [names.function_arn(each, region) for each in ("takeover", "verify") for region in self._regions],
            ),
            # ARC Developer Guide, automatic plan execution reports permissions
            "Reports": (["s3:PutObject"], [self.reports.arn_for_objects("*")]),
            "ReportsKey": (["kms:GenerateDataKey", "kms:Encrypt"], [key.key_arn]),
            "Ledger": (
                [
                    "rds:DescribeGlobalClusters",
                    "rds:DescribeDBClusters",
                    "rds:SwitchoverGlobalCluster",
                    "rds:FailoverGlobalCluster",
                ],
                [names.global_cluster_arn, *clusters],
            ),
            "OwnPlan": (
                [
                    "arc-region-switch:GetPlan",
                    "arc-region-switch:GetPlanExecution",
                    "arc-region-switch:ListPlanExecutions",
                    "arc-region-switch:StartPlanExecution",
                ],
                [names.plan_arns],
            ),
        }
        # a plan is evaluated by simulating what its role may do (AmazonApplicationRecoveryControllerRegionSwitchPlan-
        # ExecutionPolicy, PlanEvaluation): without it no evaluation passes
        grants["Evaluation"] = (["iam:SimulatePrincipalPolicy"], [role.role_arn])
        # the actual recovery time counts until the application's alarms are green (there, CloudWatch alarms for
        # application health permissions)
        grants["Alarms"] = (
            ["cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"],
            self._alarms,
        )
        for sid, (actions, resources) in grants.items():
            role.add_to_policy(iam.PolicyStatement(sid=sid, actions=actions, resources=resources))
        return role
