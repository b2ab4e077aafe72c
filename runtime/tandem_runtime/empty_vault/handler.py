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
"""What is kept of the function's time to answer CloudFormation."""


def handler(event: Mapping[str, Any], context: Any) -> None:
    """Empty the vault on Delete, do nothing on Create and Update, and answer in every case."""
    name, arn = (event["ResourceProperties"][key] for key in ("Vault", "Arn"))
    failure = ""
    try:
        if event["RequestType"] == "Delete":
            empty(
                Vault(boto3.client("backup"), name, arn),
                time_is_left=lambda: context.get_remaining_time_in_millis() > _ANSWER_MILLISECONDS,
                pause=lambda: time.sleep(_PAUSE_SECONDS),
            )
    except Exception as error:  # noqa: BLE001 - without an answer CloudFormation would wait for an hour
        failure = f"vault {name}: {error}"
    answer(event, physical_id=f"empty-{name}", failure=failure)
