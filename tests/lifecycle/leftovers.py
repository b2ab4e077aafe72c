"""Tell what an account still holds of all that a stage can make. The CDK's bootstrap does not count."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["leftovers"]

BOOTSTRAP = re.compile(r"CDKToolkit|cdk-hnb659fds-|/cdk-bootstrap/|alias/aws/")
_Lister = tuple[str, str, str, "Callable[[dict[str, Any]], Any]"]


def _by(key: str) -> Callable[[dict[str, Any]], Any]:
    return lambda item: item[key]


def _vpc(item: dict[str, Any]) -> Any:
    return None if item["IsDefault"] else item["VpcId"]


def _peering(item: dict[str, Any]) -> Any:
    return None if item["Status"]["Code"] == "deleted" else item["VpcPeeringConnectionId"]


def _rule(item: dict[str, Any]) -> Any:
    return item["Name"] if item["EventBusName"] == "default" else None


LISTERS: tuple[_Lister, ...] = (
    ("cloudformation", "describe_stacks", "Stacks", _by("StackName")),
    ("dynamodb", "list_tables", "TableNames", str),
    ("lambda", "list_functions", "Functions", _by("FunctionName")),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", _by("UUID")),
    ("logs", "describe_log_groups", "logGroups", _by("logGroupName")),
    ("rds", "describe_db_clusters", "DBClusters", _by("DBClusterIdentifier")),
    ("rds", "describe_db_instances", "DBInstances", _by("DBInstanceIdentifier")),
    ("rds", "describe_global_clusters", "GlobalClusters", _by("GlobalClusterIdentifier")),
    ("rds", "describe_db_subnet_groups", "DBSubnetGroups", _by("DBSubnetGroupName")),
    ("backup", "list_backup_vaults", "BackupVaultList", _by("BackupVaultName")),
    ("backup", "list_backup_plans", "BackupPlansList", _by("BackupPlanName")),
    ("ssm", "describe_parameters", "Parameters", _by("Name")),
    ("sns", "list_topics", "Topics", _by("TopicArn")),
    ("sqs", "list_queues", "QueueUrls", str),
    ("ec2", "describe_vpcs", "Vpcs", _vpc),
    ("ec2", "describe_vpc_peering_connections", "VpcPeeringConnections", _peering),
    ("ec2", "describe_flow_logs", "FlowLogs", _by("FlowLogId")),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints", _by("VpcEndpointId")),
    ("apigatewayv2", "get_apis", "Items", _by("Name")),
    ("cloudwatch", "describe_alarms", "MetricAlarms", _by("AlarmName")),
    ("cloudwatch", "list_dashboards", "DashboardEntries", _by("DashboardName")),
    ("events", "list_rules", "Rules", _rule),
    ("secretsmanager", "list_secrets", "SecretList", _by("Name")),
    ("kms", "list_aliases", "Aliases", _by("AliasName")),
    ("acm", "list_certificates", "CertificateSummaryList", _by("CertificateArn")),
)
GLOBAL_LISTERS: tuple[_Lister, ...] = (
    ("s3", "list_buckets", "Buckets", _by("Name")),
    ("iam", "list_roles", "Roles", _by("RoleName")),
    ("route53", "list_hosted_zones", "HostedZones", _by("Name")),
    ("route53", "list_health_checks", "HealthChecks", _by("Id")),
    ("arc-region-switch", "list_plans", "plans", _by("name")),
)


def leftovers(url: str, regions: Iterable[str]) -> list[str]:
    """Return all that is left, as `region service name`; a key that is pending deletion does not count."""
    found: list[str] = []
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106 - loopback only
    for number, region in enumerate(regions):
        for service, operation, field, name_of in (*LISTERS, *(GLOBAL_LISTERS if number == 0 else ())):
            client: Any = session.client(service, region_name=region, endpoint_url=url)  # type: ignore[call-overload]
            names = [name_of(item) for item in _items(client, operation, field)]
            found += [f"{region} {service} {name}" for name in names if name and not BOOTSTRAP.search(str(name))]
        keys: Any = session.client("kms", region_name=region, endpoint_url=url)
        for item in _items(keys, "list_keys", "Keys"):
            key = keys.describe_key(KeyId=item["KeyId"])["KeyMetadata"]
            if key["KeyState"] != "PendingDeletion" and key["KeyManager"] == "CUSTOMER":
                found.append(f"{region} kms {key['KeyId']} {key.get('Description', '')}")
    return sorted(found)


def _items(client: Any, operation: str, field: str) -> list[Any]:
    if client.can_paginate(operation):
        return [item for page in client.get_paginator(operation).paginate() for item in page.get(field, [])]
    return list(getattr(client, operation)().get(field, []))
