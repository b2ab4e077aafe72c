"""Who may do what: MiniStack's IAM, switched on, with the gaps closed through which a request could pass unchecked.

MiniStack checks signatures, session tokens and policies of users and roles where `AUTH` is set. It does not check the
root user's signature, takes a request without a signature for the root user's, and accepts a signature for any Region
or service at an API of API Gateway. Here none of that passes.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from contract.names import arn
from emulator import ministack
from emulator.iam import authorized_resources
from emulator.ministack import get_account_id, request_scope

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT_SECRET = "test"  # noqa: S105 - of the root user of every account here, where nothing is worth a secret
"""Its access key is `test`, which the operator's tools use, or the account's number, which the emulator uses itself."""

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_SESSION_SECONDS = 10 * 365 * 86_400.0
"""Lambda replaces a role's credentials before they expire; here an execution environment keeps those it began with."""

_logger = logging.getLogger("emulator.iam.authorization")


def install() -> None:
    """Check every request from now on."""
    identity = ministack.IAM_IDENTITY.value
    enforce = ministack.IAM_ENFORCE.value
    pin_origin = ministack.APP_PIN_ORIGIN.value
    credentials = ministack.LAMBDA_CREDENTIALS.value

    def identity_of(access_key: str) -> Any:
        if not _is_root(access_key):
            return identity(access_key)
        account = get_account_id()
        root = arn("iam", "root", account=account)
        names = {"accessKey": access_key, "accountId": account, "userArn": root, "userId": account}
        return {**names, "principalOrgId": ministack.IAM_ORGANIZATION.value(account), "session": None}

    def enforced(access_key: str, action: str, service: str, region: str, **more: Any) -> Any:
        refusal = enforce(access_key, action, service, region, **more)
        if refusal is not None:
            _logger.warning("refused %s on %s: %s", action, more.get("resource_arn", "*"), refusal)
        return refusal

    def credentials_of(config: dict[str, Any]) -> dict[str, str]:
        made: dict[str, str] = credentials(config)
        ministack.STS_SESSIONS.value[made["AWS_ACCESS_KEY_ID"]]["Expiration"] = time.time() + _SESSION_SECONDS
        return made

    authorized_resources.install()
    ministack.IAM_IS_ROOT.replace(_is_root)
    # this one says whose signature need not be checked
    ministack.IAM_IS_ROOT_KEY.replace(lambda _: False)
    ministack.IAM_IDENTITY.replace(identity_of)
    ministack.IAM_ENFORCE.replace(enforced)
    ministack.LAMBDA_CREDENTIALS.replace(credentials_of)
    # loopback stands for TLS, which policies demand
    ministack.APP_PIN_ORIGIN.replace(lambda address, _: pin_origin(address, True))  # noqa: FBT003 - MiniStack's signature
    ministack.APP_ENFORCE_API.replace(_refuse_to_execute(ministack.APP_ENFORCE_API.value))


def authorize(
    scope: Mapping[str, Any],
    body: bytes,
    *,
    access_key: str,
    action: str,
    region: str,
    resource: str,
    context: Mapping[str, str] | None = None,
) -> str | None:
    """Return why a request to an API that MiniStack does not have is refused, None where it is allowed.

    `context` are the service's condition keys, such as the tags of the resource.
    """
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    ministack.IAM_PIN_REQUEST.value(scope["method"], scope["raw_path"].decode("latin-1"), query, scope["headers"])
    ministack.IAM_PIN_BODY.value(body)
    service = action.partition(":")[0]
    refusal = ministack.IAM_ENFORCE.value(
        access_key, action, service, region, resource_arn=resource, service_context=context
    )
    if refusal is None:
        return None
    return str(getattr(refusal, "message", "") or f"{refusal.principal_arn} is not authorized to perform {action}")


def _is_root(access_key: str) -> bool:
    return access_key == "test" or bool(_ACCOUNT.fullmatch(access_key or ""))


def _refuse_to_execute(stock: Any) -> Any:
    """Stand in front of the check of requests to APIs."""

    def refused(
        api_id: str, stage: str, method: str, path: str, *request: Any, iam_action: str = "execute-api:Invoke"
    ) -> Any:
        scope = ministack.APIGATEWAY_SCOPE_OF.value(api_id)
        if scope is None or iam_action != "execute-api:Invoke":
            return stock(api_id, stage, method, path, *request, iam_action=iam_action)
        if ministack.APIGATEWAY_AUTHORIZATION.value(api_id, stage, method, path) != "AWS_IAM":
            return None  # no such route, which the API answers with 404, or one with another authorizer or none
        account, region = scope
        with request_scope(account, region):
            if _is_signed_for(region, request[0]) and not stock(
                api_id, stage, method, path, *request, iam_action=iam_action
            ):
                return None
        return 403, {"Content-Type": "application/json"}, json.dumps({"message": "Forbidden"}).encode()

    return refused


def _is_signed_for(region: str, headers: Mapping[str, str]) -> bool:
    """Whether a header signs the request for API Gateway in `region`, its host and its body included."""
    if not headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
        return False
    signature = ministack.SIGV4_PARSE.value(headers)
    if isinstance(signature, tuple) or (signature.region, signature.service) != (region, "execute-api"):
        return False
    request = ministack.IAM_SIGNED_REQUEST.value.get()
    if request is None or "host" not in signature.signed_headers.split(";"):
        return False
    stated = request.headers.get("x-amz-content-sha256")
    return stated is None or stated == hashlib.sha256(request.body).hexdigest()
