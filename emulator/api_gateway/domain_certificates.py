"""Which certificates a custom domain of API Gateway may have.

"Before setting up a custom domain name for an API, you must have an SSL/TLS certificate ready in AWS Certificate
Manager", "in the same Region as your API" (API Gateway Developer Guide, getting certificates ready). MiniStack takes
every ARN. API Gateway's own words for the refusal are not documented; that it is a `BadRequestException` is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator import certificates, ministack
from emulator.ministack import get_region

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def install() -> None:
    """Stand in front of what makes a custom domain and what changes it, for the API and for CloudFormation."""
    for name in (ministack.APIGATEWAY_CREATE_DOMAIN, ministack.APIGATEWAY_UPDATE_DOMAIN):
        name.replace(_guarded(name.value))


def _guarded(stock: Callable[..., Any]) -> Callable[..., Any]:
    def act(*arguments: Any) -> Any:
        complaint = complaint_of(arguments[-1])
        return (
            ministack.APIGATEWAY_ERROR.value("BadRequestException", complaint, 400) if complaint else stock(*arguments)
        )

    return act


def complaint_of(asked: Mapping[str, Any]) -> str | None:
    """Why the certificate of a request may not be used; None where it may, or where the request names none."""
    for each in asked.get("domainNameConfigurations") or ():
        certificate = each.get("certificateArn")
        status = certificates.status(certificate) if certificate else "ISSUED"
        if status is None:
            return f"The certificate {certificate} does not exist in {get_region()}"
        if status != "ISSUED":
            return f"The certificate {certificate} has the status {status} and must be issued"
    return None
