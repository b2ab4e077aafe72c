"""Keys, tables, buckets, secrets, backup selections: what MiniStack lacks of them, or drops."""

from __future__ import annotations

import json
import string

from botocore.exceptions import ClientError

from emulator import ministack
from emulator.cloudformation.calls import api, call, ignoring_errors
from emulator.cloudformation.resource_types.registry import Properties, register, stock_handlers
from emulator.ministack import get_account_id, get_region, request_scope


def _create_replica_key(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, Properties]:
    source = properties["PrimaryKeyArn"]
    client = api("kms", source.split(":")[3])
    made = call(
        client,
        "replicate_key",
        properties,
        KeyId=source,
        ReplicaRegion=get_region(),
        Policy=properties["KeyPolicy"],
    )["ReplicaKeyMetadata"]
    return made["KeyId"], {"Arn": made["Arn"], "KeyId": made["KeyId"]}


def _update_replica_key(name: str, _old: Properties, properties: Properties, _stack: str) -> tuple[str, Properties]:
    client = api("kms")
    client.put_key_policy(KeyId=name, PolicyName="default", Policy=json.dumps(properties["KeyPolicy"]))
    return name, {"Arn": client.describe_key(KeyId=name)["KeyMetadata"]["Arn"], "KeyId": name}


def _delete_replica_key(name: str, properties: Properties) -> None:
    api("kms").schedule_key_deletion(KeyId=name, PendingWindowInDays=int(properties.get("PendingWindowInDays", 7)))


def _create_selection(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, Properties]:
    made = call(api("backup"), "create_backup_selection", properties)
    return f"{made['SelectionId']}_{properties['BackupPlanId']}", {"SelectionId": made["SelectionId"]}


def _delete_selection(name: str, properties: Properties) -> None:
    ignoring_errors(
        api("backup").delete_backup_selection,
        SelectionId=name.split("_", maxsplit=1)[0],
        BackupPlanId=properties["BackupPlanId"],
    )


def _replicate_table(name: str, properties: Properties, *, delete: bool = False) -> None:
    client = api("dynamodb")
    table = client.describe_table(TableName=name)["Table"]
    have = {replica["RegionName"] for replica in table.get("Replicas", [])}
    for replica in properties.get("Replicas", []):
        region = replica["Region"]
        if region != get_region() and (region in have) == delete:
            change = {"Delete" if delete else "Create": {"RegionName": region}}
            client.update_table(TableName=name, ReplicaUpdates=[change])
            if not delete and properties.get("MultiRegionConsistency") == "STRONG":
                _remove_stream(name, region)


def _remove_stream(name: str, region: str) -> None:
    """A strong table's replica has no stream before it is enabled there (Developer Guide, How global tables work)."""
    with request_scope(get_account_id(), region):
        replica = ministack.DYNAMODB_TABLES.value[name]
        for key in ("StreamSpecification", "LatestStreamArn", "LatestStreamLabel"):
            replica.pop(key, None)


def _set_consistency(name: str, properties: Properties) -> None:
    """Say, in every Region that has a replica, how consistent they are: MiniStack knows no mode."""
    kept = {key: properties[key] for key in ("MultiRegionConsistency", "GlobalTableWitnesses") if key in properties}
    for region in {get_region(), *(each["Region"] for each in properties.get("Replicas", []))}:
        with request_scope(get_account_id(), region):
            ministack.DYNAMODB_TABLES.value[name].update(kept)


def _set_replicas(name: str, properties: Properties) -> None:
    """What each replica has of its own: recovery to a point in time, key, protection, tags."""
    encryption = properties.get("SSESpecification", {})
    for replica in properties.get("Replicas", []):
        client = api("dynamodb", replica["Region"])
        described = client.describe_table(TableName=name)["Table"]
        protected = str(replica.get("DeletionProtectionEnabled", False)).lower() == "true"
        if described.get("DeletionProtectionEnabled", False) != protected:
            client.update_table(TableName=name, DeletionProtectionEnabled=protected)
        key = replica.get("SSESpecification", {}).get("KMSMasterKeyId")
        if key and described.get("SSEDescription", {}).get("KMSMasterKeyArn") != key:
            specification = {
                "Enabled": encryption.get("SSEEnabled", True),
                "SSEType": encryption.get("SSEType", "KMS"),
                "KMSMasterKeyId": key,
            }
            call(client, "update_table", {}, TableName=name, SSESpecification=specification)
        if "PointInTimeRecoverySpecification" in replica:
            recovery = replica["PointInTimeRecoverySpecification"]
            call(client, "update_continuous_backups", {}, TableName=name, PointInTimeRecoverySpecification=recovery)
        if replica.get("Tags"):
            call(client, "tag_resource", {}, ResourceArn=described["TableArn"], Tags=replica["Tags"])


def _set_expiry(name: str, properties: Properties) -> None:
    """Time to live, which is one setting of all replicas."""
    expiry = properties.get("TimeToLiveSpecification")
    if not expiry:
        return
    for replica in properties.get("Replicas", []):
        client = api("dynamodb", replica["Region"])
        have = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"]
        enabled = str(expiry["Enabled"]).lower() == "true"
        if (have == "ENABLED") != enabled:
            call(client, "update_time_to_live", {}, TableName=name, TimeToLiveSpecification=expiry)


def _described(name: str, region: str) -> Properties:
    """A table as its Region describes it; empty where it is gone, or its Region is."""
    try:
        table: Properties = api("dynamodb", region).describe_table(TableName=name)["Table"]
    except ClientError:
        return {}
    return table


def _refuse_protected(name: str, region: str) -> None:
    """MiniStack's provider deletes a table that is protected (Developer Guide, Using deletion protection)."""
    if _described(name, region).get("DeletionProtectionEnabled"):
        message = "Resource cannot be deleted as it is currently protected against deletion"
        raise ValueError(f"{message}. Disable deletion protection first.")


def _register_table() -> None:
    """Register the global table: MiniStack's handler makes the table, and what it drops is set here."""
    stock = stock_handlers("AWS::DynamoDB::Table")

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        name, attributes = stock["create"](logical_id, properties, stack)
        _replicate_table(name, properties)
        _set_consistency(name, properties)
        _set_replicas(name, properties)
        _set_expiry(name, properties)
        return name, attributes

    def update(name: str, old: Properties, properties: Properties, stack: str) -> tuple[str, Properties]:
        name, attributes = stock["update"](name, old, properties, stack)
        _replicate_table(name, properties)
        _set_replicas(name, properties)
        _set_expiry(name, properties)
        return name, attributes

    def delete(name: str, properties: Properties) -> None:
        """Delete replicas and table; Cloud Control API tells a provider no properties, so the table itself is asked."""
        known = _described(name, get_region()).get("Replicas", [])
        replicas = properties.get("Replicas") or [{"Region": each["RegionName"]} for each in known]
        for region in {get_region(), *(each["Region"] for each in replicas)}:
            _refuse_protected(name, region)
        ignoring_errors(_replicate_table, name, {**properties, "Replicas": replicas}, delete=True)
        stock["delete"](name, properties)

    register("AWS::DynamoDB::GlobalTable", create=create, update=update, delete=delete)


def _bucket_replication(name: str, properties: Properties) -> None:
    client = api("s3")
    if properties.get("Tags"):
        call(client, "put_bucket_tagging", {}, Bucket=name, Tagging={"TagSet": properties["Tags"]})
    replication = properties.get("ReplicationConfiguration")
    if replication:
        rules = [
            {("ID" if key == "Id" else key): value for key, value in rule.items()} for rule in replication["Rules"]
        ]
        call(
            client,
            "put_bucket_replication",
            {},
            Bucket=name,
            ReplicationConfiguration={"Role": replication["Role"], "Rules": rules},
        )


def _register_bucket() -> None:
    stock = stock_handlers("AWS::S3::Bucket")

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        name, attributes = stock["create"](logical_id, properties, stack)
        _bucket_replication(name, properties)
        return name, attributes

    def update(name: str, old: Properties, properties: Properties, stack: str) -> tuple[str, Properties]:
        name, attributes = stock["update"](name, old, properties, stack)
        _bucket_replication(name, properties)
        return name, attributes

    register("AWS::S3::Bucket", create=create, update=update)


def _register_secret() -> None:
    stock = stock_handlers("AWS::SecretsManager::Secret")

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        generated = properties.get("GenerateSecretString") or {}
        if str(generated.get("ExcludePunctuation", False)).lower() == "true":
            generated["ExcludeCharacters"] = generated.get("ExcludeCharacters", "") + string.punctuation
        name, attributes = stock["create"](logical_id, properties, stack)
        return name, attributes

    register("AWS::SecretsManager::Secret", create=create)


def register_storage() -> None:
    """Register them."""
    register("AWS::KMS::ReplicaKey", create=_create_replica_key, update=_update_replica_key, delete=_delete_replica_key)
    register("AWS::Backup::BackupSelection", create=_create_selection, delete=_delete_selection)
    _register_table()
    _register_bucket()
    _register_secret()
