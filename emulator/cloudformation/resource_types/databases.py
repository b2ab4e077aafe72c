"""Aurora: through the RDS API, which, unlike the stock handlers, knows global clusters."""

from __future__ import annotations

from typing import Any

from emulator.cloudformation.calls import api, call, ignoring_errors
from emulator.cloudformation.resource_types.registry import Properties, physical_name, register, stock_handlers


def _create_global_cluster(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
    name = properties.get("GlobalClusterIdentifier") or physical_name(stack, logical_id)
    call(api("rds"), "create_global_cluster", properties, GlobalClusterIdentifier=name)
    return name, {}


def _update_global_cluster(name: str, old: Properties, properties: Properties, _stack: str) -> tuple[str, Properties]:
    """Change its protection; a version is written down when its members have it already.

    A version that the template does not change is left alone, because the members may have another one meanwhile.
    Whether AWS's provider would upgrade the members is not documented, so nothing here may rely on it.
    """
    client = api("rds")
    version = properties.get("EngineVersion")
    if version != old.get("EngineVersion"):
        for member in client.describe_global_clusters(GlobalClusterIdentifier=name)["GlobalClusters"][0][
            "GlobalClusterMembers"
        ]:
            arn = member["DBClusterArn"]
            cluster = api("rds", arn.split(":")[3]).describe_db_clusters(DBClusterIdentifier=arn)["DBClusters"][0]
            if cluster["EngineVersion"] != version:
                raise ValueError(f"{arn} runs {cluster['EngineVersion']}: upgrade the members to {version} first")
    changed = {key: value for key, value in properties.items() if key != "EngineVersion" or value != old.get(key)}
    call(client, "modify_global_cluster", {"DeletionProtection": False, **changed}, GlobalClusterIdentifier=name)
    return name, {}


def _delete_global_cluster(name: str, _properties: Properties) -> None:
    api("rds").delete_global_cluster(GlobalClusterIdentifier=name)


def _create_cluster(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
    client = api("rds")
    name = properties.get("DBClusterIdentifier") or physical_name(stack, logical_id)
    call(client, "create_db_cluster", properties, DBClusterIdentifier=name)
    return name, _cluster_attributes(client, name)


def _update_cluster(name: str, old: Properties, properties: Properties, _stack: str) -> tuple[str, Properties]:
    client = api("rds")
    keep = {"MasterUserPassword", "GlobalClusterIdentifier", "Engine"}
    if properties.get("EngineVersion") == old.get("EngineVersion"):
        keep.add("EngineVersion")  # a member may have been upgraded through the global cluster meanwhile
    # what the template does not say any more is off again
    changed = {"DeletionProtection": False, **{key: properties[key] for key in properties if key not in keep}}
    call(
        client,
        "modify_db_cluster",
        changed,
        DBClusterIdentifier=name,
    )
    return name, _cluster_attributes(client, name)


def _cluster_attributes(client: Any, name: str) -> Properties:
    cluster = client.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]
    return {
        "DBClusterArn": cluster["DBClusterArn"],
        "DBClusterResourceId": cluster["DbClusterResourceId"],
        "Endpoint.Address": cluster["Endpoint"],
        "Endpoint.Port": str(cluster["Port"]),
        "ReadEndpoint.Address": cluster["ReaderEndpoint"],
    }


def _delete_cluster(name: str, _properties: Properties) -> None:
    """CloudFormation's provider detaches a member from its global cluster before it deletes it."""
    client = api("rds")
    arn = client.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]["DBClusterArn"]
    # Cloud Control API tells a provider no properties, so the global clusters are asked
    for each in client.describe_global_clusters()["GlobalClusters"]:
        if arn in {member["DBClusterArn"] for member in each["GlobalClusterMembers"]}:
            ignoring_errors(
                client.remove_from_global_cluster,
                GlobalClusterIdentifier=each["GlobalClusterIdentifier"],
                DbClusterIdentifier=arn,
            )
    client.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)


def _create_instance(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
    client = api("rds")
    name = properties.get("DBInstanceIdentifier") or physical_name(stack, logical_id)
    call(client, "create_db_instance", properties, DBInstanceIdentifier=name)
    instance = client.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    return name, {
        "Endpoint.Address": instance["Endpoint"]["Address"],
        "Endpoint.Port": str(instance["Endpoint"]["Port"]),
        "DbiResourceId": instance["DbiResourceId"],
        "DBInstanceArn": instance["DBInstanceArn"],
    }


def _delete_instance(name: str, _properties: Properties) -> None:
    api("rds").delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


def _register_subnet_group() -> None:
    """A subnet group stays in its VPC (Aurora User Guide, working with a DB cluster in a VPC: create another group)."""
    resource_type = "AWS::RDS::DBSubnetGroup"
    stock = stock_handlers(resource_type)

    def update(name: str, old: Properties, properties: Properties, stack: str) -> tuple[str, Properties]:
        have = api("rds").describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"][0]["VpcId"]
        found = api("ec2").describe_subnets(SubnetIds=properties["SubnetIds"])["Subnets"]
        if any(subnet["VpcId"] != have for subnet in found):
            raise ValueError("The new Subnets are not in the same Vpc as the existing subnet group")
        changed: tuple[str, Properties] = stock["update"](name, old, properties, stack)
        return changed

    register(resource_type, update=update)


def register_databases() -> None:
    """Register the RDS types."""
    register(
        "AWS::RDS::GlobalCluster",
        create=_create_global_cluster,
        update=_update_global_cluster,
        delete=_delete_global_cluster,
    )
    register("AWS::RDS::DBCluster", create=_create_cluster, update=_update_cluster, delete=_delete_cluster)
    _register_subnet_group()
    register("AWS::RDS::DBInstance", create=_create_instance, delete=_delete_instance)
