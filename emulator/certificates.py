"""ACM's certificates: pending until the record that proves the domain stands in Route 53, and issued from then on.

MiniStack issues every certificate at once. Sources: ACM User Guide, "DNS validation" (one CNAME, the same for a name in
every Region of an account, which has to stay for the renewal) and CloudFormation Template Reference,
`AWS::CertificateManager::Certificate` (with a `HostedZoneId` it makes the record itself, waits until the certificate is
issued, and leaves the record when the certificate is deleted).
"""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, Any

from contract.waiting import wait_until
from emulator import ministack
from emulator.cloudformation.calls import api
from emulator.cloudformation.resource_types.registry import HANDLERS, Properties, register, stock_handlers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_TYPE = "AWS::CertificateManager::Certificate"
_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 72 * 3600.0
"""ACM gives a certificate up that is not validated within 72 hours (ACM User Guide)."""
_RECORD_TTL = 300
_ENDING = threading.Event()
"""Set when the embedded AWS ends, which waits for the threads that make stacks."""

_ONCE_ISSUED = ("IssuedAt", "NotBefore", "NotAfter")


def validation(account: str, domain: str, method: str) -> dict[str, Any]:
    """How a name of a certificate is validated: by the same record in every Region of an account."""
    base = domain.removeprefix("*.")
    told: dict[str, Any] = {"DomainName": domain, "ValidationMethod": method, "ValidationStatus": "PENDING_VALIDATION"}
    if method == "DNS":
        secret = hashlib.sha256(f"{account} {base}".encode()).hexdigest()
        value = f"_{secret[32:]}.{_letters(secret)}.acm-validations.aws."
        told["ResourceRecord"] = {"Name": f"_{secret[:32]}.{base}.", "Type": "CNAME", "Value": value}
    return told


def _letters(secret: str) -> str:
    return "".join(chr(ord("a") + int(each, 16)) for each in secret[:10])


def stands(record: Mapping[str, str], sets: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a validation record is among the record sets of Route 53."""
    name, value = _plain(record["Name"]), _plain(record["Value"])
    return any(
        _plain(each["Name"]) == name
        and each["Type"] == record["Type"]
        and value in [_plain(one) for one in each.get("ResourceRecords", [])]
        for each in sets
    )


def _plain(name: str) -> str:
    return name.rstrip(".").lower()


def refresh(certificate: dict[str, Any], sets: Callable[[], Iterable[Mapping[str, Any]]]) -> None:
    """Issue a pending certificate whose records all stand; what is issued stays so without them until its renewal."""
    if certificate["Status"] != "PENDING_VALIDATION":
        return
    standing = list(sets())
    for option in certificate["DomainValidationOptions"]:
        record = option.get("ResourceRecord")
        if record and stands(record, standing):
            option["ValidationStatus"] = "SUCCESS"
    if all(option["ValidationStatus"] == "SUCCESS" for option in certificate["DomainValidationOptions"]):
        certificate["Status"] = "ISSUED"


def issued(region: str, name: str) -> bool:
    """Whether ACM has issued a certificate for this name in a Region."""
    certificates = ministack.everywhere(ministack.ACM_CERTIFICATES.value)
    for (_, place, _), each in list(certificates.items()):
        if place == region and name in each.get("SubjectAlternativeNames", ()):
            refresh(each, _record_sets)
            if each["Status"] == "ISSUED":
                return True
    return False


def status(arn: str) -> str | None:
    """The status of a certificate of the request's Region, None where there is no such certificate."""
    certificate = ministack.ACM_CERTIFICATES.value.get(arn)
    if certificate is None:
        return None
    refresh(certificate, _record_sets)
    return str(certificate["Status"])


def install() -> None:
    """Take the place of MiniStack's issuing, for ACM's API and for CloudFormation."""
    shape, listed, request = ministack.ACM_SHAPE.value, ministack.ACM_LIST.value, ministack.ACM_REQUEST.value

    def shaped(certificate: dict[str, Any]) -> Any:
        refresh(certificate, _record_sets)
        told = shape(certificate)
        pending = certificate["Status"] == "PENDING_VALIDATION"
        return {name: value for name, value in told.items() if not (pending and name in _ONCE_ISSUED)}

    def listing(data: Any) -> Any:
        for certificate in list(ministack.ACM_CERTIFICATES.value.values()):
            refresh(certificate, _record_sets)
        return listed(data)

    def requested(data: dict[str, Any]) -> Any:
        before = set(ministack.ACM_CERTIFICATES.value)
        answer = request({"ValidationMethod": "EMAIL", **data})
        for arn in set(ministack.ACM_CERTIFICATES.value) - before:
            ministack.ACM_CERTIFICATES.value[arn]["Status"] = "PENDING_VALIDATION"
        return answer

    ministack.ACM_VALIDATION.replace(lambda domain, method: validation(ministack.get_account_id(), domain, method))
    ministack.ACM_SHAPE.replace(shaped)
    ministack.ACM_LIST.replace(listing)
    ministack.ACM_REQUEST.replace(requested)
    register(_TYPE, create=_creating(stock_handlers(_TYPE)["create"]))
    ministack.CFN_HANDLERS.value[_TYPE] = HANDLERS[_TYPE]


def stop() -> None:
    """Have nobody wait for a certificate any more."""
    _ENDING.set()


def _creating(stock: Callable[..., Any]) -> Callable[..., Any]:
    """Make a certificate as CloudFormation does: with its record where the template names the zone, and issued."""

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        arn, attributes = stock(logical_id, properties, stack)
        certificate = ministack.ACM_CERTIFICATES.value[arn]
        certificate["Status"] = "PENDING_VALIDATION"
        told = properties.get("DomainValidationOptions") or ()
        zones = {each["DomainName"]: each.get("HostedZoneId") for each in told}
        for option in certificate["DomainValidationOptions"]:
            if zone := zones.get(option["DomainName"]):
                _upsert(str(zone), option["ResourceRecord"])
        _wait(certificate)
        return arn, attributes

    return create


def _upsert(zone: str, record: Mapping[str, str]) -> None:
    told = {**record, "TTL": _RECORD_TTL, "ResourceRecords": [{"Value": record["Value"]}]}
    told.pop("Value")
    changes = [{"Action": "UPSERT", "ResourceRecordSet": told}]
    api("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def _wait(certificate: dict[str, Any]) -> None:
    """Wait as CloudFormation does; raises ValueError when the certificate is gone or has timed out, or at the end."""
    arn = certificate["CertificateArn"]

    def is_over() -> bool:
        refresh(certificate, _record_sets)
        gone = arn not in ministack.ACM_CERTIFICATES.value
        return certificate["Status"] != "PENDING_VALIDATION" or gone or _ENDING.is_set()

    def pause(seconds: float) -> None:
        _ENDING.wait(seconds)

    wait_until(is_over, seconds=_PATIENCE_SECONDS, pause=_POLL_SECONDS, sleep=pause)
    if certificate["Status"] == "PENDING_VALIDATION":
        when = "when the embedded AWS ended" if _ENDING.is_set() else "in time"
        raise ValueError(f"certificate {arn} was not validated {when}: make the record that DescribeCertificate tells")


def _record_sets() -> list[Mapping[str, Any]]:
    """Every record set of every public zone."""
    sets = ministack.everywhere(ministack.ROUTE53_RECORDS.value)
    zones = ministack.everywhere(ministack.ROUTE53_ZONES.value)
    return [each for key, zone in list(zones.items()) if not zone.get("private") for each in sets.get(key, [])]
