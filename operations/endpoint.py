"""Where AWS is: the real one, or an embedded one behind a single URL; and requests signed for one Region's API."""

from __future__ import annotations

import os
import re
import threading
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from operations.answers import credentials_error, watch
from operations.errors import CredentialsError, WrongInputError
from operations.http_client import HttpClient
from operations.loopback import is_loopback

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from mypy_boto3_arc_region_switch import ARCRegionswitchClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_rds_data import RDSDataServiceClient
    from mypy_boto3_ssm import SSMClient

EXECUTE_API = re.compile(r"https?://(?P<api>[a-z0-9]+)\.execute-api\.[^/]+(?P<path>/.*)?")
PATIENCE_SECONDS = 60
"""How long an answer may take; a failover's calls return at once, a Data API statement or a sweep may not."""
IMPATIENCE_SECONDS = 5
"""How long an answer may take when parameters are read, which shows whether a Region answers at all."""
EMBEDDED_CREDENTIALS = "TANDEM_EMBEDDED_CREDENTIALS"
"""The variable with key, secret and token of a session in an embedded AWS: what a role may do is tried by it."""
LONG_SECONDS = 930
"""How long a function that runs for minutes may take: more than the 900 s that Lambda lets any function run."""


class Endpoint:
    """Clients of one AWS, made once per service and Region.

    `url` is the endpoint of an embedded AWS, or None for the real one. An embedded AWS on loopback gets fixed
    credentials, so that a drill can never sign with the operator's own, and is asked past any proxy. `embedded` says
    whether this is one. Clients raise CredentialsError when AWS refuses the credentials, or there are none.
    """

    def __init__(self, url: str | None = None, *, timeout_seconds: float = PATIENCE_SECONDS) -> None:
        """Take the endpoint URL, or None for AWS; raises WrongInputError when it is not an http(s) URL.

        A call fails after `timeout_seconds` without an answer.
        """
        self._timeout = timeout_seconds
        if url is not None:
            if not _is_http(url):
                raise WrongInputError(f"--endpoint-url {url!r} is not a URL: give one like http://127.0.0.1:4566")
            url = url.rstrip("/")
        self.url = url
        self.embedded = url is not None and is_loopback(url)
        try:
            self._session = _isolated_session() if self.embedded else boto3.Session()
        except BotoCoreError as error:  # an unknown profile, a configuration file that is none
            raise credentials_error(error) from error
        watch(self._session)
        self._clients: dict[tuple[str, str, float, int], Any] = {}
        self._lock = threading.Lock()

    def _client(self, service: str, region: str, *, seconds: float | None = None, attempts: int = 2) -> Any:
        seconds = seconds or self._timeout
        with self._lock:
            key = (service, region, seconds, attempts)
            if key not in self._clients:
                try:
                    self._clients[key] = self._session.client(
                        service,  # type: ignore[call-overload]
                        region_name=region,
                        endpoint_url=self.url,
                        config=Config(
                            connect_timeout=2,
                            read_timeout=seconds,
                            retries={"total_max_attempts": attempts},
                            tcp_keepalive=True,
                            proxies={} if self.embedded else None,  # None: those of the environment
                        ),
                    )
                except (BotoCoreError, ClientError, ValueError) as error:  # ValueError: a configured endpoint is no URL
                    raise credentials_error(error) from error
            return self._clients[key]

    def dynamodb(self, region: str) -> DynamoDBClient:
        """Return the DynamoDB client of a Region."""
        client: DynamoDBClient = self._client("dynamodb", region)
        return client

    def functions(self, region: str) -> LambdaClient:
        """Return the Lambda client of a Region."""
        client: LambdaClient = self._client("lambda", region)
        return client

    def long_functions(self, region: str) -> LambdaClient:
        """Return a Lambda client that waits for a function as long as one may run, and never calls it a second time.

        A client that gives up sooner tries again while the first invocation still runs: the two work side by side.
        """
        client: LambdaClient = self._client("lambda", region, seconds=LONG_SECONDS, attempts=1)
        return client

    def rds(self, region: str) -> RDSClient:
        """Return the RDS client of a Region."""
        client: RDSClient = self._client("rds", region)
        return client

    def data_api(self, region: str) -> RDSDataServiceClient:
        """Return the RDS Data API client of a Region."""
        client: RDSDataServiceClient = self._client("rds-data", region)
        return client

    def parameters(self, region: str) -> SSMClient:
        """Return the Systems Manager client of a Region."""
        client: SSMClient = self._client("ssm", region, seconds=IMPATIENCE_SECONDS)
        return client

    def region_switch(self, region: str) -> ARCRegionswitchClient:
        """Return the ARC Region switch client whose data plane is in `region`: the one being activated."""
        client: ARCRegionswitchClient = self._client("arc-region-switch", region)
        return client

    def cloudwatch(self, region: str) -> CloudWatchClient:
        """Return the CloudWatch client of a Region."""
        client: CloudWatchClient = self._client("cloudwatch", region)
        return client

    def client(self, service: str, region: str) -> Any:
        """Return the client of a Region for a service that is asked in one place only."""
        return self._client(service, region)

    def backup(self, region: str) -> Any:
        """Return the AWS Backup client of a Region."""
        return self._client("backup", region)

    def buckets(self, region: str) -> Any:
        """Return the S3 client of a Region."""
        return self._client("s3", region)

    def stacks(self, region: str) -> Any:
        """Return the CloudFormation client of a Region."""
        return self._client("cloudformation", region)

    def cloud_control(self, region: str) -> Any:
        """Return the Cloud Control client of a Region."""
        return self._client("cloudcontrol", region)

    def reachable(self, api_url: str) -> str:
        """Return where an API's URL answers: itself on AWS, the path form at the endpoint in an embedded AWS."""
        match = EXECUTE_API.fullmatch(api_url)
        if not self.embedded or match is None:
            return api_url
        path = (match["path"] or "").rstrip("/")
        stage = "" if path.startswith("/$default") else "/$default"
        return f"{self.url}/_aws/execute-api/{match['api']}{stage}{path}"

    def credentials(self) -> Credentials:
        """Return the credentials to sign with; raises CredentialsError when there are none that can be used."""
        try:
            credentials = self._session.get_credentials()
            if credentials is not None:
                credentials.get_frozen_credentials()  # fetches those that a role, SSO or a process gives
        except (BotoCoreError, ClientError, OSError, ValueError, KeyError) as error:
            raise credentials_error(error) from error
        if credentials is None:
            raise CredentialsError("there are no AWS credentials: set AWS_PROFILE or the AWS_* variables")
        return credentials


def _isolated_session() -> boto3.Session:
    """Return a session that reads no profile and no file of the operator, however broken they are.

    It signs as the embedded AWS's root user, or by the credentials of a role there that EMBEDDED_CREDENTIALS names.
    Raises WrongInputError when that variable holds something else.
    """
    key, secret, token = _embedded_credentials()
    nothing = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    return boto3.Session(
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        botocore_session=botocore.session.Session(session_vars=nothing),
    )


def _embedded_credentials() -> tuple[str, str, str | None]:
    given = os.environ.get(EMBEDDED_CREDENTIALS)
    if not given:
        return "test", "test", None
    parts = given.split(" ")
    if len(parts) != 3:  # noqa: PLR2004 - key, secret and token
        raise WrongInputError(f"{EMBEDDED_CREDENTIALS} has {len(parts)} words: give a session's key, secret and token")
    return parts[0], parts[1], parts[2]


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # an address or a port that cannot be one
        return False


class ApiClient:
    """Signed requests to the HTTP API of each Region. One per thread: it keeps connections."""

    def __init__(self, endpoint: Endpoint, urls: dict[str, str], *, timeout_seconds: float = 3) -> None:
        """Take the API's URL of each Region; a request fails with OSError after `timeout_seconds` without an answer."""
        self._urls = {region: endpoint.reachable(url) for region, url in urls.items()}
        self._credentials = endpoint.credentials()
        self._timeout = timeout_seconds
        self._clients: dict[str, HttpClient] = {}

    def request(
        self, region: str, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Send one request and return status and body; raises OSError when nothing answers."""
        url = self._urls[region] + path
        request = AWSRequest(method=method, url=url, data=body, headers=headers or {})
        SigV4Auth(self._credentials, "execute-api", region).add_auth(request)
        parts = urlsplit(url)
        if region not in self._clients:
            self._clients[region] = HttpClient(
                parts.scheme, str(parts.hostname), parts.port, timeout_seconds=self._timeout
            )
        return self._clients[region].request(method, parts.path, body=body, headers=dict(request.headers.items()))

    def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def __enter__(self) -> Self:
        """Use it as a context manager that closes the connections."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()
