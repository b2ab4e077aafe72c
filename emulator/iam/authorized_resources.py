"""Which resource a call is about, where MiniStack says `*`, which a policy that names resources would never allow.

The ARNs are those of the Service Authorization Reference for the calls that deployed roles make.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from contract.names import arn
from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Mapping


def install() -> None:
    """Add what MiniStack does not know."""
    stock = ministack.IAM_RESOURCE_OF.value

    def extract(service: str, method: str, path: str, *request: Any) -> str:
        _headers, body, query, region, account = request
        resource = str(stock(service, method, path, *request))
        if resource != "*":
            return resource
        match service:
            case "backup":
                return _of_backup(path, region, account)
            case "dynamodbstreams":
                return _of_streams(body)
            case "rds":
                return _of_databases(query, region, account)
            case "ssm":
                return _of_parameters(body, region, account)
        return resource

    ministack.IAM_RESOURCE_OF.replace(extract)


def _of_backup(path: str, region: str, account: str) -> str:
    match unquote(path).strip("/").split("/", 3):
        case ["backup-vaults", _, "recovery-points", point]:
            return point
        case ["backup-vaults", vault, *_]:
            return arn("backup", f"backup-vault:{vault}", region=region, account=account)
        case ["tags", *tagged]:
            return "/".join(tagged)
    return "*"


def _of_streams(body: bytes) -> str:
    """A stream is a resource of its own, which its reads name."""
    try:
        stream = json.loads(body or b"{}").get("StreamArn")
    except (ValueError, AttributeError):
        return "*"
    return stream if isinstance(stream, str) and stream else "*"


def _of_databases(query: Mapping[str, Any], region: str, account: str) -> str:
    for parameter, of_region, kind in (
        ("GlobalClusterIdentifier", "", "global-cluster"),
        ("DBClusterSnapshotIdentifier", region, "cluster-snapshot"),
    ):
        name = query.get(parameter)
        name = name[0] if isinstance(name, list) and name else name
        if name:
            given = str(name)
            return (
                given if given.startswith("arn:") else arn("rds", f"{kind}:{given}", region=of_region, account=account)
            )
    return "*"


def _of_parameters(body: bytes, region: str, account: str) -> str:
    """The first of several parameters, or the path: MiniStack checks one resource for each call."""
    try:
        given = json.loads(body or b"{}")
        names, path = given.get("Names"), given.get("Path")
    except (ValueError, AttributeError):
        return "*"
    if isinstance(path, str) and path.strip("/"):
        return arn("ssm", f"parameter/{path.strip('/')}", region=region, account=account)
    if not isinstance(names, list) or not names:
        return "*"
    return arn("ssm", f"parameter/{str(names[0]).lstrip('/')}", region=region, account=account)
