"""Answers of AWS that no call can go on with: refused credentials, and what is no answer of AWS at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from operations.errors import CredentialsError, OperationError, WrongInputError

if TYPE_CHECKING:
    import boto3

REFUSED = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""Codes by which a service refuses who asks, not what is asked (each API's reference, "Common Errors")."""
UNUSABLE = (
    exceptions.ConfigNotFound,
    exceptions.ConfigParseError,
    exceptions.CredentialRetrievalError,
    exceptions.InfiniteLoopConfigError,
    exceptions.InvalidConfigError,
    exceptions.InvalidRegionError,
    exceptions.MetadataRetrievalError,
    exceptions.NoCredentialsError,
    exceptions.NoRegionError,
    exceptions.PartialCredentialsError,
    exceptions.ProfileNotFound,
    exceptions.RefreshWithMFAUnsupportedError,
    exceptions.SSOError,
    exceptions.TokenRetrievalError,
    exceptions.UnknownCredentialError,
)
JSON_PROTOCOLS = frozenset({"json", "rest-json"})
SUCCESS = range(200, 300)


class UnreadableAnswerError(BotoCoreError):
    """Something answered that is not AWS, or not whole: it is handled as a Region that does not answer is."""

    fmt = "{operation} was answered with what AWS does not say ({reason}): look for a proxy or another server between"


def credentials_error(error: Exception | str) -> CredentialsError:
    """Return the one line for credentials or a configuration that cannot be used."""
    return CredentialsError(
        f"the AWS credentials or configuration cannot be used ({' '.join(str(error).split())[:300]}): "
        "renew or correct them, or set AWS_PROFILE or the AWS_* variables"
    )


def watch(session: boto3.Session) -> None:
    """Have every client of the session raise CredentialsError or UnreadableAnswerError, before anybody reads on."""
    session.events.register("after-call", _answered)
    session.events.register("after-call-error", _failed)


def _answered(*, http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
    if http_response.status_code not in SUCCESS:
        error = parsed.get("Error", {})
        if error.get("Code") in REFUSED:
            raise credentials_error(f"{error['Code']}: {error.get('Message', '')}")
        return
    shape = model.output_shape
    if shape is None or not shape.members or model.has_streaming_output or parsed.keys() & shape.members.keys():
        return
    reason = _unreadable(http_response.content, model.service_model.resolved_protocol)
    if reason is not None:
        raise UnreadableAnswerError(operation=model.name, reason=reason)


def _unreadable(body: bytes, protocol: str) -> str | None:
    if not body.strip():
        return "an empty body"
    if protocol not in JSON_PROTOCOLS:
        return None  # botocore's XML parser has refused what is none
    try:
        readable = isinstance(json.loads(body), dict)
    except ValueError:
        readable = False
    return None if readable else f"it begins {body[:40].decode(errors='replace')!r}"


def _failed(*, exception: Exception, **_: Any) -> None:
    if isinstance(exception, (WrongInputError, OperationError)):
        return
    if isinstance(exception, (*UNUSABLE, ClientError)):  # a ClientError here is of the call that fetches credentials
        raise credentials_error(exception) from exception
    if not isinstance(exception, BotoCoreError):  # of a parser: botocore's own, or one that it trips over
        reason = " ".join(str(exception).split())[:120] or type(exception).__name__
        raise UnreadableAnswerError(operation="a call", reason=reason) from exception
