"""The role that AWS Backup works by: it has to trust the service, and its policies are held to each request."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from contract.names import arn
from emulator import ministack
from emulator.cloudformation.calls import api
from emulator.ministack import get_account_id, get_region

if TYPE_CHECKING:
    from collections.abc import Mapping

_SERVICE = "backup.amazonaws.com"


class RoleError(Exception):
    """Why AWS Backup cannot work by a role."""


@dataclass(frozen=True, kw_only=True)
class BackupRole:
    """A role that trusts AWS Backup."""

    credentials: Mapping[str, str] = field(repr=False)

    @classmethod
    def trusted(cls, role_arn: str) -> BackupRole:
        """The role of this ARN; raises RoleError for one that is not there, or does not trust the service."""
        name = role_arn.rpartition("/")[2]
        try:
            role = api("iam").get_role(RoleName=name)["Role"]
        except ClientError as error:
            raise RoleError(f"role {role_arn} is not there") from error
        if not any(_admits(statement) for statement in _statements(role["AssumeRolePolicyDocument"])):
            raise RoleError(f"role {role_arn} does not trust {_SERVICE}")
        # a session of the role, made as MiniStack makes one for a function
        caller = arn("lambda", "function:aws-backup", region=get_region(), account=get_account_id())
        session = {"Role": role_arn, "FunctionArn": caller, "FunctionName": "AWSBackup"}
        return cls(credentials=ministack.LAMBDA_CREDENTIALS.value(session))

    def client(self, service: str) -> Any:
        """A client of the present Region that signs by the role."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=api(service).meta.endpoint_url,
            region_name=get_region(),
            aws_access_key_id=self.credentials["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.credentials["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=self.credentials["AWS_SESSION_TOKEN"],
            config=Config(retries={"max_attempts": 1}, read_timeout=300),
        )


def _statements(policy: Any) -> list[Any]:
    document = json.loads(policy) if isinstance(policy, str) else policy
    statements = document["Statement"]
    return statements if isinstance(statements, list) else [statements]


def _admits(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    services = principal.get("Service", []) if isinstance(principal, dict) else []
    named = [services] if isinstance(services, str) else services
    return statement.get("Effect") == "Allow" and _SERVICE in named
