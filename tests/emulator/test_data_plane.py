"""The embedded AWS as a process: a Region is lost, its health check fails, and DNS answers with the other one."""

from __future__ import annotations

import json
import socket
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

import boto3
import dns.message

from tests.emulator.running import embedded_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

SCALE = 0.05
INTERVAL, THRESHOLD = 10, 3
NAME = "api.tandem.test"


class Aws:
    """Talks to a running embedded AWS."""

    def __init__(self, url: str) -> None:
        self.url, self.port = url, int(url.rsplit(":", 1)[1])
        self.route53: Any = boto3.client(
            "route53",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the root user's there
        )

    def control(self, path: str) -> None:
        request = urllib.request.Request(f"{self.url}/_emulator/{path}", method="POST")  # noqa: S310 - loopback
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 - loopback

    def state(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/_emulator/state", timeout=10) as answer:  # noqa: S310 - loopback
            found: dict[str, Any] = json.load(answer)
        return found

    def packet(self, data: bytes, *, seconds: float = 5) -> bytes:
        with socket.socket(type=socket.SOCK_DGRAM) as asking:
            asking.settimeout(seconds)
            asking.sendto(data, ("127.0.0.1", self.port))
            return asking.recv(4096)

    def address(self) -> str:
        answer = dns.message.from_wire(self.packet(dns.message.make_query(NAME, "A").to_wire()))
        return str(answer.answer[-1][0].to_text())

    def until(self, address: str, *, seconds: float) -> float:
        """Ask until the answer is `address`; return how long it took, and fail after `seconds`."""
        began = time.monotonic()
        while self.address() != address:
            assert time.monotonic() - began < seconds, f"{NAME} is not {address} after {seconds} s: {self.state()}"
            time.sleep(0.01)
        return time.monotonic() - began


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with embedded_aws("data-plane", "--routing-time-scale", str(SCALE)) as running:
        yield Aws(running.url)


def check(aws: Aws, number: int, **config: Any) -> str:
    made = aws.route53.create_health_check(CallerReference=f"check-{number}", HealthCheckConfig=config)
    return str(made["HealthCheck"]["Id"])


@pytest.fixture(scope="module")
def zone(aws: Aws) -> None:
    zone_id = aws.route53.create_hosted_zone(Name="tandem.test", CallerReference="zone")["HostedZone"]["Id"]
    changes = []
    for number, (role, region) in enumerate((("PRIMARY", "us-east-1"), ("SECONDARY", "us-west-2"))):
        # any host of a Region is served at the Region's address, where MiniStack answers this path
        check_id = check(
            aws,
            number,
            Type="HTTPS",
            FullyQualifiedDomainName=f"lambda.{region}.amazonaws.com",
            Port=443,
            ResourcePath="/_ministack/health",
            RequestInterval=INTERVAL,
            FailureThreshold=THRESHOLD,
        )
        if role == "PRIMARY":
            check_id = check(aws, 2, Type="CALCULATED", HealthThreshold=1, ChildHealthChecks=[check_id])
        record = {
            "Name": NAME,
            "Type": "CNAME",
            "TTL": 30,
            "SetIdentifier": region,
            "Failover": role,
            "HealthCheckId": check_id,
            "ResourceRecords": [{"Value": f"abcd123{number}.execute-api.{region}.amazonaws.com"}],
        }
        changes.append({"Action": "CREATE", "ResourceRecordSet": record})
    aws.route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})


@pytest.mark.usefixtures("zone")
def test_the_answer_changes_within_interval_times_threshold_of_the_loss_and_back(aws: Aws) -> None:
    bound = INTERVAL * SCALE * THRESHOLD
    aws.until("127.0.1.1", seconds=60)
    aws.control("regions/us-east-1/lose")
    took = aws.until("127.0.2.1", seconds=60)
    assert bound - INTERVAL * SCALE - 0.2 <= took, "fewer failures than the threshold"
    assert took <= bound + 2, "a busy machine gets two seconds more"
    aws.control("regions/us-west-2/lose")
    aws.until("127.0.1.1", seconds=60)  # neither is healthy: the primary
    aws.control("regions/us-west-2/restore")
    aws.until("127.0.2.1", seconds=60)
    aws.control("regions/us-east-1/restore")
    aws.until("127.0.1.1", seconds=60)


@pytest.mark.usefixtures("zone")
def test_a_malformed_packet_does_not_stop_the_answers(aws: Aws) -> None:
    for packet in (b"\x00", b"\xff" * 600):
        with pytest.raises(TimeoutError):
            aws.packet(packet, seconds=0.3)
    assert aws.address() == "127.0.1.1"


@pytest.mark.usefixtures("zone")
def test_the_state_tells_every_check_and_the_scale(aws: Aws) -> None:
    state = aws.state()
    assert state["routing_time_scale"] == SCALE
    assert state["dns"] == {"address": "127.0.0.1", "port": aws.port}
    intervals = [each["interval_seconds"] for each in state["health_checks"].values() if each["type"] == "HTTPS"]
    assert intervals == [INTERVAL * SCALE] * 2
