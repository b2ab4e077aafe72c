"""Networks: peering, flow logs, rules of security groups."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from emulator.cloudformation.calls import api, call, ignoring_errors
from emulator.cloudformation.resource_types.registry import Properties, register, stock_handlers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _create_peering(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, Properties]:
    untagged = {key: properties[key] for key in properties if key != "Tags"}
    made = call(api("ec2"), "create_vpc_peering_connection", untagged)["VpcPeeringConnection"]
    name = made["VpcPeeringConnectionId"]
    # CloudFormation accepts it by itself within one account
    api("ec2", properties.get("PeerRegion")).accept_vpc_peering_connection(VpcPeeringConnectionId=name)
    return name, {"Id": name}


def _delete_peering(name: str, _properties: Properties) -> None:
    api("ec2").delete_vpc_peering_connection(VpcPeeringConnectionId=name)


def _create_flow_log(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, Properties]:
    untagged = {key: properties[key] for key in properties if key != "Tags"}
    name = call(api("ec2"), "create_flow_logs", untagged, ResourceIds=[properties["ResourceId"]])["FlowLogIds"][0]
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

    register(resource_type, create=create, delete=delete)


def _with_attributes(resource_type: str, attributes: Callable[[str, Properties], Properties]) -> None:
    stock = stock_handlers(resource_type)

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        name, have = stock["create"](logical_id, properties, stack)
        return name, {**attributes(name, properties), **have}

    register(resource_type, create=create)


def _conflict(properties: Properties) -> str:
    """What EC2 says of a subnet whose addresses another one of its VPC has; empty where they are free.

    A subnet whose addresses IPAM chooses tells none.
    """
    if "VpcId" not in properties or "CidrBlock" not in properties:
        return ""
    own = ipaddress.ip_network(properties["CidrBlock"])
    filters = [{"Name": "vpc-id", "Values": [properties["VpcId"]]}]
    for subnet in api("ec2").describe_subnets(Filters=filters)["Subnets"]:
        if own.overlaps(ipaddress.ip_network(subnet["CidrBlock"])):
            return f"The CIDR '{own}' conflicts with another subnet"
    return ""


def _register_subnet() -> None:
    """A subnet that is replaced is made before the old one goes, so it cannot have the same addresses.

    (Amazon EC2 API, error code InvalidSubnet.Conflict; CloudFormation User Guide, update behaviors, Replacement.)
    """
    resource_type = "AWS::EC2::Subnet"
    stock = stock_handlers(resource_type)
    fixed = ("VpcId", "CidrBlock", "AvailabilityZone")

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        if message := _conflict(properties):
            raise ValueError(message)
        made: tuple[str, Properties] = stock["create"](logical_id, properties, stack)
        return made

    def update(name: str, old: Properties, properties: Properties, stack: str) -> tuple[str, Properties]:
        replaced = any(old.get(key) != properties.get(key) for key in fixed)
        if replaced and (message := _conflict(properties)):
            raise ValueError(message)
        changed: tuple[str, Properties] = stock["update"](name, old, properties, stack)
        return changed

    register(resource_type, create=create, update=update)


def register_networks() -> None:
    """Register the EC2 types."""
    register("AWS::EC2::VPCPeeringConnection", create=_create_peering, delete=_delete_peering)
    register("AWS::EC2::FlowLog", create=_create_flow_log, delete=_delete_flow_log)
    _register_subnet()
    _register_rule("AWS::EC2::SecurityGroupIngress", "ingress")
    _register_rule("AWS::EC2::SecurityGroupEgress", "egress")
    _with_attributes("AWS::EC2::VPC", lambda _name, properties: {"CidrBlock": properties.get("CidrBlock", "")})
