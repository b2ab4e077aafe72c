"""A certificate is pending until its record stands; then API Gateway shows it to who asks for its name."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from emulator.certificates import refresh, stands, validation
from tests.emulator.running import EAST, WEST, Running, embedded_aws, until

if TYPE_CHECKING:
    from collections.abc import Iterator

DOMAIN = "api.tandem.test"
ADDRESSES = {EAST: "127.0.1.1", WEST: "127.0.2.1"}


def test_a_name_has_one_record_in_every_region_of_an_account_and_shares_it_with_its_wildcard() -> None:
    record = validation("1", DOMAIN, "DNS")["ResourceRecord"]
    assert record == validation("1", f"*.{DOMAIN}", "DNS")["ResourceRecord"]
    assert record != validation("2", DOMAIN, "DNS")["ResourceRecord"]
    assert record["Name"].endswith(f".{DOMAIN}.")
    assert record["Value"].endswith(".acm-validations.aws.")


def test_only_the_very_record_validates() -> None:
    record = validation("1", DOMAIN, "DNS")["ResourceRecord"]
    standing = {"Name": record["Name"], "Type": "CNAME", "ResourceRecords": [{"Value": "other."}, record["Value"]]}
    assert not stands(record, [{**standing, "ResourceRecords": ["other."]}])
    assert not stands(record, [{**standing, "Type": "TXT", "ResourceRecords": [record["Value"]]}])
    assert stands(record, [{**standing, "ResourceRecords": [record["Value"].rstrip(".").upper()]}])


def test_a_certificate_of_two_names_wants_both_records_and_stays_issued_without_them() -> None:
    options = [validation("1", name, "DNS") for name in ("a.test", "b.test")]
    certificate: dict[str, Any] = {"Status": "PENDING_VALIDATION", "DomainValidationOptions": options}
    records = [
        {"Name": each["ResourceRecord"]["Name"], "Type": "CNAME", "ResourceRecords": [each["ResourceRecord"]["Value"]]}
        for each in options
    ]
    refresh(certificate, lambda: records[:1])
    assert certificate["Status"] == "PENDING_VALIDATION"
    refresh(certificate, lambda: records)
    assert certificate["Status"] == "ISSUED"
    refresh(certificate, list)
    assert certificate["Status"] == "ISSUED"


@pytest.fixture(scope="module")
def aws() -> Iterator[Running]:
    with embedded_aws("certificates") as running:
        yield running


@pytest.fixture(scope="module")
def zone(aws: Running) -> str:
    made = aws.client("route53").create_hosted_zone(Name="tandem.test", CallerReference="zone")
    return str(made["HostedZone"]["Id"]).rpartition("/")[2]


def _change(aws: Running, zone: str, action: str, record: dict[str, str]) -> None:
    told = {"Name": record["Name"], "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": record["Value"]}]}
    changes = [{"Action": action, "ResourceRecordSet": told}]
    aws.client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def _certificate(aws: Running, region: str, arn: str) -> dict[str, Any]:
    told: dict[str, Any] = aws.client("acm", region).describe_certificate(CertificateArn=arn)["Certificate"]
    return told


def test_a_certificate_is_pending_until_its_record_stands(aws: Running, zone: str) -> None:
    asked = {"DomainName": "one.tandem.test", "ValidationMethod": "DNS"}
    arn = aws.client("acm").request_certificate(**asked)["CertificateArn"]
    pending = _certificate(aws, EAST, arn)
    assert (pending["Status"], "IssuedAt" in pending) == ("PENDING_VALIDATION", False)
    record = pending["DomainValidationOptions"][0]["ResourceRecord"]
    _change(aws, zone, "UPSERT", record)
    assert _certificate(aws, EAST, arn)["Status"] == "ISSUED"
    _change(aws, zone, "DELETE", record)


def test_a_stack_makes_the_record_in_both_regions_and_leaves_it_and_without_a_zone_it_waits(
    aws: Running, zone: str
) -> None:
    option = {"DomainName": "two.tandem.test", "HostedZoneId": zone}
    properties = {"DomainName": "two.tandem.test", "ValidationMethod": "DNS", "DomainValidationOptions": [option]}
    for region in ADDRESSES:
        _create_stack(aws, region, "validated", properties)
        _wait_for(aws, region, "validated", "CREATE_COMPLETE")
    aws.client("cloudformation").delete_stack(StackName="validated")
    _wait_for(aws, EAST, "validated", "DELETE_COMPLETE")
    records = aws.client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    [left] = [each for each in records if each["Name"].endswith(".two.tandem.test.")]
    with pytest.raises(aws.client("route53").exceptions.HostedZoneNotEmpty):
        aws.client("route53").delete_hosted_zone(Id=zone)
    changes = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": left}]}
    aws.client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=changes)

    unnamed = {"DomainName": "three.tandem.test", "ValidationMethod": "DNS"}
    creating = threading.Thread(target=_create_stack, args=(aws, EAST, "waits", unnamed))
    creating.start()
    acm = aws.client("acm")

    def pending() -> list[str]:
        listed = acm.list_certificates(CertificateStatuses=["PENDING_VALIDATION"])["CertificateSummaryList"]
        return [each["CertificateArn"] for each in listed if each["DomainName"] == "three.tandem.test"]

    [arn] = until(pending)
    status = aws.client("cloudformation").describe_stacks(StackName="waits")["Stacks"][0]["StackStatus"]
    assert status == "CREATE_IN_PROGRESS"
    record = _certificate(aws, EAST, arn)["DomainValidationOptions"][0]["ResourceRecord"]
    _change(aws, zone, "UPSERT", record)
    _wait_for(aws, EAST, "waits", "CREATE_COMPLETE")
    creating.join()


def _create_stack(aws: Running, region: str, name: str, properties: dict[str, Any]) -> None:
    resource = {"Type": "AWS::CertificateManager::Certificate", "Properties": properties}
    body = json.dumps({"Resources": {"Certificate": resource}})
    aws.client("cloudformation", region).create_stack(StackName=name, TemplateBody=body)


def _wait_for(aws: Running, region: str, name: str, status: str) -> None:
    def statuses() -> list[str]:
        summaries = aws.client("cloudformation", region).list_stacks()["StackSummaries"]
        return [each["StackStatus"] for each in summaries if each["StackName"] == name]

    until(lambda: status in statuses(), what=f"{name} in {region} is {statuses}")


@pytest.fixture(scope="module")
def names(aws: Running, zone: str) -> dict[str, str]:
    """The custom domain in both Regions, each with a function of its own; the Regions' own targets by Region."""
    targets = {}
    for region in ADDRESSES:
        acm, apis = aws.client("acm", region), aws.client("apigatewayv2", region)
        arn = acm.request_certificate(DomainName=DOMAIN, ValidationMethod="DNS")["CertificateArn"]
        _change(aws, zone, "UPSERT", _certificate(aws, region, arn)["DomainValidationOptions"][0]["ResourceRecord"])
        aws.function(region, "tells", f"def handler(event, context): return '{region} ' + event['headers']['host']")
        function = aws.client("lambda", region).get_function(FunctionName="tells")["Configuration"]["FunctionArn"]
        api = apis.create_api(Name="api", ProtocolType="HTTP")["ApiId"]
        target = {"IntegrationType": "AWS_PROXY", "IntegrationUri": function, "PayloadFormatVersion": "2.0"}
        integration = apis.create_integration(ApiId=api, **target)["IntegrationId"]
        apis.create_route(ApiId=api, RouteKey="GET /", Target=f"integrations/{integration}")
        apis.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
        made = apis.create_domain_name(DomainName=DOMAIN, DomainNameConfigurations=[{"CertificateArn": arn}])
        apis.create_api_mapping(DomainName=DOMAIN, ApiId=api, Stage="$default")
        targets[region] = made["DomainNameConfigurations"][0]["ApiGatewayDomainName"]
    return targets


def test_a_custom_domain_takes_no_certificate_that_is_pending_or_of_another_region(aws: Running, zone: str) -> None:
    acm, apis = aws.client("acm"), aws.client("apigatewayv2")
    arn = acm.request_certificate(DomainName="four.tandem.test", ValidationMethod="DNS")["CertificateArn"]
    asked = {"DomainName": "four.tandem.test", "DomainNameConfigurations": [{"CertificateArn": arn}]}
    with pytest.raises(apis.exceptions.BadRequestException, match="PENDING_VALIDATION"):
        apis.create_domain_name(**asked)
    with pytest.raises(apis.exceptions.BadRequestException, match=f"does not exist in {WEST}"):
        aws.client("apigatewayv2", WEST).create_domain_name(**asked)
    record = _certificate(aws, EAST, arn)["DomainValidationOptions"][0]["ResourceRecord"]
    _change(aws, zone, "UPSERT", record)
    made = apis.create_domain_name(**asked)["DomainNameConfigurations"]
    assert [each["CertificateArn"] for each in made] == [arn]
    pending = acm.request_certificate(DomainName="five.tandem.test", ValidationMethod="DNS")["CertificateArn"]
    with pytest.raises(apis.exceptions.BadRequestException, match="PENDING_VALIDATION"):
        apis.update_domain_name(DomainName="four.tandem.test", DomainNameConfigurations=[{"CertificateArn": pending}])


def _ask(aws: Running, region: str, name: str, host: str) -> tuple[int, str]:
    """Ask a Region over TLS for `host`, expecting the certificate of `name`."""
    tls = aws.state()["tls"]
    context = ssl.create_default_context(cadata=tls["authority"])
    connection = http.client.HTTPSConnection(name, timeout=30, context=context)
    plain = socket.create_connection((ADDRESSES[region], tls["ports"][region]), 30)
    connection.sock = context.wrap_socket(plain, server_hostname=name)
    connection.request("GET", "/", headers={"host": host})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


@pytest.mark.parametrize("region", ADDRESSES)
def test_a_custom_domain_shows_its_certificate_and_answers_by_the_region_that_was_asked(
    aws: Running, names: dict[str, str], region: str
) -> None:
    assert names[region].startswith("d-")
    assert _ask(aws, region, DOMAIN, DOMAIN) == (200, f"{region} {DOMAIN}")


def test_a_host_that_no_api_has_is_forbidden_over_tls_too(aws: Running, names: dict[str, str]) -> None:
    assert names
    assert _ask(aws, EAST, DOMAIN, "api.stranger.net")[0] == 403


def test_a_name_without_a_certificate_is_shown_one_that_its_client_refuses(aws: Running, names: dict[str, str]) -> None:
    assert names
    with pytest.raises(ssl.SSLCertVerificationError):
        _ask(aws, EAST, "api.stranger.net", "api.stranger.net")


def test_a_regions_own_names_have_a_certificate_of_the_same_authority(aws: Running, names: dict[str, str]) -> None:
    assert names
    api = urlsplit(aws.client("apigatewayv2").get_apis()["Items"][0]["ApiEndpoint"]).netloc.partition(".")[0]
    host = f"{api}.execute-api.{EAST}.amazonaws.com"
    assert _ask(aws, EAST, host, host) == (200, f"{EAST} {host}")


ASKS = """
import http.client, socket, ssl
def handler(event, context):
    plain = socket.create_connection((event["target"], 443), 10)
    connection = http.client.HTTPSConnection(event["name"], timeout=10)
    connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=event["name"])
    connection.request("GET", "/")
    answer = connection.getresponse()
    return [answer.status, answer.read().decode()]
"""


@pytest.mark.parametrize("region", ADDRESSES)
def test_a_function_reaches_a_regions_target_by_its_own_name_and_trusts_its_certificate(
    aws: Running, names: dict[str, str], region: str
) -> None:
    ask = aws.function(EAST, f"asks-{region}", ASKS)
    assert ask({"name": DOMAIN, "target": names[region]}) == [200, f"{region} {DOMAIN}"]


def test_a_lost_region_speaks_no_tls_and_speaks_it_again_at_the_same_port(aws: Running, names: dict[str, str]) -> None:
    assert names
    port = aws.state()["tls"]["ports"][WEST]
    aws.control(f"regions/{WEST}/lose")
    with pytest.raises(OSError):  # noqa: PT011 - whichever way the connection fails
        socket.create_connection((ADDRESSES[WEST], port), 5)
    aws.control(f"regions/{WEST}/restore")
    assert aws.state()["tls"]["ports"][WEST] == port
    assert _ask(aws, WEST, DOMAIN, DOMAIN)[0] == 200
