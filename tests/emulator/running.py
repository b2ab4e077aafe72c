"""A running embedded AWS for tests. It is started as users start it, and reached as clients reach it."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
import textwrap
import urllib.request
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from contract.ports import free_port
from contract.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["EAST", "WEST", "Running", "embedded_aws", "state_folder", "until"]

ROOT = Path(__file__).resolve().parents[2]
EAST, WEST = "us-east-1", "us-west-2"
ROLE = "function"


def until(condition: Callable[[], Any], *, seconds: float = 60, what: str = "") -> Any:
    """Ask until the answer is true, and return that answer; fail after `seconds`."""
    answer = wait_until(condition, seconds=seconds, pause=0.01)
    assert answer, f"not within {seconds} s: {what or condition}"
    return answer


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Running:
    """One embedded AWS, in a process of its own."""

    def __init__(self, state: Path, *arguments: str) -> None:
        self.port = free_port("")
        self.process = subprocess.Popen(
            [*(sys.executable, "-m", "emulator", "--state-dir", str(state), "--port", str(self.port)), *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            self.stop()
            raise RuntimeError(f"the embedded AWS did not start: {line!r}")
        self.url = line.split()[1]
        self._clients: dict[tuple[str, str], Any] = {}

    def stop(self, *, kill: bool = False) -> int:
        """End it, by SIGTERM or by SIGKILL, and return its exit status."""
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        try:
            return self.process.wait(30)
        finally:
            self.process.kill()  # one that did not end in time would fail the tests that come after this one, too
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()

    def client(self, service: str, region: str = EAST) -> Any:
        """Return a client that neither waits nor tries again, made once, because that takes longer than a call."""
        if (service, region) not in self._clients:
            self._clients[service, region] = boto3.client(  # type: ignore[call-overload]
                service,
                endpoint_url=self.url,
                region_name=region,
                aws_access_key_id="test",
                aws_secret_access_key="test",  # noqa: S106 - loopback only
                config=Config(retries={"max_attempts": 0}, read_timeout=30),
            )
        return self._clients[service, region]

    def control(self, path: str) -> None:
        """Have the embedded AWS inject a fault, or end one."""
        request = urllib.request.Request(f"{self.url}/_emulator/{path}", method="POST")  # noqa: S310 - loopback
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 - loopback

    def state(self) -> dict[str, Any]:
        """Return what it tells of itself."""
        with urllib.request.urlopen(f"{self.url}/_emulator/state", timeout=10) as answer:  # noqa: S310 - loopback
            found: dict[str, Any] = json.load(answer)
        return found

    def table(self, name: str, *regions: str) -> None:
        """Make a table with a stream, and its replicas."""
        first, *others = regions
        client = self.client("dynamodb", first)
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        for region in others:
            client.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": region}}])

    def put(self, region: str, table: str, key: str, value: str = "") -> None:
        """Write an item."""
        self.client("dynamodb", region).put_item(TableName=table, Item={"id": {"S": key}, "value": {"S": value}})

    def get(self, region: str, table: str, key: str) -> str | None:
        """An item's value, if the Region has it."""
        found = self.client("dynamodb", region).get_item(TableName=table, Key={"id": {"S": key}}, ConsistentRead=True)
        return str(found["Item"]["value"]["S"]) if "Item" in found else None

    def function(self, region: str, name: str, code: str, **environment: str) -> Any:
        """Make a function whose handler is `handler`; returns a callable that invokes it."""
        self._create_function(
            region,
            name,
            runtime="python3.13",
            file="index.py",
            code=textwrap.dedent(code),
            environment=environment,
        )
        client = self.client("lambda", region)
        return lambda event=None: json.load(
            client.invoke(FunctionName=name, Payload=json.dumps(event or {}).encode())["Payload"]
        )

    def node_function(self, region: str, name: str, code: str) -> None:
        """Make a function that Node runs."""
        self._create_function(region, name, runtime="nodejs22.x", file="index.js", code=code, environment={})

    def _role(self) -> str:
        """A role that functions may do anything as, made once."""
        iam = self.client("iam")
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        anything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=_policy(trust))
            iam.put_role_policy(RoleName=ROLE, PolicyName="anything", PolicyDocument=_policy(anything))
        return f"arn:aws:iam::000000000000:role/{ROLE}"

    def _create_function(
        self, region: str, name: str, *, runtime: str, file: str, code: str, environment: dict[str, str]
    ) -> None:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as written:
            written.writestr(file, code)
        self.client("lambda", region).create_function(
            FunctionName=name,
            Runtime=runtime,
            Handler="index.handler",
            Role=self._role(),
            Code={"ZipFile": archive.getvalue()},
            Environment={"Variables": environment},
            Timeout=30,
        )

    def deliver(self, region: str, table: str, function: str, **options: Any) -> None:
        """Have a table's stream delivered to a function, from its start."""
        stream = self.client("dynamodb", region).describe_table(TableName=table)["Table"]["LatestStreamArn"]
        self.client("lambda", region).create_event_source_mapping(
            EventSourceArn=stream, FunctionName=function, StartingPosition="TRIM_HORIZON", **options
        )


def state_folder(name: str) -> Path:
    """A folder below build/, which the databases' user can enter; pytest's own are closed to it."""
    return ROOT / "build" / "tests" / "embedded-aws" / name


@contextmanager
def embedded_aws(name: str, *arguments: str) -> Iterator[Running]:
    """Yield an embedded AWS that runs as long as the context."""
    aws = Running(state_folder(name), *arguments)
    try:
        yield aws
    finally:
        aws.stop()
