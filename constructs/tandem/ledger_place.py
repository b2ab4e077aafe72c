"""What a Region's ledger is made with, as its cluster says it: a restored one can take its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_rds as rds

from contract.ledger_place import LedgerPlace

if TYPE_CHECKING:
    from tandem.ledger import PrimaryLedger, SecondaryLedger

__all__ = ["ledger_place"]


def ledger_place(ledger: PrimaryLedger | SecondaryLedger) -> str:
    """Return the published record; what CloudFormation knows only when it deploys is written when it does."""
    parts = ledger.node.find_all()
    [cluster] = [each for each in parts if isinstance(each, rds.CfnDBCluster)]
    instances = [each for each in parts if isinstance(each, rds.CfnDBInstance)]
    settings = ledger.settings
    place = LedgerPlace(
        cluster=cluster.ref,
        subnet_group=str(cluster.db_subnet_group_name),
        security_groups=tuple(cluster.vpc_security_group_ids or ()),
        parameter_group=str(cluster.db_cluster_parameter_group_name),
        key_arn=str(cluster.kms_key_id),
        port=ledger.port,
        instances=tuple(each.ref for each in instances),
        minimum_capacity=settings.minimum_capacity,
        maximum_capacity=settings.maximum_capacity,
        backup_days=settings.backup_days,
        monitoring_seconds=int(instances[0].monitoring_interval or 0),
        monitoring_role=instances[0].monitoring_role_arn or "",
        protected=bool(cluster.deletion_protection),
    )
    return Stack.of(ledger).to_json_string(place.values())
