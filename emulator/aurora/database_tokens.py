"""The tokens with which IAM principals log in to a database (Aurora User Guide, IAM database authentication)."""

from __future__ import annotations

import logging

from contract.names import arn
from emulator import ministack
from emulator.ministack import request_scope

_logger = logging.getLogger("emulator.aurora.database_tokens")


def admits(cluster_arn: str, address: tuple[str, int], user: str, token: str) -> bool:
    """Whether `token` logs `user` in at the cluster's endpoint.

    It must be signed for this endpoint, Region and user, by a key that is known, at most 15 minutes ago, and the key's
    owner must be allowed `rds-db:connect` on the cluster's resource id and user.
    """
    refusal = _refusal(cluster_arn, address, user, token)
    if refusal:
        _logger.warning("refused %s at %s: %s", user, cluster_arn, refusal)
    return not refusal


def _refusal(cluster_arn: str, address: tuple[str, int], user: str, token: str) -> str:
    _, _, _, region, account, _, name = cluster_arn.split(":")
    cluster = ministack.RDS_CLUSTERS.value.get_scoped(account, region, name) or {}
    if not cluster.get("IAMDatabaseAuthenticationEnabled"):
        return "IAM database authentication is off"
    host, port = address
    known = ministack.RDS_VERIFY_TOKEN.value(
        token, hostname=host, port=port, db_user=user, region=region, account_id=account
    )
    if isinstance(known, ministack.RDS_TOKEN_ERROR.value):
        return str(known.code)
    with request_scope(account, region):
        principal = ministack.IAM_PRINCIPAL.value(known.access_key_id, account)
        if isinstance(principal, ministack.IAM_AUTH_ERROR.value):
            return str(principal.code)
        if principal.policies is None:
            return ""  # the root user, who may do everything
        login = ministack.IAM_CONTEXT.value(
            principal_arn=principal.arn,
            principal_type=principal.type,
            principal_account=account,
            action="rds-db:connect",
            resource_arn=arn(
                "rds-db", f"dbuser:{cluster['DbClusterResourceId']}/{user}", region=region, account=account
            ),
            region=region,
            principal_keys=principal.keys,
        )
        result = ministack.IAM_EVALUATE.value(login, principal.policies, *principal.limits)
    return "" if result.decision == "Allow" else f"{principal.arn} is not allowed rds-db:connect"
