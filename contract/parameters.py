"""What is in each Region's Parameter Store, for operators and clients: `/tandem/<stage>/<key>`."""

from __future__ import annotations

ROLE = "role"
TOPOLOGY = "topology"
FIXED_SETTINGS = "fixed-settings"
SETTINGS_VERSION = "settings-version"
API_URL = "api-url"
API_NAME = "api-name"
HOSTED_ZONE_ID = "hosted-zone-id"
JOURNAL_TABLE = "journal-table"
OPERATIONAL_TABLE = "operational-table"
LEDGER_CLUSTER_ARN = "ledger-cluster-arn"
LEDGER_PLACE = "ledger-place"
LEDGER_GLOBAL_CLUSTER = "ledger-global-cluster"
DATABASE_SECRET_ARN = "database-secret-arn"  # noqa: S105 - the key of a parameter
DOCUMENTS_BUCKET = "documents-bucket"
SWEEPER_FUNCTION = "sweeper-function"
COMPARE_FUNCTION = "compare-function"
TAKEOVER_FUNCTION = "takeover-function"
TAKEOVER_URL = "takeover-url"
CHECKED_PART = "checked-part"
PROJECTOR_MAPPING_ID = "projector-mapping-id"
PLAN_ARN = "plan-arn"

BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"
"""Where the CDK CLI's bootstrap stack keeps its version (CDK Developer Guide, bootstrapping): no parameter of ours."""


def path_of(stage: str) -> str:
    """How the names of a stage's parameters begin."""
    return f"/tandem/{stage}/"


def name_of(stage: str, key: str) -> str:
    """The name of a stage's parameter."""
    return path_of(stage) + key
