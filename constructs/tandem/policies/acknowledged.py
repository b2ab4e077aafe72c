"""What the app does not follow of the rule packs: each on the narrowest construct, each with its reason."""

from __future__ import annotations

from contract.database import APPLICATION_USER
from contract.names import Names, arn
from contract.parameters import path_of
from tandem.canary import canary_requests
from tandem.game_day_permissions import LISTED, MADE, SECURITY_GROUPS
from tandem.policies.acknowledgement import Acknowledged

__all__ = ["ACKNOWLEDGED"]

_SOLUTIONS = "AwsSolutions::AwsSolutions-"
_NIST = "NIST.800.53.R5::NIST.800.53.R5-"
_SDK_CALLS = "*/AWS679f53fac002430cb0da5b7982bd2287"
_BASIC = "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]"
_ANY = Names(stage="{stage}", account="{account}")
_DOCUMENTS = _ANY.bucket_arn(_ANY.documents_bucket("{region}"))


def _of_region(service: str, resource: str) -> str:
    """Return the ARN of a resource of the Region and the account that are filled in later."""
    return arn(service, resource, region="{region}", account="{account}")


_RESTORED = (
    "cluster-snapshot:awsbackup:*",
    *(f"{kind}:{_ANY.restored_clusters}*" for kind in ("cluster", "db")),
)


ACKNOWLEDGED = (
    *(
        Acknowledged(
            path=path,
            rules=(_NIST + "IAMNoInlinePolicy",),
            reason="the policy is one role's alone and goes with it: a managed policy could be attached elsewhere",
        )
        for path in ("*/DefaultPolicy", "*/CustomResourcePolicy")
    ),
    Acknowledged(
        path="*/Role/DefaultPolicy",
        rules=(_SOLUTIONS + "IAM5[Resource::*]",),
        reason="tracing, streams, metrics and quotas have no resource; interfaces are for Lambda, denied to the code",
    ),
    Acknowledged(
        path="*/ReaderLogs",
        rules=(_NIST + "CloudWatchLogGroupEncrypted",),
        reason="the key waits for what writes here; CloudWatch Logs encrypts the group by a key of its own",
    ),
    Acknowledged(
        path="*/Backup/OptIn/CustomResourcePolicy",
        rules=(_SOLUTIONS + "IAM5[Resource::*]",),
        reason="the opt-in is a setting of the account in a Region: it has no resource",
    ),
    Acknowledged(
        path="*/Function",
        rules=(_NIST + "LambdaDLQ",),
        reason="what rules invoke keeps its failures in a queue, or misses a heartbeat; others wait or retry",
    ),
    Acknowledged(
        path="*/Ledger/Monitoring/Role/DefaultPolicy",
        rules=(
            _SOLUTIONS + f"IAM5[Resource::{_of_region('logs', 'log-group:RDS*')}]",
            _SOLUTIONS + f"IAM5[Resource::{_of_region('logs', 'log-group:RDS*:log-stream:*')}]",
        ),
        reason="RDS names the group and the streams that its monitoring writes to",
    ),
    Acknowledged(
        path="*/Failures/Queue",
        rules=(_SOLUTIONS + "SQS3",),
        reason="it is itself where failed invocations end, and nothing reads it but people",
    ),
    Acknowledged(
        path="*/Function",
        rules=(_NIST + "LambdaConcurrency",),
        reason="reserved where it protects the health check or a stage asks: the account's other functions lose it",
    ),
    Acknowledged(
        path="*/Function",
        rules=(_NIST + "LambdaInsideVPC",),
        reason="it reaches public AWS endpoints only, and the VPC has neither NAT nor interface endpoints",
    ),
    Acknowledged(
        path="*/Provider/framework-onEvent",
        rules=(
            _NIST + "LambdaDLQ",
            _NIST + "LambdaConcurrency",
            _NIST + "LambdaInsideVPC",
            _SOLUTIONS + _BASIC,
        ),
        reason="CDK's own provider: CloudFormation calls it at deployment and reports its failure",
    ),
    Acknowledged(
        path=_SDK_CALLS,
        rules=(
            _NIST + "LambdaDLQ",
            _NIST + "LambdaConcurrency",
            _NIST + "LambdaInsideVPC",
            _SOLUTIONS + _BASIC,
        ),
        reason="CDK's own provider: CloudFormation calls it at deployment and reports its failure",
    ),
    Acknowledged(
        path="*/GET--healthz",
        rules=(_SOLUTIONS + "APIG4",),
        reason="Route 53's checkers sign nothing, and the answer tells only whether the Region works",
    ),
    Acknowledged(
        path="*/GET--takeover",
        rules=(_SOLUTIONS + "APIG4",),
        reason="Route 53's checkers sign nothing, and the answer tells only which Region serves",
    ),
    Acknowledged(
        path="*/Canary/Post/Role/DefaultPolicy",
        rules=tuple(f"{_SOLUTIONS}IAM5[Resource::{each}]" for each in canary_requests(["{region}"], "{account}")),
        reason="two routes and no other, of any API: the heartbeats tell which, and each Region's stack its own only",
    ),
    Acknowledged(
        path="*/Ledger/Administrator",
        rules=(
            _SOLUTIONS + "SMG4",
            _NIST + "SecretsManagerRotationEnabled",
        ),
        reason="used at deployment only; rotating it needs a path to Secrets Manager, which the VPC has not",
    ),
    Acknowledged(
        path="*/Documents/AccessLogs",
        rules=(
            _NIST + "S3BucketReplicationEnabled",
            _NIST + "S3DefaultEncryptionKMS",
        ),
        reason="S3 delivers access logs into buckets with its own encryption only, and they stay in their Region",
    ),
    Acknowledged(
        path="GlobalStack/Documents/Bucket",
        rules=(_NIST + "S3BucketReplicationEnabled",),
        reason="the secondary's stack sets the reverse replication: its target exists only after this bucket",
    ),
    Acknowledged(
        path="*/Recovery/PrimaryLost",
        rules=(_NIST + "CloudWatchAlarmAction",),
        reason="an EventBridge rule on its state starts the recovery",
    ),
    Acknowledged(
        path="*/Ledger/Cluster/*",
        rules=(
            _NIST + "RDSEnhancedMonitoringEnabled",
            _NIST + "RDSInBackupPlan",
        ),
        reason="Aurora Serverless reports its load without an agent; its cluster is what the plan backs up",
    ),
    Acknowledged(
        path="*/Ledger/Instance?",
        rules=(
            _NIST + "RDSEnhancedMonitoringEnabled",
            _NIST + "RDSInBackupPlan",
        ),
        reason="Aurora Serverless reports its load without an agent; its cluster is what the plan backs up",
    ),
    Acknowledged(
        path="*/Provider/framework-onEvent/ServiceRole/DefaultPolicy",
        rules=(
            _SOLUTIONS + "IAM5[Resource::<MigrationsMigrateFunction115DE370.Arn>:*]",
            _SOLUTIONS + "IAM5[Resource::<JournalStreamEnableFunction23B4D28E.Arn>:*]",
        ),
        reason="CDK's own provider calls any version of the one function that it is given",
    ),
    Acknowledged(
        path="*/Emptier/Provider/framework-onEvent/ServiceRole/DefaultPolicy",
        rules=(
            _SOLUTIONS + "IAM5[Resource::<VaultEmptierFunction38D228AD.Arn>:*]",
            _SOLUTIONS + "IAM5[Resource::<CopiesEmptierFunction3A5A3174.Arn>:*]",
        ),
        reason="CDK's own provider calls any version of the one function that it is given",
        destroyable_only=True,
    ),
    Acknowledged(
        path="*/Emptier/Role/DefaultPolicy",
        rules=(
            _SOLUTIONS + f"IAM5[Resource::{_of_region('backup', 'recovery-point:*')}]",
            _SOLUTIONS + f"IAM5[Resource::{_of_region('rds', 'cluster-snapshot:awsbackup:*')}]",
        ),
        reason="recovery points are named by AWS Backup when it makes them, and all of the vault's have to go",
        destroyable_only=True,
    ),
    Acknowledged(
        path="*/RestoreTesting/*/DefaultPolicy",
        rules=tuple(_SOLUTIONS + f"IAM5[Resource::{_of_region('rds', name)}]" for name in _RESTORED),
        reason="AWS Backup names points and what it restores when it makes them",
    ),
    Acknowledged(
        path="*/RestoreTesting/Prove/Role/DefaultPolicy",
        rules=(_SOLUTIONS + f"IAM5[Resource::{_ANY.database_user_arn('*', APPLICATION_USER, '{region}')}]",),
        reason="a restored cluster's resource id is new; the security group leads to restored clusters only",
    ),
    Acknowledged(
        path="*/RecoveryPlan/Role/DefaultPolicy",
        rules=(_SOLUTIONS + f"IAM5[Resource::{_ANY.plan_arns}]",),
        reason="the plan's ARN ends in an id that AWS chooses, and the role precedes the plan",
    ),
    Acknowledged(
        path="*/RecoveryPlan/Role/DefaultPolicy",
        rules=(_SOLUTIONS + "IAM5[Resource::<RecoveryPlanReports206EF1BC.Arn>/*]",),
        reason="ARC names the reports that it writes into their own bucket",
    ),
    Acknowledged(
        path="*/RecoveryPlan/Reports",
        rules=(_NIST + "S3BucketReplicationEnabled",),
        reason="the reports are about the other Region, and written in the one that survives it",
    ),
    Acknowledged(
        path="*/GameDay/Role/DefaultPolicy",
        rules=(
            *(_SOLUTIONS + f"IAM5[Resource::{_of_region('ec2', each)}]" for each in (*MADE.values(), SECURITY_GROUPS)),
            _SOLUTIONS + f"IAM5[Resource::{arn('ec2', LISTED, region='{region}', account='*')}]",
            *(
                _SOLUTIONS + f"IAM5[Resource::{_ANY.table_arn(each, '{region}')}/stream/*]"
                for each in (_ANY.journal_table, _ANY.operational_table)
            ),
        ),
        reason="AWS FIS names what it makes, and may change only what it has tagged; streams are named by their time",
    ),
    Acknowledged(
        path="GlobalStack/People/*/DefaultPolicy",
        rules=(
            _SOLUTIONS + "IAM5[Resource::*]",
            _SOLUTIONS + f"IAM5[Resource::{_ANY.plan_arns}]",
            *(
                _SOLUTIONS + f"IAM5[Resource::{each}]"
                for each in (
                    _of_region("ssm", f"parameter{path_of('{stage}')}*"),
                    _of_region("acm", "certificate/*"),
                    _ANY.log_groups_arn("{region}"),
                    *_ANY.experiments_arns("{region}"),
                    f"{_ANY.administrator_secret_arn('{region}')}-*",
                    *(_ANY.stacks_queues_arn(which, "{region}") for which in ("global", "primary", "secondary")),
                )
            ),
        ),
        reason="reads that have no resource, and names whose ends AWS chooses or that begin with the stage's",
    ),
    *(
        Acknowledged(
            path=f"*/{replication}/Replication/DefaultPolicy",
            rules=(_SOLUTIONS + f"IAM5[Resource::{_DOCUMENTS}/*]",),
            reason="replication reads and writes every object of the two buckets",
        )
        for replication in ("Documents", "ReverseReplication")
    ),
    Acknowledged(
        path="*/Functions/Transactions/Role/DefaultPolicy",
        rules=(_SOLUTIONS + f"IAM5[Resource::{_DOCUMENTS}/transactions/*]",),
        reason="documents are objects below one prefix of the Region's own bucket",
    ),
    Acknowledged(
        path="*/Backup/*/Role",
        rules=(
            _SOLUTIONS
            + "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]",
        ),
        reason="AWS Backup keeps its service role's policy up to date with the stores it supports",
    ),
    Acknowledged(
        path="*/Peering/FarRoute?/CustomResourcePolicy",
        rules=(_SOLUTIONS + f"IAM5[Resource::{_of_region('ec2', 'route-table/*')}]",),
        reason="the far Region's route tables are known at deployment only",
    ),
    *(
        Acknowledged(
            path=path,
            rules=(_SOLUTIONS + "RDS10", _NIST + "RDSInstanceDeletionProtectionEnabled"),
            reason="the stage can be destroyed: its data is nobody's",
            destroyable_only=True,
        )
        for path in ("*/Ledger/Cluster", "*/Ledger/Cluster/Resource")
    ),
    Acknowledged(
        path="PrimaryRegionStack/Documents/Bucket",
        rules=(_NIST + "S3BucketReplicationEnabled",),
        reason="a stage in one Region has nowhere to replicate to",
        destroyable_only=True,
    ),
)
"""Rules may hold `{account}` and `{stage}`, and `{region}`, which stands for each Region."""
