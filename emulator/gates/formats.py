"""The kinds of text that a schema's `format` names: identifiers of AWS's, JSON, networks, times and numbers.

AWS's schemas use the general ones; cfn-lint adds those of AWS's identifiers, whose shapes the services' API references
give. Each function returns whether a text is of its kind. `string` and `password` say nothing of a value.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import math
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from contract.names import arn

if TYPE_CHECKING:
    from collections.abc import Callable

_OTHER_ID = r"([0-9a-fA-F]{8}|[0-9a-fA-F]{17})"
_KEY = r"(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_ALIAS = r"alias/[a-zA-Z0-9:/_-]+"
_ACCOUNT, _REGION = r"\d{12}", r"[a-z]{2}(-[a-z]+)+-\d"
_KEY_ARN = arn("kms", "(key|alias)/.+", region=_REGION, account=_ACCOUNT)
_PATTERNS = {
    "AWS::ACM::Certificate.Arn": arn("acm", "certificate/.+", region=_REGION, account=_ACCOUNT),
    "AWS::EC2::Image.Id": r"ami-([0-9a-z]{8}|[0-9a-z]{17})",
    "AWS::EC2::SecurityGroup.Id": f"sg-{_OTHER_ID}",
    "AWS::EC2::SecurityGroup.Name": r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]+",
    "AWS::EC2::Subnet.Id": f"subnet-{_OTHER_ID}",
    "AWS::EC2::VPC.Id": f"vpc-{_OTHER_ID}",
    "AWS::IAM::Role.Arn": arn("iam", "role/.+", account=_ACCOUNT),
    "AWS::KMS::Alias.AliasName": _ALIAS,
    "AWS::KMS::Key.Arn": _KEY_ARN,
    "AWS::KMS::Key.Id": f"{_KEY}|{_ALIAS}|{_KEY_ARN}",
    "AWS::Lambda::Function.Arn": arn("lambda", "function:.+", region=_REGION, account=_ACCOUNT),
    "AWS::Logs::LogGroup.Name": r"[.\-_/#A-Za-z0-9]{1,512}",
    "AWS::Route53::AliasTarget.HostedZoneId": r"[A-Z0-9]{1,32}",
    "AWS::Route53::HostedZone.Id": r"(/hostedzone/)?[A-Z0-9]{1,32}",
    "AWS::S3::Bucket.Name": r"(?!.*(\.\.|-\.|\.-))[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    "AWS::SNS::Topic.Arn": arn("sns", ".+", region=_REGION, account=_ACCOUNT),
    "AWS::SQS::Queue.Arn": arn("sqs", ".+", region=_REGION, account=_ACCOUNT),
}
_LISTS = {
    "AWS::EC2::SecurityGroup.Ids": "AWS::EC2::SecurityGroup.Id",
    "AWS::EC2::SecurityGroup.Names": "AWS::EC2::SecurityGroup.Name",
    "AWS::EC2::Subnet.Ids": "AWS::EC2::Subnet.Id",
}
"""Formats of lists: that of each member."""

_INT64 = 2**63
UNCONSTRAINED = frozenset({"string", "password"})


def of(name: str) -> Callable[[Any], bool] | None:
    """What a value of the format `name` satisfies; None where the name is not known, or constrains nothing."""
    if member := _LISTS.get(name):
        each = _matching(member)
        return lambda value: not isinstance(value, list) or all(map(each, value))
    if name in _PATTERNS:
        return _matching(name)
    return _KINDS.get(name)


def _matching(name: str) -> Callable[[Any], bool]:
    matches = re.compile(_PATTERNS[name]).fullmatch
    return lambda value: not isinstance(value, str) or matches(value) is not None


def _parsed(parse: Callable[[str], Any]) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        if not isinstance(value, str):
            return True
        try:
            parse(value)
        except ValueError:
            return False
        return True

    return check


def _network(version: int) -> Callable[[str], Any]:
    def parse(text: str) -> None:
        # EC2 takes a network with host bits and clears them (VPC User Guide, "VPC CIDR blocks"), but no bare address
        if "/" not in text or ipaddress.ip_network(text, strict=False).version != version:
            raise ValueError(text)

    return parse


def _uri(text: str) -> None:
    if not urlsplit(text).scheme:
        raise ValueError(text)


def _number(lowest: float, beyond: float) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return True
        return math.isfinite(value) and lowest <= value < beyond

    return check


_KINDS: dict[str, Callable[[Any], bool]] = {
    "json": _parsed(json.loads),
    "ipv4-network": _parsed(_network(4)),
    "ipv6-network": _parsed(_network(6)),
    "date-time": _parsed(dt.datetime.fromisoformat),
    "timestamp": _parsed(dt.datetime.fromisoformat),
    "uri": _parsed(_uri),
    "int64": _number(-_INT64, _INT64),
    "double": _number(-math.inf, math.inf),
}
