"""A Region's VPC, and the peering between two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import custom_resources as cr
from constructs import Construct

from contract.names import arn
from tandem.retention import removal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tandem.retention import Keeping
    from tandem.settings import NetworkSettings

__all__ = ["Peering", "RegionNetwork"]


class RegionNetwork(Construct):
    """Isolated subnets, gateway endpoints for DynamoDB and S3, flow logs; no NAT, no interface endpoint."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: NetworkSettings,
        keeping: Keeping,
    ) -> None:
        super().__init__(scope, construct_id)
        self.cidr = settings.cidr
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(settings.cidr),
            availability_zones=list(settings.availability_zones),
            nat_gateways=0,
            restrict_default_security_group=True,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24)
            ],
            gateway_endpoints={
                "DynamoDb": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.DYNAMODB),
                "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3),
            },
        )
        self.flow_logs = logs.LogGroup(
            self,
            "FlowLogs",
            encryption_key=keeping.key,
            retention=keeping.log_retention,
            removal_policy=removal(retain=keeping.retain),
        )
        self.vpc.add_flow_log("Flow", destination=ec2.FlowLogDestination.to_cloud_watch_logs(self.flow_logs))
        self.subnets = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)

    @property
    def route_tables(self) -> list[str]:
        """The route tables of the isolated subnets."""
        return [subnet.route_table.route_table_id for subnet in self.vpc.isolated_subnets]


class Peering(Construct):
    """The peering connection, and the routes on both of its ends, owned by the Region that attaches itself.

    CloudFormation accepts the connection by itself when both VPCs belong to one account. The far end's routes live in
    the far Region, so a custom resource makes them.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        near: RegionNetwork,
        far_vpc_id: str,
        far_cidr: str,
        far_route_tables: Sequence[str],
        far_region: str,
        account: str,
    ) -> None:
        super().__init__(scope, construct_id)
        connection = ec2.CfnVPCPeeringConnection(
            self, "Connection", vpc_id=near.vpc.vpc_id, peer_vpc_id=far_vpc_id, peer_region=far_region
        )
        for subnet in near.vpc.isolated_subnets:
            assert isinstance(subnet, ec2.Subnet)  # noqa: S101 - narrows a type: what the VPC made, not imported
            subnet.add_route(
                "Peering",
                router_type=ec2.RouterType.VPC_PEERING_CONNECTION,
                router_id=connection.ref,
                destination_cidr_block=far_cidr,
            )
        for number, table in enumerate(far_route_tables):
            self._far_route(
                number, table=table, cidr=near.cidr, connection=connection.ref, region=far_region, account=account
            )

    def _far_route(self, number: int, *, table: str, cidr: str, connection: str, region: str, account: str) -> None:
        route = {"RouteTableId": table, "DestinationCidrBlock": cidr}
        create = cr.AwsSdkCall(
            service="EC2",
            action="createRoute",
            region=region,
            parameters={**route, "VpcPeeringConnectionId": connection},
            physical_resource_id=cr.PhysicalResourceId.of(f"far-route-{number}"),
        )
        cr.AwsCustomResource(
            self,
            f"FarRoute{number}",
            install_latest_aws_sdk=False,
            on_create=create,
            on_update=cr.AwsSdkCall(
                service="EC2",
                action="replaceRoute",
                region=region,
                parameters={**route, "VpcPeeringConnectionId": connection},
                physical_resource_id=cr.PhysicalResourceId.of(f"far-route-{number}"),
            ),
            on_delete=cr.AwsSdkCall(
                service="EC2",
                action="deleteRoute",
                region=region,
                parameters=route,
                ignore_error_codes_matching="InvalidRoute.NotFound|InvalidRouteTableID.NotFound",
            ),
            policy=cr.AwsCustomResourcePolicy.from_statements(
                [
                    iam.PolicyStatement(
                        actions=["ec2:CreateRoute", "ec2:ReplaceRoute", "ec2:DeleteRoute"],
                        resources=[arn("ec2", "route-table/*", region=region, account=account)],
                    )
                ]
            ),
        )
