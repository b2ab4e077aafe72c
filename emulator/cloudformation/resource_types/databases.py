"""Aurora: through the RDS API, which, unlike the stock handlers, knows global clusters."""

from __future__ import annotations

from typing import Any

from emulator.cloudformation.calls import api, call, ignoring_errors
from emulator.cloudformation.resource_types.registry import Properties, physical_name, register


def _create_global_cluster(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
    name = properties.get("GlobalClusterIdentifier") or physical_name(stack, logical_id)
    call(api("rds"), "create_global_cluster", properties, GlobalClusterIdentifier=name)
    return name, {}


def _delete_global_cluster(name: str, _properties: Properties) -> None:
    api("rds").delete_global_cluster(GlobalClusterIdentifier=name)


def _create_cluster(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
    client = api("rds")
    name = properties.get("DBClusterIdentifier") or physical_name(stack, logical_id)
    call(client, "create_db_cluster", properties, DBClusterIdentifier=name)
    return name, _cluster_attributes(client, name)


def _update_cluster(name: str, _old: Properties, properties: Properties, _stack: str) -> tuple[str, Properties]:
    client = api("rds")
    keep = ("MasterUserPassword", "GlobalClusterIdentifier", "Engine", "EngineVersion")
    call(
        client,
        "modify_db_cluster",
        {key: properties[key] for key in properties if key not in keep},
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


def register_databases() -> None:
    """Register the RDS types."""
    register("AWS::RDS::GlobalCluster", create=_create_global_cluster, delete=_delete_global_cluster)
    register("AWS::RDS::DBCluster", create=_create_cluster, update=_update_cluster, delete=_delete_cluster)
    register("AWS::RDS::DBInstance", create=_create_instance, delete=_delete_instance)
