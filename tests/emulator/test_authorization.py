"""Who is let in and who is not: at an API, at AWS's own APIs, and at a database, by a running embedded AWS."""

from __future__ import annotations

import datetime as dt
import http.client
import io
import json
import ssl
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import quote

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

import boto3
import pg8000.native
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from contract.ports import free_port
from emulator.iam import authorized_resources

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
REGION = "us-east-1"
OPERATOR = Credentials("test", "test")
TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/allowed"
ECHO = "import json\ndef handler(event, context):\n    return {'statusCode': 200, 'body': json.dumps(event)}\n"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com", "AWS": "arn:aws:iam::000000000000:root"},
            "Action": "sts:AssumeRole",
        }
    ],
}


class Aws:
    """A running embedded AWS with an API of an open and a closed route, two tables and a database."""

    def __init__(self, url: str, state: Path) -> None:
        self.url, self.state = url, state
        self.host = url.removeprefix("http://")
        self.api = ""
        self.cluster: dict[str, Any] = {}

    def client(self, service: str, credentials: Credentials = OPERATOR) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.token,
        )

    def role(self, name: str, *statements: dict[str, Any]) -> str:
        """Make a role that may do what the statements say, and return its ARN."""
        iam = self.client("iam")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        if statements:
            policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
            iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy)
        return str(arn)

    def assume(self, arn: str) -> Credentials:
        given = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def send(self, request: AWSRequest, *, body: bytes | None = None, path: str = "") -> tuple[int, Any]:
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            headers = dict(request.headers.items())
            wire = request.data if body is None else body
            connection.request(str(request.method), path or str(request.url).removeprefix(self.url), wire, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def request(self, path: str, method: str = "POST", body: bytes = b'{"amount": 1}') -> AWSRequest:
        url = f"{self.url}/_aws/execute-api/{self.api}/$default{path}"
        return AWSRequest(method=method, url=url, data=body, headers={"content-type": "application/json"})

    def signed(
        self,
        credentials: Credentials = OPERATOR,
        *,
        path: str = "/closed",
        service: str = "execute-api",
        region: str = REGION,
        ago: dt.timedelta = dt.timedelta(),
    ) -> AWSRequest:
        request = self.request(path)
        at = dt.datetime.now(dt.UTC) - ago
        with mock.patch("botocore.auth.get_current_datetime", return_value=at.replace(tzinfo=None)):
            SigV4Auth(credentials, service, region).add_auth(request)
        return request

    def log_in(self, token: str, user: str = "app") -> Any:
        context = ssl.create_default_context(cafile=str(self.state / "databases" / "ca.pem"))
        return pg8000.native.Connection(
            user,
            host=self.cluster["Endpoint"],
            port=self.cluster["Port"],
            database="ledger",
            password=token,
            ssl_context=context,
            timeout=10,
        )

    def token(self, credentials: Credentials, user: str = "app", **other: Any) -> str:
        where = {"DBHostname": self.cluster["Endpoint"], "Port": self.cluster["Port"], **other}
        token: str = self.client("rds", credentials).generate_db_auth_token(DBUsername=user, **where)
        return token


def build(aws: Aws) -> None:
    """An echo function behind two routes, two tables, a cluster with a user who logs in with IAM."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("echo.py", ECHO)
    function = aws.client("lambda").create_function(
        FunctionName="echo",
        Runtime="python3.12",
        Role=aws.role("echo"),
        Handler="echo.handler",
        Code={"ZipFile": code.getvalue()},
    )
    apis = aws.client("apigatewayv2")
    aws.api = apis.create_api(Name="api", ProtocolType="HTTP")["ApiId"]
    integration = apis.create_integration(
        ApiId=aws.api,
        IntegrationType="AWS_PROXY",
        IntegrationUri=function["FunctionArn"],
        PayloadFormatVersion="2.0",
    )["IntegrationId"]
    for path, authorization in (("/closed", "AWS_IAM"), ("/closed/{id}", "AWS_IAM"), ("/open", "NONE")):
        apis.create_route(
            ApiId=aws.api,
            RouteKey=f"POST {path}",
            Target=f"integrations/{integration}",
            AuthorizationType=authorization,
        )
    apis.create_stage(ApiId=aws.api, StageName="$default", AutoDeploy=True)
    for name in ("allowed", "other"):
        aws.client("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    databases = aws.client("rds")
    databases.create_db_cluster(
        DBClusterIdentifier="ledger",
        Engine="aurora-postgresql",
        MasterUsername="owner",
        MasterUserPassword="a-password",
        DatabaseName="ledger",
        EnableIAMDatabaseAuthentication=True,
    )
    databases.create_db_instance(
        DBInstanceIdentifier="writer",
        DBClusterIdentifier="ledger",
        DBInstanceClass="db.serverless",
        Engine="aurora-postgresql",
    )
    aws.cluster = databases.describe_db_clusters(DBClusterIdentifier="ledger")["DBClusters"][0]
    with aws.log_in("a-password", "owner") as owner:
        owner.run("CREATE ROLE app LOGIN")
        owner.run("GRANT rds_iam TO app")


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    port = free_port()
    # below build/, which the databases' user can reach
    state = ROOT / "build" / "tests" / "authorization" / "emulator"
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator", "--state-dir", str(state), "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("ready "), line
        running = Aws(line.split()[1], state)
        build(running)
        yield running
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


FORBIDDEN = (403, {"message": "Forbidden"})


def test_a_signed_request_reaches_the_function_with_its_caller(aws: Aws) -> None:
    status, event = aws.send(aws.signed())
    assert status == 200
    caller = event["requestContext"]["authorizer"]["iam"]
    assert caller["accountId"] == "000000000000"
    assert caller["userArn"] == "arn:aws:iam::000000000000:root"
    assert caller["accessKey"] == "test"
    assert caller["userId"] == caller["callerId"] == "000000000000"


def test_a_role_that_may_invoke_reaches_the_function_as_itself(aws: Aws) -> None:
    resource = f"arn:aws:execute-api:us-east-1:000000000000:{aws.api}/$default/POST/closed"
    arn = aws.role("caller", {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource})
    status, event = aws.send(aws.signed(aws.assume(arn)))
    assert status == 200
    caller = event["requestContext"]["authorizer"]["iam"]
    assert caller["userArn"] == "arn:aws:sts::000000000000:assumed-role/caller/test"
    role = aws.client("iam").get_role(RoleName="caller")["Role"]
    assert caller["userId"] == f"{role['RoleId']}:test"
    assert aws.send(aws.signed(aws.assume(arn), path="/closed/1")) == FORBIDDEN


def test_a_role_that_may_not_invoke_is_refused(aws: Aws) -> None:
    assert aws.send(aws.signed(aws.assume(aws.role("stranger")))) == FORBIDDEN


def test_a_session_key_without_its_token_is_refused(aws: Aws) -> None:
    given = aws.assume(aws.role("forgetful", {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}))
    assert aws.send(aws.signed(given))[0] == 200
    assert aws.send(aws.signed(Credentials(given.access_key, given.secret_key))) == FORBIDDEN
    assert aws.send(aws.signed(Credentials(given.access_key, given.secret_key, "another"))) == FORBIDDEN


def test_an_open_route_asks_for_no_signature(aws: Aws) -> None:
    assert aws.send(aws.request("/open"))[0] == 200


def test_a_route_that_does_not_exist_is_not_found(aws: Aws) -> None:
    assert aws.send(aws.request("/nowhere"))[0] == 404


@pytest.mark.parametrize("header", [None, "", "Bearer test", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=test"])
def test_a_request_without_a_signature_is_refused(aws: Aws, header: str | None) -> None:
    request = aws.request("/closed")
    if header is not None:
        request.headers["Authorization"] = header
    assert aws.send(request) == FORBIDDEN


def test_a_signature_for_another_region_is_refused(aws: Aws) -> None:
    assert aws.send(aws.signed(region="us-west-2")) == FORBIDDEN


def test_a_signature_for_another_service_is_refused(aws: Aws) -> None:
    assert aws.send(aws.signed(service="dynamodb")) == FORBIDDEN


@pytest.mark.parametrize("minutes", [6, -6])
def test_a_signature_further_than_five_minutes_from_now_is_refused(aws: Aws, minutes: int) -> None:
    assert aws.send(aws.signed(ago=dt.timedelta(minutes=minutes))) == FORBIDDEN


def test_a_signature_of_some_minutes_ago_is_accepted(aws: Aws) -> None:
    assert aws.send(aws.signed(ago=dt.timedelta(minutes=4)))[0] == 200


@pytest.mark.parametrize("key", ["AKIAUNKNOWNUNKNOWN00", "ASIAUNKNOWNUNKNOWN00", "tes"])
def test_an_unknown_access_key_is_refused(aws: Aws, key: str) -> None:
    assert aws.send(aws.signed(Credentials(key, "test"))) == FORBIDDEN


def test_a_caller_of_another_account_does_not_find_the_api(aws: Aws) -> None:
    assert aws.send(aws.signed(Credentials("111111111111", "test")))[0] == 404


def test_a_wrong_secret_is_refused(aws: Aws) -> None:
    assert aws.send(aws.signed(Credentials("test", "guessed"))) == FORBIDDEN


def test_what_was_changed_after_it_was_signed_is_refused(aws: Aws) -> None:
    signed = aws.signed()
    assert aws.send(signed, body=b'{"amount": 2}') == FORBIDDEN
    assert aws.send(signed, path=f"/_aws/execute-api/{aws.api}/$default/closed/1") == FORBIDDEN
    assert aws.send(signed, path=f"/_aws/execute-api/{aws.api}/$default/closed?a=1") == FORBIDDEN
    signed.headers.replace_header("X-Amz-Date", "20260101T000000Z")
    assert aws.send(signed) == FORBIDDEN


def test_a_body_other_than_the_hash_that_was_signed_is_refused(aws: Aws) -> None:
    request = aws.request("/closed")
    request.headers["X-Amz-Content-SHA256"] = "UNSIGNED-PAYLOAD"
    SigV4Auth(OPERATOR, "execute-api", REGION).add_auth(request)
    assert aws.send(request, body=b"{}") == FORBIDDEN


def refused(aws: Aws, service: str, operation: str, credentials: Credentials, **arguments: Any) -> str:
    with pytest.raises(ClientError) as raised:
        getattr(aws.client(service, credentials), operation)(**arguments)
    return str(raised.value.response["Error"]["Code"])


def test_a_role_does_what_its_policy_says_and_nothing_else(aws: Aws) -> None:
    given = aws.assume(aws.role("writer", {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": TABLE}))
    item = {"pk": {"S": "one"}}
    aws.client("dynamodb", given).put_item(TableName="allowed", Item=item)
    assert refused(aws, "dynamodb", "put_item", given, TableName="other", Item=item) == "AccessDeniedException"
    assert refused(aws, "dynamodb", "get_item", given, TableName="allowed", Key=item) == "AccessDeniedException"
    assert refused(aws, "dynamodb", "delete_table", given, TableName="allowed") == "AccessDeniedException"


def test_the_root_users_signature_is_checked_too(aws: Aws) -> None:
    wrong = Credentials("test", "guessed")
    assert refused(aws, "dynamodb", "list_tables", wrong) == "InvalidSignatureException"
    assert refused(aws, "s3", "list_buckets", wrong) == "SignatureDoesNotMatch"
    number = Credentials("000000000000", "guessed")
    assert refused(aws, "dynamodb", "list_tables", number) == "InvalidSignatureException"


def test_an_unsigned_request_is_nobodys(aws: Aws) -> None:
    headers = {"x-amz-target": "DynamoDB_20120810.ListTables", "content-type": "application/x-amz-json-1.0"}
    status, _ = aws.send(AWSRequest(method="POST", url=f"{aws.url}/", data=b"{}", headers=headers), body=b"{}")
    assert status in {400, 403}


def test_region_switch_asks_who_calls(aws: Aws) -> None:
    assert aws.client("arc-region-switch").list_plans()["plans"] == []
    assert refused(aws, "arc-region-switch", "list_plans", Credentials("test", "guessed")) == "AccessDeniedException"
    given = aws.assume(aws.role("idle"))
    assert refused(aws, "arc-region-switch", "list_plans", given) == "AccessDeniedException"


def user_of(aws: Aws, user: str = "app") -> str:
    return f"arn:aws:rds-db:us-east-1:000000000000:dbuser:{aws.cluster['DbClusterResourceId']}/{user}"


@pytest.fixture(scope="module")
def connecting(aws: Aws) -> Credentials:
    """Credentials of a role that may log in as `app`."""
    return aws.assume(aws.role("connecting", {"Effect": "Allow", "Action": "rds-db:connect", "Resource": user_of(aws)}))


def test_a_token_logs_in(aws: Aws, connecting: Credentials) -> None:
    with aws.log_in(aws.token(connecting)) as connection:
        assert connection.run("SELECT current_user") == [["app"]]


def turned_away(aws: Aws, token: str, user: str = "app") -> bool:
    with pytest.raises(pg8000.native.DatabaseError) as raised:
        aws.log_in(token, user)
    assert raised.value.args[0]["C"] == "28000"
    return bool(raised.value.args[0]["M"] == f'PAM authentication failed for user "{user}"')


def test_what_is_no_token_is_refused(aws: Aws, connecting: Credentials) -> None:
    assert turned_away(aws, "password")
    token = aws.token(connecting)
    flipped = "0" if token[-1] != "0" else "1"
    assert turned_away(aws, token[:-1] + flipped)


def test_a_token_for_another_user_host_port_or_region_is_refused(aws: Aws, connecting: Credentials) -> None:
    assert turned_away(aws, aws.token(connecting, user="owner"))
    assert turned_away(aws, aws.token(connecting, DBHostname="127.0.2.1"))
    assert turned_away(aws, aws.token(connecting, Port=1))
    assert turned_away(aws, aws.token(connecting, Region="us-west-2"))


def test_a_token_expires_after_15_minutes(aws: Aws, connecting: Credentials) -> None:
    def minutes_ago(minutes: int) -> str:
        at = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes)
        with mock.patch("botocore.auth.get_current_datetime", return_value=at.replace(tzinfo=None)):
            return aws.token(connecting)

    aws.log_in(minutes_ago(14)).close()
    assert turned_away(aws, minutes_ago(16))


def test_a_token_of_an_unknown_key_or_a_role_without_the_right_is_refused(aws: Aws) -> None:
    assert turned_away(aws, aws.token(Credentials("AKIAUNKNOWNUNKNOWN00", "test")))
    assert turned_away(aws, aws.token(aws.assume(aws.role("outsider"))))


def test_a_password_still_logs_the_owner_in_and_a_wrong_one_does_not(aws: Aws) -> None:
    aws.log_in("a-password", "owner").close()
    with pytest.raises(pg8000.native.DatabaseError) as raised:
        aws.log_in("another", "owner")
    assert raised.value.args[0]["C"] == "28P01"


def test_a_policy_that_names_a_vault_a_global_cluster_or_a_parameter_holds_for_that_one(aws: Aws) -> None:
    where = "us-east-1:000000000000"
    allowed = {
        "backup:ListRecoveryPointsByBackupVault": f"arn:aws:backup:{where}:backup-vault:ours",
        "rds:DescribeGlobalClusters": "arn:aws:rds::000000000000:global-cluster:ours",
        "ssm:GetParameters": f"arn:aws:ssm:{where}:parameter/ours/*",
    }
    statements = [{"Effect": "Allow", "Action": action, "Resource": on} for action, on in allowed.items()]
    given = aws.assume(aws.role("narrow", *statements))
    aws.client("backup").create_backup_vault(BackupVaultName="ours")
    aws.client("backup", given).list_recovery_points_by_backup_vault(BackupVaultName="ours")
    aws.client("rds").create_global_cluster(GlobalClusterIdentifier="ours", Engine="aurora-postgresql")
    aws.client("rds", given).describe_global_clusters(GlobalClusterIdentifier="ours")
    aws.client("ssm", given).get_parameters(Names=["/ours/one"])
    denied: list[tuple[str, str, dict[str, Any]]] = [
        ("backup", "list_recovery_points_by_backup_vault", {"BackupVaultName": "theirs"}),
        ("rds", "describe_global_clusters", {"GlobalClusterIdentifier": "theirs"}),
        ("ssm", "get_parameters", {"Names": ["/theirs/one"]}),
    ]
    for service, operation, arguments in denied:
        assert refused(aws, service, operation, given, **arguments).startswith("AccessDenied")


def test_what_tags_are_read_of_is_what_the_path_names() -> None:
    vault = "arn:aws:backup:us-east-1:000000000000:backup-vault:tandem"
    path = f"/tags/{quote(vault, safe='')}"
    assert authorized_resources._of_backup(path, "us-east-1", "000000000000") == vault  # noqa: SLF001 - it has no face


def test_a_policy_that_names_a_stream_holds_for_that_one(aws: Aws) -> None:
    streams = {
        name: aws.client("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )["TableDescription"]["LatestStreamArn"]
        for name in ("streamed", "elsewhere")
    }
    statement = {"Effect": "Allow", "Action": "dynamodb:DescribeStream", "Resource": streams["streamed"]}
    given = aws.assume(aws.role("follower", statement))
    aws.client("dynamodbstreams", given).describe_stream(StreamArn=streams["streamed"])
    denied = refused(aws, "dynamodbstreams", "describe_stream", given, StreamArn=streams["elsewhere"])
    assert denied == "AccessDeniedException"


def test_parameters_that_are_read_by_path_are_those_below_it() -> None:
    of = authorized_resources._of_parameters  # noqa: SLF001 - it has no face
    below = "arn:aws:ssm:us-east-1:000000000000:parameter/tandem/prod"
    assert of(b'{"Path": "/tandem/prod/", "Recursive": true}', "us-east-1", "000000000000") == below
    assert of(b'{"Path": "/"}', "us-east-1", "000000000000") == "*"
