"""What a restore job is told of the resource that it makes: held to what AWS Backup takes, and turned into its types.

Keys are those of AWS Backup's Developer Guide (restoring an Amazon Aurora cluster; restoring an Amazon DynamoDB table;
restore testing inferred metadata), in any case of letters. All values are texts, and a list is a JSON array in a text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

AURORA, DYNAMODB = "Aurora", "DynamoDB"


class MetadataError(Exception):
    """Metadata that AWS Backup refuses: the code of its error, and what is wrong."""

    def __init__(self, message: str, *, code: str = "InvalidParameterValueException") -> None:
        super().__init__(message)
        self.code = code


def _texts(value: str) -> list[str]:
    parsed = json.loads(value)
    if not isinstance(parsed, list) or not all(isinstance(each, str) for each in parsed):
        raise ValueError
    return parsed


def _truth(value: str) -> bool:
    if value.lower() not in {"true", "false"}:
        raise ValueError
    return value.lower() == "true"


Reader = tuple[str, "Callable[[str], Any]", str]
"""The parameter of the call that makes the resource, how its text is read, and what the text has to be."""
_TEXT, _LIST, _BOOLEAN, _NUMBER, _OBJECT = (
    (str, "a text"),
    (_texts, "a JSON array of texts"),
    (_truth, "true or false"),
    (int, "a number"),
    (json.loads, "a JSON object"),
)
_KEYS: Mapping[str, Mapping[str, Reader]] = {
    AURORA: {
        "availabilityZones": ("AvailabilityZones", *_LIST),
        "backtrackWindow": ("BacktrackWindow", *_NUMBER),
        "copyTagsToSnapshot": ("CopyTagsToSnapshot", *_BOOLEAN),
        "databaseName": ("DatabaseName", *_TEXT),
        "dbClusterIdentifier": ("DBClusterIdentifier", *_TEXT),
        "dbClusterParameterGroupName": ("DBClusterParameterGroupName", *_TEXT),
        "dbSubnetGroupName": ("DBSubnetGroupName", *_TEXT),
        "enableCloudwatchLogsExports": ("EnableCloudwatchLogsExports", *_LIST),
        "enableIamDatabaseAuthentication": ("EnableIAMDatabaseAuthentication", *_BOOLEAN),
        "engine": ("Engine", *_TEXT),
        "engineMode": ("EngineMode", *_TEXT),
        "engineVersion": ("EngineVersion", *_TEXT),
        "kmsKeyId": ("KmsKeyId", *_TEXT),
        "optionGroupName": ("OptionGroupName", *_TEXT),
        "port": ("Port", *_NUMBER),
        "scalingConfiguration": ("ScalingConfiguration", *_OBJECT),
        "vpcSecurityGroupIds": ("VpcSecurityGroupIds", *_LIST),
    },
    DYNAMODB: {
        "deletionProtection": ("DeletionProtectionEnabled", *_BOOLEAN),
        "encryptionType": ("EncryptionType", *_TEXT),
        "kmsMasterKeyArn": ("KMSMasterKeyId", *_TEXT),
        "targetTableName": ("TargetTableName", *_TEXT),
    },
}
_REQUIRED = {AURORA: ("dbClusterIdentifier", "engine"), DYNAMODB: ("targetTableName",)}
"""What nothing can be restored without: a new resource's name, and for a cluster its engine."""


def parameters_of(kind: str, metadata: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of the call that makes the resource; raises MetadataError for what AWS Backup refuses."""
    keys = {name.lower(): reader for name, reader in _KEYS[kind].items()}
    given = {name.lower() for name, value in metadata.items() if value}
    missing = [name for name in _REQUIRED[kind] if name.lower() not in given]
    if missing:
        raise MetadataError(f"Metadata of {kind} lacks {', '.join(missing)}", code="MissingParameterValueException")
    unknown = sorted(name for name in metadata if name.lower() not in keys)
    if unknown:
        raise MetadataError(f"Metadata of {kind} knows no {', '.join(unknown)}")
    return {keys[name.lower()][0]: _read(name, value, keys[name.lower()]) for name, value in metadata.items()}


def _read(name: str, value: str, reader: Reader) -> Any:
    _, read, form = reader
    try:
        return read(value)
    except ValueError as error:
        raise MetadataError(f"{name} is {value}, and has to be {form}") from error
