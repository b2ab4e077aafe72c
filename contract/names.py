"""The physical names that another Region or a person must spell; everything else is named by CDK."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Names"]


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names of one stage in one account: `<what>-<stage>`."""

    stage: str
    account: str

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
    def global_cluster_arn(self) -> str:
        """Its ARN, which names no Region."""
        return f"arn:aws:rds::{self.account}:global-cluster:{self.global_cluster}"

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

    def cluster(self, region: str) -> str:
        """A Region's Aurora cluster."""
        return f"tandem-ledger-{self.stage}-{region}"

    def cluster_arn(self, region: str) -> str:
        """The ARN of a Region's Aurora cluster."""
        return f"arn:aws:rds:{region}:{self.account}:cluster:{self.cluster(region)}"

    def administrator_secret_arn(self, region: str) -> str:
        """The secret's ARN without its random ending, which Secrets Manager takes too (GetSecretValue, SecretId)."""
        return f"arn:aws:secretsmanager:{region}:{self.account}:secret:{self.administrator_secret}"

    def documents_bucket(self, region: str) -> str:
        """A Region's document bucket."""
        return f"tandem-documents-{self.stage}-{region}-{self.account}"

    def function(self, function: str) -> str:
        """A function: the same name in every Region."""
        return f"tandem-{function}-{self.stage}"

    def function_arn(self, function: str, region: str) -> str:
        """The ARN of a Region's function."""
        return f"arn:aws:lambda:{region}:{self.account}:function:{self.function(function)}"

    def table_arn(self, table: str, region: str) -> str:
        """The ARN of a Region's table or replica."""
        return f"arn:aws:dynamodb:{region}:{self.account}:table/{table}"

    def vault_arn(self, vault: str, region: str) -> str:
        """The ARN of a backup vault."""
        return f"arn:aws:backup:{region}:{self.account}:backup-vault:{vault}"

    def parameter(self, key: str) -> str:
        """An SSM parameter that operators and clients read."""
        return f"/tandem/{self.stage}/{key}"
