"""What AWS refuses of a template's resources although its schemas allow it, each with the document that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.gates import capacity, names
from emulator.gates.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Properties = Mapping[str, Any]

_PARAMETER_BYTES = 4096
_STRONG_MEMBERS = 3


def problems(resource_type: str, properties: Properties) -> list[Problem]:
    """What is wrong with a resource."""
    by_name = [
        Problem(path=f"#/{member}", message=message)
        for member, rule in _NAMES.get(resource_type, {}).items()
        if isinstance(value := properties.get(member), str) and (message := rule(value))
    ]
    judge = _JUDGES.get(resource_type)
    return by_name + (judge(properties) if judge else [])


def changes(resource_type: str, before: Properties, after: Properties) -> list[Problem]:
    """What is wrong with a resource's change."""
    return _of_table(before, after) if resource_type == "AWS::DynamoDB::GlobalTable" else []


def _of_table(before: Properties, after: Properties) -> list[Problem]:
    """AWS::DynamoDB::GlobalTable's reference, "Replicas" and "MultiRegionConsistency".

    One replica is added or removed in an update, three of a strongly consistent table; the mode is never changed.
    """
    mode = [each.get("MultiRegionConsistency", "EVENTUAL") for each in (before, after)]
    wrong = []
    if mode[0] != mode[1]:
        message = "the consistency mode of a global table cannot be changed after it is created"
        wrong.append(Problem(path="#/MultiRegionConsistency", message=message))
    regions = [{each.get("Region") for each in table.get("Replicas") or ()} for table in (before, after)]
    if mode[1] != "STRONG" and len(regions[0] ^ regions[1]) > 1:
        message = "You can add or remove only one replica in an update"
        wrong.append(Problem(path="#/Replicas", message=message))
    return wrong


def _of_new_table(properties: Properties) -> list[Problem]:
    """DynamoDB Developer Guide, "How global tables work": what a strongly consistent table does not support.

    It has three members, in its first version as in each later one: three replicas, or two and a witness.
    """
    if properties.get("MultiRegionConsistency") != "STRONG":
        return []
    wrong = []
    if str((properties.get("TimeToLiveSpecification") or {}).get("Enabled", "")).lower() == "true":
        wrong.append(Problem(path="#/TimeToLiveSpecification", message="not supported with strong consistency"))
    if properties.get("LocalSecondaryIndexes"):
        wrong.append(Problem(path="#/LocalSecondaryIndexes", message="not supported with strong consistency"))
    replicas, witnesses = properties.get("Replicas") or [], properties.get("GlobalTableWitnesses") or []
    if len(replicas) + len(witnesses) != _STRONG_MEMBERS or len(witnesses) > 1:
        message = "a strongly consistent table has three replicas, or two and a witness"
        wrong.append(Problem(path="#/Replicas", message=message))
    return wrong


def _of_cluster(properties: Properties) -> list[Problem]:
    """Aurora User Guide, adding a Region: the source Region of an encrypted cluster has to be named.

    A secondary of a global database is the cluster that has no administrator's name and no snapshot to begin with.
    """
    begins = ("MasterUsername", "SnapshotIdentifier", "SourceDBClusterIdentifier")
    is_secondary = properties.get("GlobalClusterIdentifier") and not any(name in properties for name in begins)
    encrypted = str(properties.get("StorageEncrypted", "")).lower() == "true"
    if is_secondary and encrypted and not properties.get("SourceRegion"):
        message = "required where an encrypted cluster is a secondary of a global database"
        return [Problem(path="#/SourceRegion", message=message)]
    too_little_or_much = capacity.refused(properties)
    return [Problem(path=f"#/{capacity.MEMBER}", message=too_little_or_much)] if too_little_or_much else []


def _of_parameter(properties: Properties) -> list[Problem]:
    """AWS Systems Manager API Reference, PutParameter, "Value": 4 KB in the standard tier."""
    standard = properties.get("Tier", "Standard") == "Standard"
    if standard and len(str(properties.get("Value", "")).encode()) > _PARAMETER_BYTES:
        return [Problem(path="#/Value", message="Standard tier parameters support a maximum value of 4096 characters")]
    return []


def _rds(member: str) -> dict[str, Callable[[str], str | None]]:
    return {member: lambda name: names.rds_identifier(member, name)}


_NAMES: Mapping[str, Mapping[str, Callable[[str], str | None]]] = {
    "AWS::S3::Bucket": {"BucketName": names.bucket},
    "AWS::SNS::Topic": {"TopicName": names.topic},
    "AWS::Events::Rule": {"Name": names.rule},
    "AWS::ApiGatewayV2::Api": {"Name": names.api},
    "AWS::ApiGatewayV2::Stage": {"StageName": names.api_stage},
    "AWS::RDS::DBCluster": {
        **_rds("DBClusterIdentifier"),
        "DatabaseName": names.database,
        "MasterUsername": names.master_user,
    },
    "AWS::RDS::DBInstance": _rds("DBInstanceIdentifier"),
    "AWS::RDS::GlobalCluster": _rds("GlobalClusterIdentifier"),
    "AWS::Route53::HostedZone": {"Name": names.zone},
    "AWS::CertificateManager::Certificate": {"DomainName": names.certificate},
}
_JUDGES: Mapping[str, Callable[[Properties], list[Problem]]] = {
    "AWS::DynamoDB::GlobalTable": _of_new_table,
    "AWS::RDS::DBCluster": _of_cluster,
    "AWS::SSM::Parameter": _of_parameter,
}
