"""The physical names that another Region or a person must spell, and their ARNs; CDK names everything else."""

from __future__ import annotations

from dataclasses import dataclass

from contract import parameters

PARTITION = "aws"
"""The partition of every ARN of ours."""


def arn(service: str, resource: str, *, region: str = "", account: str = "") -> str:
    """Return an ARN; S3's buckets name neither Region nor account, and global resources name no Region."""
    return f"arn:{PARTITION}:{service}:{region}:{account}:{resource}"


@dataclass(frozen=True, kw_only=True)
class StageNames:
    """Names of one stage that do not depend on its account: `tandem-<what>-<stage>`."""

    stage: str

    @property
    def journal_table(self) -> str:
        """The journal, a global table: the same name in every Region."""
        return f"tandem-journal-{self.stage}"

    @property
    def operational_table(self) -> str:
        """Heartbeats, quarantine and drill records, a global table."""
        return f"tandem-operational-{self.stage}"

    @property
    def takeover_table(self) -> str:
        """The takeover switch, in the secondary Region."""
        return f"tandem-takeover-{self.stage}"

    @property
    def global_cluster(self) -> str:
        """The Aurora global database."""
        return f"tandem-ledger-{self.stage}"

    @property
    def administrator_secret(self) -> str:
        """The ledger administrator's secret, replicated under the same name."""
        return f"tandem-ledger-administrator-{self.stage}"

    @property
    def plan(self) -> str:
        """The Region switch plan."""
        return f"tandem-{self.stage}"

    @property
    def backup_vault(self) -> str:
        """A Region's own backups."""
        return f"tandem-backup-{self.stage}"

    @property
    def copy_vault(self) -> str:
        """Copies of the primary's backups, in the secondary Region."""
        return f"tandem-copies-{self.stage}"

    @property
    def restore_testing_plan(self) -> str:
        """A Region's restore tests: letters, digits and underscores (AWS Backup API Reference, restore testing)."""
        return f"tandem_{self.stage}".replace("-", "_")

    @property
    def restored_clusters(self) -> str:
        """How AWS Backup names what a restore test restores (Developer Guide, restore testing inferred metadata)."""
        return "awsbackup-restore-test-"

    @property
    def documents_buckets(self) -> str:
        """How the names of the Regions' document buckets begin."""
        return f"tandem-documents-{self.stage}-"

    def cluster(self, region: str) -> str:
        """A Region's Aurora cluster."""
        return f"tandem-ledger-{self.stage}-{region}"

    def function(self, function: str) -> str:
        """A function: the same name in every Region."""
        return f"tandem-{function}-{self.stage}"

    def stack(self, which: str) -> str:
        """A stack: two stages live in one account."""
        return f"tandem-{which}-{self.stage}"

    @property
    def primary_lost_alarm(self) -> str:
        """The alarm, in the secondary Region, that asks whether the primary is lost."""
        return f"tandem-primary-lost-{self.stage}"

    @property
    def api_errors_alarm(self) -> str:
        """A Region's alarm on its API, by which the plan sees that the Region is healthy."""
        return f"tandem-api-errors-{self.stage}"

    def experiment(self, experiment: str) -> str:
        """An experiment of the stage's game days: what its template is tagged with."""
        return f"tandem-{experiment}-{self.stage}"

    @property
    def reader_role(self) -> str:
        """The role by which a person looks at a stage and changes nothing."""
        return f"tandem-reader-{self.stage}"

    @property
    def operator_role(self) -> str:
        """The role by which a person fails a stage over and back."""
        return f"tandem-operator-{self.stage}"

    def parameter(self, key: str) -> str:
        """An SSM parameter that operators and clients read."""
        return parameters.name_of(self.stage, key)


@dataclass(frozen=True, kw_only=True)
class Names(StageNames):
    """Names and ARNs of one stage in one account."""

    account: str

    @property
    def global_cluster_arn(self) -> str:
        """Its ARN, which names no Region."""
        return arn("rds", f"global-cluster:{self.global_cluster}", account=self.account)

    def cluster_arn(self, region: str) -> str:
        """The ARN of a Region's Aurora cluster."""
        return arn("rds", f"cluster:{self.cluster(region)}", region=region, account=self.account)

    def administrator_secret_arn(self, region: str) -> str:
        """The secret's ARN without its random ending, which Secrets Manager takes too (GetSecretValue, SecretId)."""
        return arn("secretsmanager", f"secret:{self.administrator_secret}", region=region, account=self.account)

    def documents_bucket(self, region: str) -> str:
        """A Region's document bucket."""
        return f"{self.documents_buckets}{region}-{self.account}"

    def function_arn(self, function: str, region: str) -> str:
        """The ARN of a Region's function."""
        return arn("lambda", f"function:{self.function(function)}", region=region, account=self.account)

    def table_arn(self, table: str, region: str) -> str:
        """The ARN of a Region's table or replica."""
        return arn("dynamodb", f"table/{table}", region=region, account=self.account)

    def vault_arn(self, vault: str, region: str) -> str:
        """The ARN of a backup vault."""
        return arn("backup", f"backup-vault:{vault}", region=region, account=self.account)

    def index_arn(self, table: str, index: str, region: str) -> str:
        """The ARN of an index of a Region's table or replica."""
        return f"{self.table_arn(table, region)}/index/{index}"

    def role_arn(self, role: str) -> str:
        """The ARN of a role, which names no Region."""
        return arn("iam", f"role/{role}", account=self.account)

    def stacks_queues_arn(self, which: str, region: str) -> str:
        """The pattern of the ARNs of a stack's queues, whose names CloudFormation makes from the stack's."""
        return arn("sqs", f"{self.stack(which)}-*", region=region, account=self.account)

    def log_groups_arn(self, region: str) -> str:
        """The pattern of the ARNs of the functions' log groups, with their streams."""
        return arn("logs", f"log-group:/aws/lambda/{self.function('*')}:*", region=region, account=self.account)

    def bucket_arn(self, bucket: str) -> str:
        """The ARN of a bucket, which names neither Region nor account."""
        return arn("s3", bucket)

    def database_user_arn(self, cluster_resource_id: str, user: str, region: str) -> str:
        """The ARN of a user of a Region's cluster, which is known by its resource id."""
        return arn("rds-db", f"dbuser:{cluster_resource_id}/{user}", region=region, account=self.account)

    def experiments_arns(self, region: str) -> list[str]:
        """The patterns of the ARNs of a Region's experiments and templates, whose ids AWS FIS chooses."""
        return [
            arn("fis", f"{kind}/*", region=region, account=self.account)
            for kind in ("experiment-template", "experiment")
        ]

    @property
    def plan_arns(self) -> str:
        """The pattern of the plan's ARN, which names no Region and ends in an id that AWS chooses."""
        return arn("arc-region-switch", f"plan/{self.plan}:*", account=self.account)

    def alarm_arn(self, alarm: str, region: str) -> str:
        """The ARN of a Region's alarm."""
        return arn("cloudwatch", f"alarm:{alarm}", region=region, account=self.account)
