"""`empty_vault`: a custom resource of stages that can be destroyed; AWS deletes only empty vaults."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import boto3

from tandem_runtime.empty_vault.adapters import Vault
from tandem_runtime.empty_vault.logic import empty
from tandem_runtime.shared.custom_resource import answer

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAUSE_SECONDS = 5
_ANSWER_MILLISECONDS = 60_000
"""What is kept of the function's time to answer."""
_OF_0_2_0 = "Vault"
"""A property that only the resource of 0.2.0 has."""


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answer CDK's provider framework: empty the vault on Delete, do nothing on Create and Update.

    The resource of 0.2.0, which CloudFormation deletes when the stage is updated, was answered by the function itself.
    Its vault stays, so nothing is deleted for it.
    """
    properties = event["ResourceProperties"]
    if _OF_0_2_0 in properties:
        answer(event, physical_id=event["PhysicalResourceId"])
        return {}
    name = properties["VaultName"]
    if event["RequestType"] == "Delete":
        empty(
            Vault(boto3.client("backup"), name, properties["VaultArn"]),
            time_is_left=lambda: context.get_remaining_time_in_millis() > _ANSWER_MILLISECONDS,
            pause=lambda: time.sleep(_PAUSE_SECONDS),
        )
    return {"PhysicalResourceId": f"empty-{name}"}
