"""The comparison of both Regions' ledgers: a function that reaches the other Region's cluster over the peering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from contract import environment
from contract.database import APPLICATION_USER, DATABASE, PORT
from tandem.functions import FunctionDefaults, RuntimeFunction

if TYPE_CHECKING:
    from tandem.ledger import PrimaryLedger, SecondaryLedger
    from tandem.network import RegionNetwork

__all__ = ["FarLedger", "LedgerComparison", "admit_peer"]


@dataclass(frozen=True, kw_only=True)
class FarLedger:
    """The other Region's ledger, and the network that it is reached in."""

    ledger: PrimaryLedger | SecondaryLedger
    region: str
    cidr: str


def admit_peer(ledger: PrimaryLedger | SecondaryLedger, cidr: str) -> None:
    """Let the other Region's network in. A rule names its range, because it cannot name a group of another Region.

    VPC Peering Guide, *Update your security groups to reference peer security groups*: not across Regions.
    """
    ledger.security_group.add_ingress_rule(ec2.Peer.ipv4(cidr), ec2.Port.tcp(PORT), "comparison, over the peering")


class LedgerComparison(Construct):
    """`compare`: it reads both ledgers, and says where they differ. Nobody but an operator invokes it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        defaults: FunctionDefaults,
        network: RegionNetwork,
        near: PrimaryLedger | SecondaryLedger,
        far: FarLedger,
    ) -> None:
        super().__init__(scope, construct_id)
        names = defaults.names
        group = ec2.SecurityGroup(
            self,
            "Access",
            vpc=network.vpc,
            description="Comparison: to the ledger of this Region, and to the other one over the peering",
            allow_all_outbound=False,
        )
        port = ec2.Port.tcp(PORT)
        group.add_egress_rule(near.security_group, port, "ledger")
        near.security_group.add_ingress_rule(group, port, "comparison")
        group.add_egress_rule(ec2.Peer.ipv4(far.cidr), port, "ledger of the other Region, over the peering")
        self.runtime = RuntimeFunction(
            self,
            "Compare",
            name="compare",
            defaults=defaults,
            description="Says where the ledgers of both Regions differ",
            timeout=Duration.minutes(5),
            network=network,
            security_group=group,
            told=(
                environment.LedgerAccess(
                    ledger_writer_host=near.writer_host,
                    ledger_reader_host=near.reader_host,
                    ledger_port=near.port,
                    ledger_database=DATABASE,
                    ledger_user=APPLICATION_USER,
                    ledger_idle_seconds=0,
                ),
                environment.Compare(
                    far_writer_host=far.ledger.writer_host,
                    far_reader_host=far.ledger.reader_host,
                    far_port=far.ledger.port,
                ),
            ),
        )
        self.runtime.allow(
            "rds-db:connect",
            on=[
                names.database_user_arn(near.resource_id, APPLICATION_USER, defaults.region),
                names.database_user_arn(far.ledger.resource_id, APPLICATION_USER, far.region),
            ],
        )
        self.runtime.allow_key(defaults.key)
