"""Who may look at a stage, and who may move it: two roles for people, with what `tandem` asks and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

from contract.journal import TIME_INDEX
from contract.names import arn
from contract.parameters import BOOTSTRAP_VERSION, path_of
from tandem.game_day_permissions import looks_at_experiments, runs_experiments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract.names import Names

__all__ = ["PeopleRoles"]

NIGHT = Duration.hours(8)
"""How long a session may last: IAM asks again after it, and a night of work must not end because of that."""

_OF_ACCOUNT = (
    "acm:ListCertificates",
    "backup:ListRestoreJobs",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricStatistics",
    "dynamodb:DescribeLimits",
    "lambda:GetAccountSettings",
    "rds:DescribeDBEngineVersions",
    "rds:DescribeDBInstances",
    "s3:ListAllMyBuckets",
    "servicequotas:ListServiceQuotas",
)
"""Reads that name no resource, or all of a kind (Service Authorization Reference)."""


class PeopleRoles(Construct):
    """A role that reads and one that operates, in IAM itself, so that neither needs IAM Identity Center's Region.

    Both trust the account: who may assume them is decided where people are, by `sts:AssumeRole` in their own policy,
    whether they come by federation, by Identity Center or as a break-glass user. Roles that exist go on working while
    IAM's control plane is away, which is why they are deployed before the bad day.

    The reader reads no secret, so that nobody becomes the ledger's administrator by it: it sees the ledger by the
    metrics that the sweeper tells. It may not invoke what changes something. The operator may do what the reader may,
    ask the ledger over the Data API, and invoke `takeover` and `sweeper`, which no other person may.

    `regions` are the stage's, one or two; the switch lies in the last of them.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        regions: Sequence[str],
        hosted_zone_id: str | None,
        has_plan: bool,
        has_experiments: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        self._has_experiments = has_experiments
        self._names, self._regions, self._dual = names, tuple(regions), len(regions) > 1
        self._has_plan = has_plan
        reads = self._reads(hosted_zone_id)
        self.reader = self._role("Reader", names.reader_role, "Looks at Tandem, and changes nothing", reads)
        self.operator = self._role(
            "Operator", names.operator_role, "Fails Tandem over and back", {**reads, **self._acts()}
        )
        if has_experiments:
            for statement in looks_at_experiments(names, regions[0]):
                self.reader.add_to_policy(statement)
            for statement in (*looks_at_experiments(names, regions[0]), *runs_experiments(names, regions[0])):
                self.operator.add_to_policy(statement)

    def _role(
        self, construct_id: str, name: str, description: str, grants: Mapping[str, tuple[list[str], list[str]]]
    ) -> iam.Role:
        role = iam.Role(
            self,
            construct_id,
            role_name=name,
            description=description,
            assumed_by=iam.AccountPrincipal(self._names.account),
            max_session_duration=NIGHT,
        )
        for sid, (actions, resources) in grants.items():
            role.add_to_policy(iam.PolicyStatement(sid=sid, actions=actions, resources=resources))
        return role

    def _everywhere(self, resource: str, service: str) -> list[str]:
        return [arn(service, resource, region=region, account=self._names.account) for region in self._regions]

    def _reads(self, hosted_zone_id: str | None) -> dict[str, tuple[list[str], list[str]]]:
        names, regions = self._names, self._regions
        path = path_of(names.stage).rstrip("/")
        tables = [
            names.table_arn(table, region)
            for table in (names.journal_table, names.operational_table)
            for region in regions
        ]
        functions = [names.function_arn("transactions", region) for region in regions]
        clusters = [names.cluster_arn(region) for region in regions]
        grants = {
            "Account": (list(_OF_ACCOUNT), ["*"]),
            "Parameters": (
                ["ssm:GetParametersByPath", "ssm:GetParameters"],
                [
                    *self._everywhere(f"parameter{path}", "ssm"),
                    *self._everywhere(f"parameter{path}/*", "ssm"),
                    *self._everywhere(f"parameter{BOOTSTRAP_VERSION}", "ssm"),
                ],
            ),
            "Tables": (["dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query"], tables),
            "Index": (
                ["dynamodb:Query"],
                [names.index_arn(names.journal_table, TIME_INDEX, region) for region in regions],
            ),
            "Functions": (["lambda:GetFunctionConfiguration"], functions),
            "Clusters": (["rds:DescribeDBClusters"], clusters),
            "Backups": (
                ["backup:ListRecoveryPointsByBackupVault"],
                [
                    names.vault_arn(vault, region)
                    for vault in (names.backup_vault, names.copy_vault)
                    for region in regions
                ],
            ),
            "Logs": (["logs:FilterLogEvents"], [names.log_groups_arn(region) for region in regions]),
        }
        if hosted_zone_id is not None:
            grants["Zone"] = (["route53:GetHostedZone"], [arn("route53", f"hostedzone/{hosted_zone_id}")])
            grants["Certificates"] = (["acm:DescribeCertificate"], self._everywhere("certificate/*", "acm"))
        if self._dual:
            grants["Switch"] = (["dynamodb:GetItem"], [names.table_arn(names.takeover_table, regions[-1])])
            grants["GlobalDatabase"] = (["rds:DescribeGlobalClusters"], [names.global_cluster_arn])
            grants["Compare"] = (["lambda:InvokeFunction"], [names.function_arn("compare", regions[-1])])
        if self._has_experiments:
            grants["Experiments"] = (["fis:ListExperimentTemplates", "fis:ListExperiments"], ["*"])
        if self._has_plan:
            reads = ("GetPlanEvaluationStatus", "GetPlanExecution", "ListPlanExecutions")
            grants["Plan"] = ([f"arc-region-switch:{read}" for read in reads], [names.plan_arns])
        return grants

    def _acts(self) -> dict[str, tuple[list[str], list[str]]]:
        names, regions = self._names, self._regions
        invoked = [names.function_arn("sweeper", region) for region in regions]
        stacks = ("global", "primary", "secondary") if self._dual else ("primary",)
        grants = {
            # AWS's Data API reads the secret by the caller's own permission (Aurora User Guide, authorizing access)
            "Ledger": (["rds-data:ExecuteStatement"], [names.cluster_arn(region) for region in regions]),
            "Secret": (
                ["secretsmanager:GetSecretValue"],
                [f"{names.administrator_secret_arn(region)}-*" for region in regions],
            ),
            "Queues": (
                ["sqs:ReceiveMessage", "sqs:PurgeQueue", "sqs:GetQueueAttributes"],
                [names.stacks_queues_arn(which, region) for which in stacks for region in regions],
            ),
        }
        if self._dual:
            invoked.append(names.function_arn("takeover", regions[-1]))
            grants["Writer"] = (
                ["rds:FailoverGlobalCluster", "rds:SwitchoverGlobalCluster"],
                [names.global_cluster_arn, *(names.cluster_arn(region) for region in regions)],
            )
        if self._has_plan:
            grants["Execute"] = (["arc-region-switch:StartPlanExecution"], [names.plan_arns])
        grants["Invoke"] = (["lambda:InvokeFunction"], invoked)
        return grants
