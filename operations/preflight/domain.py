"""Whether the API's name leads anywhere: its zone is delegated, and its certificates will be valid for a while."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dns.exception
import dns.resolver

from contract import parameters
from operations.errors import OperationError
from operations.preflight.lines import ObjectionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from operations.preflight.lines import Subject

VALID_DAYS = 30
"""ACM renews a certificate 60 days before its end: one with less than this left was not renewed (ACM User Guide)."""
QUESTION_SECONDS = 3.0


def name_servers(name: str) -> set[str]:
    """Return the name servers that the public DNS has for a zone; raises OperationError when it does not answer."""
    try:
        answer = dns.resolver.resolve(name, "NS", lifetime=QUESTION_SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return set()
    except (dns.exception.DNSException, OSError) as error:
        raise OperationError(f"DNS does not answer for {name}: {error}") from error
    return {server.target.to_text(omit_final_dot=True).lower() for server in answer}


def delegated(subject: Subject, ask: Callable[[str], set[str]]) -> str:
    """The zone of the stage, which its parent must delegate to the name servers that Route 53 gave it."""
    region = subject.regions.primary
    zone_id = subject.deployed.find(region, parameters.HOSTED_ZONE_ID)
    if zone_id is None:
        if not subject.deployed.has(region):
            raise OperationError(f"{region} does not tell the zone")
        return "the stage has no zone of its own"
    zone = subject.endpoint.client("route53", region).get_hosted_zone(Id=zone_id)
    given = {server.lower() for server in zone.get("DelegationSet", {}).get("NameServers", [])}
    name = zone["HostedZone"]["Name"].rstrip(".")
    answered = ask(name)
    if not answered:
        raise ObjectionError(
            f"{name} is not delegated", remedy=f"enter as its name servers: {', '.join(sorted(given))}"
        )
    if answered != given:
        raise ObjectionError(
            f"{name} is delegated to {', '.join(sorted(answered))}",
            remedy=f"enter as its name servers: {', '.join(sorted(given))}",
        )
    return f"{name} is delegated to the zone"


def certificate(subject: Subject, region: str) -> str:
    """The certificate for the API's name in a Region, issued and valid for a month at least."""
    name = subject.deployed.find(region, parameters.API_NAME)
    if name is None:
        if not subject.deployed.has(region):
            raise OperationError(f"{region} does not tell the stage's name")
        return "the stage has no name of its own: AWS's certificates serve its URLs"
    client = subject.endpoint.client("acm", region)
    pages = client.get_paginator("list_certificates").paginate()
    arns = [
        each["CertificateArn"]
        for page in pages
        for each in page["CertificateSummaryList"]
        if each.get("DomainName") == name
    ]
    if not arns:
        raise OperationError(f"{region} has no certificate for {name}: clients speak TLS with the name of its own API")
    problems = []
    for arn in arns:
        held = client.describe_certificate(CertificateArn=arn)["Certificate"]
        until = held.get("NotAfter")
        days = None if until is None else (until - datetime.now(tz=UTC)).days
        if held["Status"] == "ISSUED" and (days is None or days >= VALID_DAYS):
            return f"valid for {days} days" if days is not None else "issued"
        problems.append(f"{held['Status'].lower()}" + (f", valid for {days} days" if days is not None else ""))
    raise ObjectionError(f"the certificate for {name} is {'; '.join(problems)}")
