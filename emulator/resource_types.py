"""The CloudFormation resource types that MiniStack lacks, or whose properties it silently drops."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_region
from ministack.services.cloudformation import provisioners, stacks

from emulator.calls import api, call, decapitalized, ignoring_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["HANDLERS", "install"]

Properties = dict[str, Any]
HANDLERS: dict[str, dict[str, Callable[..., Any]]] = {}


def _stock(resource_type: str) -> dict[str, Callable[..., Any]]:
    handlers: dict[str, Callable[..., Any]] = provisioners._RESOURCE_HANDLERS.get(resource_type, {})
    return handlers


def _register(resource_type: str, **handlers: Callable[..., Any]) -> None:
    HANDLERS[resource_type] = {**_stock(resource_type), **handlers}


def _name(stack: str, logical_id: str) -> str:
    return str(provisioners._physical_name(stack, logical_id, lowercase=True, max_len=60))


# ---- RDS: through the API, which, unlike the stock handler, knows global clusters ----------------------------------
def _create_global_cluster(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
    name = properties.get("GlobalClusterIdentifier") or _name(stack, logical_id)
    call(api("rds"), "create_global_cluster", properties, GlobalClusterIdentifier=name)
    return name, {}


def _delete_global_cluster(name: str, _properties: Properties) -> None:
    api("rds").delete_global_cluster(GlobalClusterIdentifier=name)


def _create_cluster(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
    client = api("rds")
    name = properties.get("DBClusterIdentifier") or _name(stack, logical_id)
    call(client, "create_db_cluster", properties, DBClusterIdentifier=name)
    return name, _cluster_attributes(client, name)


def _update_cluster(name: str, _old: Properties, properties: Properties, _stack: str) -> tuple[str, Properties]:
    client = api("rds")
    keep = ("MasterUserPassword", "GlobalClusterIdentifier", "Engine", "EngineVersion")
    call(
        client,
        "modify_db_cluster",
        {key: value for key, value in properties.items() if key not in keep},
        DBClusterIdentifier=name,
    )
    return name, _cluster_attributes(client, name)


def _cluster_attributes(client: Any, name: str) -> Properties:
    found = client.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]
    return {
        "DBClusterArn": found["DBClusterArn"],
        "DBClusterResourceId": found["DbClusterResourceId"],
        "Endpoint.Address": found["Endpoint"],
        "Endpoint.Port": str(found["Port"]),
        "ReadEndpoint.Address": found["ReaderEndpoint"],
    }


def _delete_cluster(name: str, properties: Properties) -> None:
    """CloudFormation's provider detaches a member from its global cluster before it deletes it."""
    client = api("rds")
    if properties.get("GlobalClusterIdentifier"):
        arn = client.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]["DBClusterArn"]
        ignoring_errors(
            client.remove_from_global_cluster,
            GlobalClusterIdentifier=properties["GlobalClusterIdentifier"],
            DbClusterIdentifier=arn,
        )
    ignoring_errors(client.modify_db_cluster, DBClusterIdentifier=name, DeletionProtection=False)
    client.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)


def _create_instance(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
    client = api("rds")
    name = properties.get("DBInstanceIdentifier") or _name(stack, logical_id)
    call(client, "create_db_instance", properties, DBInstanceIdentifier=name)
    found = client.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    return name, {
        "Endpoint.Address": found["Endpoint"]["Address"],
        "Endpoint.Port": str(found["Endpoint"]["Port"]),
        "DbiResourceId": found["DbiResourceId"],
        "DBInstanceArn": found["DBInstanceArn"],
    }


def _delete_instance(name: str, _properties: Properties) -> None:
    api("rds").delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


# ---- KMS, Backup, CloudWatch, Route 53 ------------------------------------------------------------------------------
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


def _create_health_check(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
    reference = f"{stack}-{logical_id}-{os.urandom(4).hex()}"
    made = call(api("route53"), "create_health_check", properties, CallerReference=reference)["HealthCheck"]
    return made["Id"], {"HealthCheckId": made["Id"]}


def _update_health_check(name: str, _old: Properties, properties: Properties, _stack: str) -> tuple[str, Properties]:
    call(api("route53"), "update_health_check", properties["HealthCheckConfig"], HealthCheckId=name)
    return name, {"HealthCheckId": name}


def _delete_health_check(name: str, _properties: Properties) -> None:
    api("route53").delete_health_check(HealthCheckId=name)


# ---- ARC Region switch ----------------------------------------------------------------------------------------------
def _create_plan(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, Properties]:
    made = api("arc-region-switch").create_plan(**_members("CreatePlan", properties))["plan"]
    return made["arn"], _plan_attributes(made)


def _update_plan(name: str, _old: Properties, properties: Properties, _stack: str) -> tuple[str, Properties]:
    made = api("arc-region-switch").update_plan(**_members("UpdatePlan", properties), arn=name)["plan"]
    return name, _plan_attributes(made)


def _delete_plan(name: str, _properties: Properties) -> None:
    api("arc-region-switch").delete_plan(arn=name)


def _members(operation: str, properties: Properties) -> Properties:
    """CloudFormation's properties as the API's members, whose names begin in lower case."""
    shape = api("arc-region-switch").meta.service_model.operation_model(operation).input_shape
    named: Properties = decapitalized(shape, properties)
    return named


def _plan_attributes(plan: Properties) -> Properties:
    return {"Arn": plan["arn"], "Owner": plan["owner"], "Version": plan["version"]}


# ---- EC2 ------------------------------------------------------------------------------------------------------------
def _create_peering(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, Properties]:
    wanted = {key: value for key, value in properties.items() if key != "Tags"}
    made = call(api("ec2"), "create_vpc_peering_connection", wanted)["VpcPeeringConnection"]
    name = made["VpcPeeringConnectionId"]
    # CloudFormation accepts it by itself within one account
    api("ec2", properties.get("PeerRegion")).accept_vpc_peering_connection(VpcPeeringConnectionId=name)
    return name, {"Id": name}


def _delete_peering(name: str, _properties: Properties) -> None:
    api("ec2").delete_vpc_peering_connection(VpcPeeringConnectionId=name)


def _create_flow_log(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, Properties]:
    wanted = {key: value for key, value in properties.items() if key != "Tags"}
    name = call(api("ec2"), "create_flow_logs", wanted, ResourceIds=[properties["ResourceId"]])["FlowLogIds"][0]
    return name, {"Id": name}


def _delete_flow_log(name: str, _properties: Properties) -> None:
    api("ec2").delete_flow_logs(FlowLogIds=[name])


def _permission(properties: Mapping[str, Any]) -> list[Properties]:
    rule: Properties = {"IpProtocol": str(properties["IpProtocol"])}
    rule |= {key: int(properties[key]) for key in ("FromPort", "ToPort") if key in properties}
    described = {"Description": properties["Description"]} if properties.get("Description") else {}
    peer = properties.get("SourceSecurityGroupId") or properties.get("DestinationSecurityGroupId")
    if peer:
        rule["UserIdGroupPairs"] = [{"GroupId": peer, **described}]
    if properties.get("CidrIp"):
        rule["IpRanges"] = [{"CidrIp": properties["CidrIp"], **described}]
    return [rule]


def _register_rule(resource_type: str, direction: str) -> None:
    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        authorize = getattr(api("ec2"), f"authorize_security_group_{direction}")
        made = authorize(GroupId=properties["GroupId"], IpPermissions=_permission(properties))
        rules = made.get("SecurityGroupRules") or [{}]
        name = rules[0].get("SecurityGroupRuleId") or f"sgr-{stack}-{logical_id}"
        return name, {"Id": name}

    def delete(_name: str, properties: Properties) -> None:
        revoke = getattr(api("ec2"), f"revoke_security_group_{direction}")
        ignoring_errors(revoke, GroupId=properties["GroupId"], IpPermissions=_permission(properties))

    _register(resource_type, create=create, delete=delete)


# ---- properties that the stock handlers drop ------------------------------------------------------------------------
def _replicate_table(name: str, properties: Properties, *, delete: bool = False) -> None:
    client = api("dynamodb")
    table = client.describe_table(TableName=name)["Table"]
    have = {replica["RegionName"] for replica in table.get("Replicas", [])}
    for replica in properties.get("Replicas", []):
        region = replica["Region"]
        if region != get_region() and (region in have) == delete:
            change = {"Delete" if delete else "Create": {"RegionName": region}}
            client.update_table(TableName=name, ReplicaUpdates=[change])


def _register_table() -> None:
    stock = _stock("AWS::DynamoDB::GlobalTable")

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        name, attributes = stock["create"](logical_id, properties, stack)
        _replicate_table(name, properties)
        return name, attributes

    def update(name: str, old: Properties, properties: Properties, stack: str) -> tuple[str, Properties]:
        name, attributes = stock["update"](name, old, properties, stack)
        _replicate_table(name, properties)
        return name, attributes

    def delete(name: str, properties: Properties) -> None:
        ignoring_errors(_replicate_table, name, properties, delete=True)
        stock["delete"](name, properties)

    _register("AWS::DynamoDB::GlobalTable", create=create, update=update, delete=delete)


def _bucket_replication(name: str, properties: Properties) -> None:
    client = api("s3")
    if properties.get("Tags"):
        call(client, "put_bucket_tagging", {}, Bucket=name, Tagging={"TagSet": properties["Tags"]})
    wanted = properties.get("ReplicationConfiguration")
    if wanted:
        rules = [{("ID" if key == "Id" else key): value for key, value in rule.items()} for rule in wanted["Rules"]]
        call(
            client,
            "put_bucket_replication",
            {},
            Bucket=name,
            ReplicationConfiguration={"Role": wanted["Role"], "Rules": rules},
        )


def _register_bucket() -> None:
    stock = _stock("AWS::S3::Bucket")

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        name, attributes = stock["create"](logical_id, properties, stack)
        _bucket_replication(name, properties)
        return name, attributes

    def update(name: str, old: Properties, properties: Properties, stack: str) -> tuple[str, Properties]:
        name, attributes = stock["update"](name, old, properties, stack)
        _bucket_replication(name, properties)
        return name, attributes

    _register("AWS::S3::Bucket", create=create, update=update)


def _with_attributes(resource_type: str, attributes: Callable[[str, Properties], Properties]) -> None:
    stock = _stock(resource_type)

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        name, have = stock["create"](logical_id, properties, stack)
        return name, {**attributes(name, properties), **have}

    _register(resource_type, create=create)


def _register_all() -> None:
    _register("AWS::RDS::GlobalCluster", create=_create_global_cluster, delete=_delete_global_cluster)
    _register("AWS::RDS::DBCluster", create=_create_cluster, update=_update_cluster, delete=_delete_cluster)
    _register("AWS::RDS::DBInstance", create=_create_instance, delete=_delete_instance)
    _register(
        "AWS::KMS::ReplicaKey", create=_create_replica_key, update=_update_replica_key, delete=_delete_replica_key
    )
    _register("AWS::Backup::BackupSelection", create=_create_selection, delete=_delete_selection)
    _register(
        "AWS::Route53::HealthCheck",
        create=_create_health_check,
        update=_update_health_check,
        delete=_delete_health_check,
    )
    _register("AWS::ARCRegionSwitch::Plan", create=_create_plan, update=_update_plan, delete=_delete_plan)
    _register("AWS::EC2::VPCPeeringConnection", create=_create_peering, delete=_delete_peering)
    _register("AWS::EC2::FlowLog", create=_create_flow_log, delete=_delete_flow_log)
    _register_rule("AWS::EC2::SecurityGroupIngress", "ingress")
    _register_rule("AWS::EC2::SecurityGroupEgress", "egress")
    _register_table()
    _register_bucket()
    _with_attributes("AWS::EC2::VPC", lambda _name, properties: {"CidrBlock": properties.get("CidrBlock", "")})


def install() -> None:
    """Register the handlers. They call back over HTTP, so they run on a worker thread, not on the event loop."""
    _register_all()
    provisioners._RESOURCE_HANDLERS.update(HANDLERS)
    runs_on_worker = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda resource_type: resource_type in HANDLERS or runs_on_worker(resource_type)
