"""What an action does to the embedded AWS, and how that is undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from contract.game_days import CUT_REGION, PAUSE_REPLICATION
from emulator import ministack
from emulator.cloudformation.calls import api
from emulator.fis.subnets import ANY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from emulator.faults.replication import Replication
    from emulator.fis.subnets import Subnets


class Effects:
    """The faults of the embedded AWS that actions drive."""

    def __init__(self, replication: Replication, subnets: Subnets) -> None:
        self._replication, self._subnets = replication, subnets

    def begin(self, action: str, arns: Sequence[str], parameters: Mapping[str, str], region: str) -> Callable[[], None]:
        """Do what `action` does to these resources of a Region; return what ends it."""
        names = [each.rpartition("/")[2] for each in arns]
        if action == PAUSE_REPLICATION:
            return self._replication.pause(region, names)
        if action == CUT_REGION:
            return self._subnets.cut(names, region=parameters["region"])
        scope = parameters["scope"]
        return self._subnets.cut(
            names, service=ANY if scope == "all" else scope, region=ANY if scope == "all" else region
        )


def resolved(target: Mapping[str, Any], region: str) -> list[str]:
    """The ARNs of a target that are there, of the Region and the account whose request is served."""
    named = list(target["resourceArns"])
    if target["resourceType"] == "aws:dynamodb:global-table":
        tables = ministack.DYNAMODB_TABLES.value
        return [
            each
            for each in named
            if each.split(":")[3] == region
            and (table := tables.get(each.rpartition("/")[2])) is not None
            and ministack.DYNAMODB_REPLICAS.value(table)
        ]
    found = []
    for each in named:
        try:
            api("ec2", region).describe_subnets(SubnetIds=[each.rpartition("/")[2]])
        except ClientError:
            continue
        found.append(each)
    return found
