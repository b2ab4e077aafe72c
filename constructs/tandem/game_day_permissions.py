"""What AWS FIS needs for the experiments of a game day, on this stage's resources where IAM lets one name them.

And what people need to run them: a stage's experiments and templates are known by a tag, because FIS chooses the ids.

The actions and their conditions are those of the AWS FIS User Guide's actions reference and of AWS's managed policy
AWSFaultInjectionSimulatorNetworkAccess. FIS tags the network ACLs, route tables, interfaces and prefix lists that it
makes with `managedByFIS`; it may change and delete no others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam

from contract.game_days import EXPERIMENTS, NAME_TAG, SERVICE
from contract.names import arn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract.names import Names

_TAG, _TRUE = "managedByFIS", "true"
_ASKED = {"StringEquals": {f"aws:RequestTag/{_TAG}": _TRUE}}
_OWN = {"StringEquals": {f"ec2:ResourceTag/{_TAG}": _TRUE}}
MADE = {
    "NetworkAcl": "network-acl/*",
    "RouteTable": "route-table/*",
    "NetworkInterface": "network-interface/*",
    "ManagedPrefixList": "prefix-list/*",
}
"""What FIS makes for the time of an experiment, by the ending of the call that makes it."""
SECURITY_GROUPS, LISTED = "security-group/*", "prefix-list/*"


def permissions(
    *,
    account: str,
    region: str,
    vpc: str,
    subnets: Sequence[str],
    endpoints: Sequence[str],
    tables: Sequence[str],
    strong: bool,
) -> Iterator[iam.PolicyStatement]:
    """Yield the statements of the experiments' role; `tables` are ARNs, the others ids.

    A strongly consistent table is paused by `dynamodb:InjectError`, which names no resource.
    """

    def ec2(*resources: str) -> list[str]:
        return [arn("ec2", each, region=region, account=account) for each in resources]

    def allow(
        sid: str, actions: Sequence[str], resources: Sequence[str], conditions: dict[str, dict[str, str]] | None = None
    ) -> iam.PolicyStatement:
        return iam.PolicyStatement(sid=sid, actions=list(actions), resources=list(resources), conditions=conditions)

    within, own_vpc = [f"subnet/{each}" for each in subnets], f"vpc/{vpc}"
    acls, tables_made = MADE["NetworkAcl"], MADE["RouteTable"]
    interfaces, lists = MADE["NetworkInterface"], MADE["ManagedPrefixList"]
    for call, made in MADE.items():
        created = {"ec2:CreateAction": f"Create{call}", f"aws:RequestTag/{_TAG}": _TRUE}
        yield allow(f"Tag{call}", ["ec2:CreateTags"], ec2(made), {"StringEquals": created})
    yield allow("Make", [f"ec2:Create{call}" for call in MADE], ec2(*MADE.values()), _ASKED)
    yield allow("MakeInVpc", ["ec2:CreateNetworkAcl", "ec2:CreateRouteTable"], ec2(own_vpc))
    yield allow("MakeInSubnets", ["ec2:CreateNetworkInterface"], ec2(*within, SECURITY_GROUPS))
    yield allow("ChangeAcls", ["ec2:CreateNetworkAclEntry", "ec2:DeleteNetworkAcl"], ec2(acls, own_vpc), _OWN)
    yield allow(
        "ChangeTables",
        ["ec2:CreateRoute", "ec2:DeleteRouteTable", "ec2:ModifyVpcEndpoint"],
        ec2(tables_made, own_vpc),
        _OWN,
    )
    yield allow("DropInterfaces", ["ec2:DeleteNetworkInterface"], ec2(interfaces), _OWN)
    yield allow("ChangeLists", ["ec2:DeleteManagedPrefixList", "ec2:ModifyManagedPrefixList"], ec2(lists), _OWN)
    # what ends the experiment puts back tables and ACLs that carry no tag: a condition here would keep the fault
    yield allow("SwapAcls", ["ec2:ReplaceNetworkAclAssociation"], ec2(*within, acls))
    yield allow(
        "SwapTables", ["ec2:AssociateRouteTable", "ec2:ReplaceRouteTableAssociation"], ec2(*within, tables_made)
    )
    yield allow("LeaveTables", ["ec2:DisassociateRouteTable"], ec2(tables_made), _OWN)
    yield allow("LeaveSubnets", ["ec2:DisassociateRouteTable"], ec2(*within))
    yield allow("Endpoints", ["ec2:ModifyVpcEndpoint"], ec2(*(f"vpc-endpoint/{each}" for each in endpoints)))
    # AWS's own lists belong to no account of ours
    yield allow("ReadLists", ["ec2:GetManagedPrefixListEntries"], [arn("ec2", LISTED, region=region, account="*")])
    yield allow(
        "Tables",
        [f"dynamodb:{call}ResourcePolicy" for call in ("Get", "Put", "Delete")] + ["dynamodb:DescribeTable"],
        [resource for each in tables for resource in (each, f"{each}/stream/*")],
    )
    yield allow("Look", [*_LOOKS, *(["dynamodb:InjectError"] if strong else [])], ["*"])


def looks_at_experiments(names: Names, region: str) -> Iterator[iam.PolicyStatement]:
    """What whoever looks at a stage's experiments needs, beside the lists of a whole account."""
    _, experiments = names.experiments_arns(region)
    yield iam.PolicyStatement(actions=["fis:GetExperiment"], resources=[experiments], conditions=_of(names, "Resource"))


def runs_experiments(names: Names, region: str) -> Iterator[iam.PolicyStatement]:
    """What whoever starts and stops a stage's experiments needs; one is started with the tag of its template.

    The first experiment of an account makes FIS's own role (AWS FIS User Guide, service-linked roles).
    """
    templates, experiments = names.experiments_arns(region)
    for actions, resource, of in (
        (["fis:StartExperiment"], templates, "Resource"),
        (["fis:StartExperiment", "fis:TagResource"], experiments, "Request"),
        (["fis:StopExperiment"], experiments, "Resource"),
    ):
        yield iam.PolicyStatement(actions=actions, resources=[resource], conditions=_of(names, of))
    yield iam.PolicyStatement(
        actions=["iam:CreateServiceLinkedRole"],
        resources=[names.role_arn(f"aws-service-role/{SERVICE}/AWSServiceRoleForFIS")],
        conditions={"StringEquals": {"iam:AWSServiceName": SERVICE}},
    )


def _of(names: Names, what: str) -> dict[str, dict[str, list[str]]]:
    """The condition that the tag of a resource, or that of a request, is one of the stage's."""
    return {"StringEquals": {f"aws:{what}Tag/{NAME_TAG}": [names.experiment(name) for name in EXPERIMENTS]}}


_LOOKS = (
    *(
        f"ec2:Describe{what}"
        for what in (
            "ManagedPrefixLists",
            "NetworkAcls",
            "NetworkInterfaces",
            "RouteTables",
            "Subnets",
            "VpcEndpoints",
            "VpcPeeringConnections",
            "Vpcs",
        )
    ),
    "tag:GetResources",
    # how FIS has its log delivered (AWS FIS User Guide, experiment logging)
    "logs:CreateLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:PutResourcePolicy",
)
"""What names no resource (Service Authorization Reference)."""
