"""Work in the embedded AWS by a role for people, as `AWS_PROFILE` does on AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract.names import Names
from contract.patterns import EMBEDDED_ACCOUNT
from operations.endpoint import EMBEDDED_CREDENTIALS

if TYPE_CHECKING:
    from operations.endpoint import Endpoint


def names_of(stage: str) -> Names:
    """Return the names of a stage in the embedded account."""
    return Names(stage=stage, account=EMBEDDED_ACCOUNT)


def session_of(endpoint: Endpoint, role_arn: str, *, region: str, name: str) -> dict[str, str]:
    """Assume a role as `name` and return the environment variable by which `tandem` works by it and by nothing else."""
    given = endpoint.client("sts", region).assume_role(RoleArn=role_arn, RoleSessionName=name)["Credentials"]
    words = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    return {EMBEDDED_CREDENTIALS: " ".join(words)}
